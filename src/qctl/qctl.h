/* What the programs for control files share. */

#ifndef QQ_QCTL_H
#define QQ_QCTL_H

#include <skalibs/stralloc.h>
#include <qq/control.h>
#include <qq/finding.h>
#include <qq/options.h>
#include <qq/settings.h>
#include <qq/store.h>

/* What the programs for control files share: the home that the options name, its store, the live
   files. */

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

/* For programs that read. A change that was interrupted is ended first, if we may; else there is a
   warning. Ends the program if there is no control/. */
void qq_place_open(qq_place *);

/* For programs that change something: with the lock, or the end of the program. */
void qq_place_open_to_change(qq_place *);

/* Reads the live files; of opaque ones only those that whole mentions (it may be null). */
void qq_place_load(qq_place *, qq_settings const *whole);

/* Reads a template, or ends the program with 100: there is none of that name. Returns whether it is
   a shipped one. */
int qq_place_template(qq_place const *, char const *name, qq_settings *);

/* The one operand of the program, which is what; ends it with 100 if there is none or another. */
char const *qq_place_operand(char const *what);

/* A change of control files: what it comes to, whether it is valid, and that it is made. */

/* These go through a difference that was begun, and leave it as it is.

   Appends a paragraph for each file: its name, when the change is seen, and old and new lines. */
void qq_difference_text(qq_difference const *, stralloc *out);

/* Appends an object for each, with its name, before, after (null: no file) and effect. */
void qq_difference_json(qq_difference const *, stralloc *out);

/* Appends, for each thing that has to be done for the changes to be seen, a line with it and the
   files. */
void qq_difference_effects(qq_difference const *, stralloc *out);

/* The greatest of the effects on qmail-send: QQ_EFFECT_RESTART, QQ_EFFECT_HUP, or
   QQ_EFFECT_UNKNOWN for none. */
qq_effect qq_difference_demands(qq_difference const *);

/* Reports what is amiss with the files that changes mention, and, because of them, with all of them
   and the live files together. */
void qq_report_valid(qq_findings const *, qq_settings const *live, qq_settings const *changes);

/* For qq_finding_output: findings about the files that changes mention. */
int qq_is_about(void const *changes, qq_finding const *);

/* Checks what changes would make of the live files, each that differs, and what is amiss with all
   of them together because of that. Tells errors and warnings on standard error, all of them, and
   ends the program with 100 if there are errors. */
void qq_demand_valid(qq_settings const *live, qq_settings const *changes);

/* Makes the live files what changes says, and tells what has to be done for it to be seen.
   in_force: the template that is in force then; null: the one that is. dry_run: only shows it.
   act: has it done. Ends the program if it cannot. */
void qq_act_change(qq_place *, qq_settings const *changes, char const *what, char const *in_force,
  int dry_run, int act);

/* The same for a template, which is validated first. */
void qq_act_apply(qq_place *, char const *name, qq_settings const *, int dry_run, int act);

/* Shows in which files they differ. */
void qq_act_show(qq_settings const *before, qq_settings const *after);

/* Tells what has to be done and has it done, if act says so. Ends the program with 111 if that
   fails. */
void qq_act_effects(qq_place const *, qq_difference const *, int act);

/* Ends the program with 111 and why if r is negative. */
void qq_demand_done(int r, stralloc const *why);

/* Sets name to the template in force, empty for none. Ends the program if it cannot be read. */
void qq_demand_in_force(qq_place const *, stralloc *name);

/* qq_template_find; ends the program if it cannot be looked for. */
int qq_demand_template(qq_place const *, stralloc *path, char const *name);

/* Ends the program if neither the table nor the live files have the name; if the file cannot be
   read. */
void qq_demand_known(qq_place const *, char const *name);
void qq_demand_readable(qq_place const *, qq_setting const *);

#endif
