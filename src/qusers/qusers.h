/* What the programs for users share: the home that the options name, and its users/. */

#ifndef QQ_QUSERS_H
#define QQ_QUSERS_H

#include <qq/assign.h>
#include <qq/options.h>
#include <qq/store.h>
#include <qq/users.h>

#define QQ_OPTIONS_USERS_HOME \
  QQ_HEADING(N_("Which qmail")), \
  QQ_OPTION_HOME(N_("qmail's home")), \
  QQ_OPTION_QUEUE(N_("a queue; its parent is the home"))

typedef struct qq_users_place {
  stralloc home;                /* NUL-terminated */
  qq_store store;
  qq_users users;
} qq_users_place;

/* Opens it for reading, or ends the program. */
void qq_users_place_open(qq_users_place *);

/* The same with the lock, for a change. */
void qq_users_place_open_to_change(qq_users_place *);

/* The same for users/cdb alone: users/assign is not read. */
void qq_users_place_open_cdb(qq_users_place *);

/* The text of users/assign, to be edited. In a dry run it is a copy; else it is moved, and the
   place has none any more. */
void qq_users_place_take(qq_users_place *, stralloc *text, int dry_run);

/* Writes text as users/assign and makes users/cdb; or, with dry_run, prints the lines that differ.
   Ends the program if it cannot. */
void qq_users_place_write(qq_users_place *, stralloc const *text, int dry_run);

/* Ends the program: qmail-newu refuses users/assign. */
void qq_users_place_refuse(qq_users_place const *, size_t line, char const *why);

/* The next assignment of users/assign; a file that qmail-newu would refuse ends the program with
   100. */
int qq_users_place_next(qq_users_place const *, qq_assign *, qq_assignment *);

#endif
