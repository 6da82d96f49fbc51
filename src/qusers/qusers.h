/* What the programs for users share: the home that the options name, and its users/. */

#ifndef QQ_QUSERS_H
#define QQ_QUSERS_H

#include <qq/assign.h>
#include <qq/options.h>
#include <qq/site.h>

/* Opens it for reading, or ends the program. */
void qq_qusers_open(qq_site *);

/* The same with the lock, for a change. */
void qq_qusers_open_to_change(qq_site *);

/* The same for users/cdb alone: users/assign is not read. */
void qq_qusers_open_cdb(qq_site *);

/* The text of users/assign, to be edited. In a dry run it is a copy; else it is moved, and the
   place has none any more. */
void qq_qusers_take(qq_site *, stralloc *text, int dry_run);

/* Writes text as users/assign and makes users/cdb; or, with dry_run, prints the lines that differ.
   Ends the program if it cannot. */
void qq_qusers_write(qq_site *, stralloc const *text, int dry_run);

/* Ends the program: qmail-newu refuses users/assign. */
void qq_qusers_refuse(qq_site const *, size_t line, char const *why);

/* The next assignment of users/assign; a file that qmail-newu would refuse ends the program with
   100. */
int qq_qusers_next(qq_site const *, qq_assign *, qq_assignment *);

#endif
