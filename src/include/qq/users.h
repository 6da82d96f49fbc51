/* The directory users/ of a qmail: assign, and cdb made of it. */

#ifndef QQ_USERS_H
#define QQ_USERS_H

#include <skalibs/stralloc.h>
#include <qq/replace.h>

typedef struct qq_users {
  int fd;                       /* HOME/users */
  char const *home;             /* the caller's */
  stralloc text;                /* users/assign; without one, what an empty one has */
  int has_assign, has_cdb;
  qq_owner assign_owner, cdb_owner;
} qq_users;

/* Reads users/assign. Returns 1; or -1 with errno and why. The caller closes it with qq_users_close. */
int qq_users_open(qq_users *, char const *home, stralloc *why);

/* The same without users/assign, for who asks users/cdb alone: text stays empty, and has_assign 0. */
int qq_users_open_directory(qq_users *, char const *home, stralloc *why);

void qq_users_close(qq_users *);

/* users/cdb for reading, or -1 with errno. */
int qq_users_cdb(qq_users const *);

/* Says whether users/cdb is what qmail-newu would make of users/assign. Returns 1, 0 (also: there is none), or -1 with errno and why. */
int qq_users_is_current(qq_users const *, stralloc *why);

/* Makes text the users/assign, and users/cdb what qmail-newu makes of it. Both are prepared and synced before the first takes its place; users/cdb, which alone
   decides where mail goes, comes second. The caller holds the lock of the home. Returns 1; or -1 with errno and why: EINVAL if qmail-newu would refuse text,
   and then nothing has been changed. */
int qq_users_write(qq_users *, stralloc const *text, stralloc *why);

/* Ends what a run that was stopped has begun: users/cdb follows users/assign. The caller holds the lock. The same. */
int qq_users_recover(qq_users *, stralloc *why);

/* Makes users/cdb alone. The same. */
int qq_users_compile(qq_users *, stralloc *why);

#endif
