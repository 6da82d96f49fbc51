/* What the programs for control files share: the home that the options name, its store, the live
   files; a change of them. */

#ifndef QQ_QCTL_H
#define QQ_QCTL_H

#include <skalibs/stralloc.h>
#include <qq/control.h>
#include <qq/finding.h>
#include <qq/options.h>
#include <qq/output.h>
#include <qq/settings.h>
#include <qq/site.h>

/* For programs that read. A change that was interrupted is ended first, if we may; else there is a
   warning. Ends the program if there is no control/. */
void qq_ctl_open(qq_site *);

/* For programs that change something: with the lock, or the end of the program. */
void qq_ctl_open_to_change(qq_site *);

/* Reads the live files; of opaque ones only those that whole mentions (it may be null). */
void qq_ctl_load(qq_site *, qq_settings const *whole);

/* Reads a template, or ends the program with 100: there is none of that name. */
void qq_ctl_template(qq_site const *, char const *name, qq_settings *);

/* Appends an object with the value in force, and what is known of the setting; a line. */
#define QQ_SETTING_TITLES "name\tkind\tvalue\tsource\teffect\treader\tmeaning\tdefault\t" \
  "default_is_me\tenvironment\torigin\tlow\thigh"
void qq_setting_json(stralloc *, qq_control const *, qq_settings const *live);

/* The one operand of the program, which is what; ends it with 100 if there is none or another. */
char const *qq_ctl_operand(char const *what);

/* A change of control files: what it comes to, whether it is valid, and that it is made. */

/* These go through a difference that was begun, and leave it as it is.

   Appends a paragraph for each file: its name, when the change is seen, and old and new lines. */
void qq_difference_text(qq_difference const *, stralloc *out);

/* Appends an object for each, with its name, before, after (null: no file) and effect. */
#define QQ_DIFFERENCE_TITLES "name\tbefore\tafter\topaque\tbefore_unreadable\t" \
  "before_mentioned\tafter_mentioned\teffect"
void qq_difference_json(qq_difference const *, stralloc *out);

/* Warns of files that cannot be read, so that nobody knows whether they differ; then the exit code
   is 111. */
void qq_difference_report(qq_difference const *, qq_site const *);

/* Appends, for each thing that has to be done for the changes to be seen, a line with it and the
   files. Returns the first one: a restart of qmail-send, a HUP, or what is neither. */
qq_effect qq_difference_effects(qq_difference const *, stralloc *out);

/* Reports what is amiss with the files that changes mention, also compared with the live ones, and
   what their being so would bring elsewhere. */
void qq_report_valid(qq_finding_output *, qq_site const *, qq_settings const *changes);

/* Checks what changes would make of the live files, each that differs, and what is amiss with all
   of them together because of that. Tells errors and warnings on standard error, all of them, and
   ends the program with 100 if there are errors. */
void qq_demand_valid(qq_site const *, qq_settings const *changes);

/* Tells, in the same way, whether changes make the SMTP server an open relay that is none now.
   Returns 1 or 0. */
int qq_report_opened(qq_site const *, qq_settings const *changes);

/* Reports what the live files have delivered here to nobody: prefixes of virtual domains, double
   bounces. Opens users/. */
void qq_report_deliveries(qq_findings const *, qq_site *);

/* How the options say that it is made. */
extern struct qq_act_options { int dry_run, act; } qq_act_options;
#define QQ_OPTIONS_CHANGE \
  { 0, "dry-run", 0, N_("show what would change, change nothing"), \
    QQ_SETS(qq_act_options.dry_run) }, \
  { 0, "act", 0, N_("restart qmail-send or have it reread, if that is needed"), \
    QQ_SETS(qq_act_options.act) }

/* Opens the site to change it, or with --dry-run to read. */
void qq_act_open(qq_site *);

/* Makes the live files what changes says, and tells what has to be done for it to be seen; with
   --act it is done, with --dry-run all is only shown. What did it is `PROGRAM NAME'. in_force: the
   template that is in force then; null: the one that is. Ends the program if it cannot. */
void qq_act_change(qq_site *, qq_settings const *changes, char const *program, char const *name,
  char const *in_force);

/* The same for a template, which is validated first. */
void qq_act_apply(qq_site *, char const *name, qq_settings const *);

/* Shows in which files they differ. */
void qq_act_show(qq_settings const *before, qq_settings const *after);

/* Tells what has to be done for the changes to be seen. Returns what comes first. */
qq_effect qq_act_tell(qq_site const *, qq_settings const *changes);

/* With --act, and without --dry-run, has it done, or ends the program with 111. */
void qq_act_on(qq_site const *, qq_effect);

/* Sets name to the template in force, empty for none. Ends the program if it cannot be read. */
void qq_demand_in_force(qq_site const *, stralloc *name);

/* qq_template_find; ends the program if it cannot be looked for. */
int qq_find_template(qq_site const *, stralloc *path, char const *name);

/* The same; ends it with 100, too, if there is none. Returns whether it is a shipped one. */
int qq_demand_template(qq_site const *, stralloc *path, char const *name);

/* Ends the program with 100: there is no such setting; says which name comes near. */
void qq_die_unknown_setting(char const *name);

/* Ends the program if neither the table nor the live files have the name; if the file that counts
   for it cannot be read (qq_site_can_read). */
void qq_demand_known(qq_site const *, char const *name);
void qq_demand_readable(qq_site const *, char const *name);

/* qq_value_get, or out of memory. */
qq_value_source qq_demand_value(stralloc *value, qq_control const *, qq_settings const *live);

/* A warning if it cannot be read, and then the exit code is 111. */
void qq_report_unreadable(qq_site const *, char const *name);

#endif
