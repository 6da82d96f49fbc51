/* What the programs for users share. */

#ifndef QQ_QUSERS_H
#define QQ_QUSERS_H

#include <qq/assign.h>
#include <qq/domains.h>
#include <qq/dotqmail.h>
#include <qq/options.h>
#include <qq/output.h>
#include <qq/site.h>

/* Each opens the home that the options name, and its users/; or ends the program. */

/* For reading; or for reading users/cdb alone. */
void qq_qusers_open(qq_site *);
void qq_qusers_open_cdb(qq_site *);

/* For a change, with the lock. */
void qq_qusers_open_to_change(qq_site *);

/* A change of the text of users/assign. */
typedef struct qq_edit {
  int dry_run;                  /* show it only */
  qq_site site;
  stralloc text;                /* what users/assign is to become */
} qq_edit;

/* Opens site, and makes text what users/assign is. */
void qq_edit_begin(qq_edit *);

/* Writes text, and makes users/cdb of it; in a dry run, prints the lines that differ. Ends the
   program if it cannot. */
void qq_edit_end(qq_edit *);

/* Ends the program with 100: qmail-newu refuses the line of users/assign. */
void qq_qusers_refuse(qq_site const *, qq_assign const *at);

/* Ends the program with 100 if the operand is neither =LOCAL nor +PREFIX. */
void qq_qusers_demand_address(char const *operand);

/* What qusers-lookup finds out about an address. */
typedef struct qq_lookup {
  qq_route route;
  qq_taker taker;               /* who gets it; nobody: also if it is not for here */
  qq_dotqmail delivery;         /* if is_judged; else zeroed */
  int is_judged;
} qq_lookup;

/* Writes that into an object, but for the address and the steps. */
#define QQ_LOOKUP_TITLES "address\tsteps\trewritten\troute\tentry\trecipient\ttaken_as\t" \
  "assignment\tuser\tuid\tgid\thome\tdash\text\tfile\tinstructions\tresult"
void qq_lookup_json(qq_json *, qq_lookup const *);

#endif
