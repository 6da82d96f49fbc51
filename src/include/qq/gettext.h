/* Sentences for people pass through _(); ids, JSON and what scripts parse never do. N_() marks a sentence in a table. */

#ifndef QQ_GETTEXT_H
#define QQ_GETTEXT_H

#include <libintl.h>

#define _(s) gettext(s)
#define N_(s) s

#endif
