/* What the programs for control files share: the home that the options name, its store, the live files. */

#ifndef QQ_PLACE_H
#define QQ_PLACE_H

#include <qq/options.h>
#include <qq/settings.h>
#include <qq/store.h>

#define QQ_OPTIONS_HOME \
  QQ_HEADING(N_("Which qmail")), \
  QQ_OPTION_HOME(N_("qmail's home; the control files are in DIR/control")), \
  QQ_OPTION_QUEUE(N_("a queue; its parent is the home"))

typedef struct qq_place {
  stralloc home, control;       /* paths, NUL-terminated */
  char const *shipped;          /* the directory of shipped templates */
  qq_store store;
  qq_settings live;             /* after qq_place_load */
} qq_place;

/* For programs that read. A change that was interrupted is ended first, if we may; else there is a warning. Ends the program if there is no control/. */
void qq_place_open(qq_place *);

/* For programs that change something: with the lock, or the end of the program. */
void qq_place_open_to_change(qq_place *);

/* Reads the live files; of opaque ones only those that whole mentions (it may be null). */
void qq_place_load(qq_place *, qq_settings const *whole);

/* Reads a template, or ends the program with 100: there is none of that name. Returns whether it is a shipped one. */
int qq_place_template(qq_place const *, char const *name, qq_settings *);

/* The one operand of the program, which is what; ends it with 100 if there is none or another. */
char const *qq_place_operand(char const *what);

#endif
