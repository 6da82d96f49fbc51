/* Changing the live files: the same for qctl-set and qctl-apply. */

#ifndef QQ_ACT_H
#define QQ_ACT_H

#include <qq/control.h>
#include "place.h"

/* Makes the live files what changes says, and tells what has to be done for it to be seen. in_force: the template that is in force then; null: the one that is.
   dry_run: only shows it. act: has it done. Ends the program if it cannot. */
void qq_act_change(qq_place *, qq_settings const *changes, char const *what, char const *in_force, int dry_run, int act);

/* The same for a template, which is validated first. */
void qq_act_apply(qq_place *, char const *name, qq_settings const *, int dry_run, int act);

/* Shows in which parameters they differ. */
void qq_act_show(qq_settings const *before, qq_settings const *after);

/* Has qmail-send restarted or its files reread, as the effect demands, and says so on standard error. Ends the program with 111 if that fails. */
void qq_act_demand(qq_place const *, qq_effect);

#endif
