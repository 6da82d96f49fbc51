/* What qmail-send has to be told of a change of domains. */

#ifndef QQ_DOM_REREAD_H
#define QQ_DOM_REREAD_H

#include "place.h"

/* To be called once control/virtualdomains is written, and before assignments are dropped that a domain had: qmail-send goes on with what it has read until it
   gets a HUP. Has it sent one by what supervises it, and says so on standard output. Where there is no queue it says that one is to be sent. Returns 1; or 0 after a
   warning: qmail-send may run, and could not be told. */
int qq_dom_reread(qq_dom_place const *);

#endif
