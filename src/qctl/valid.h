/* Changes of control files have to validate. */

#ifndef QQ_VALID_H
#define QQ_VALID_H

#include <qq/finding.h>
#include <qq/settings.h>

/* Reports what is amiss with the files that changes mention, and, because of them, with all of them and the live files together. */
void qq_report_valid(qq_findings const *, qq_settings const *live, qq_settings const *changes);

/* For qq_told: findings about the files that changes mention. */
int qq_is_about(void const *changes, qq_finding const *);

/* Checks what changes would make of the live files, each that differs, and what is amiss with all of them together because of that. Tells errors and
   warnings on standard error, all of them, and ends the program with 100 if there are errors. */
void qq_demand_valid(qq_settings const *live, qq_settings const *changes);

#endif
