/* What a change comes to: parameter by parameter, and what has to be told about it. */

#ifndef QQ_DIFFERENCE_H
#define QQ_DIFFERENCE_H

#include <skalibs/stralloc.h>
#include <qq/control.h>
#include <qq/settings.h>

/* The parameters in which settings differ. */
typedef struct qq_difference {
  qq_settings const *before, *after;
  int are_templates;            /* of two templates each may leave alone what the other mentions; else before is everything that is there */
  genalloc names;               /* of char const *, which belong to the settings */
} qq_difference;

void qq_difference_find(qq_difference *, qq_settings const *before, qq_settings const *after, int are_templates);
void qq_difference_free(qq_difference *);
size_t qq_difference_count(qq_difference const *);

/* Appends a paragraph for each parameter: its name, when the change is seen, and old and new lines. */
void qq_difference_text(qq_difference const *, stralloc *out);

/* Appends an object for each, with its name, before, after (null: no file) and effect. */
void qq_difference_json(qq_difference const *, stralloc *out);

/* Appends, for each thing that has to be done for the changes to be seen, a line with it and the parameters. */
void qq_difference_effects(qq_difference const *, stralloc *out);

/* The greatest of the effects on qmail-send: QQ_EFFECT_RESTART, QQ_EFFECT_HUP, or QQ_EFFECT_UNKNOWN for none. */
qq_effect qq_difference_demands(qq_difference const *);

#endif
