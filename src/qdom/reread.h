/* What qmail-send has to be told of a change of domains. */

#ifndef QQ_DOM_REREAD_H
#define QQ_DOM_REREAD_H

/* To be called once control/virtualdomains is written, and before assignments are dropped that a domain had: qmail-send goes on with what it has read until it
   gets a HUP. Says on standard output that it is to be sent one. */
void qq_dom_reread(void);

#endif
