/* One qmail as a program sees it: found by what the options and the environment say, its parts
   opened to be read or changed. */

#ifndef QQ_SITE_H
#define QQ_SITE_H

#include <skalibs/stralloc.h>
#include <qq/log.h>
#include <qq/settings.h>
#include <qq/store.h>
#include <qq/users.h>

typedef struct qq_site {
  stralloc queue, home;         /* paths, NUL-terminated; home is empty if it is not known */
  stralloc control;             /* HOME/control, the same; after qq_site_open */
  char const *shipped;          /* the directory of shipped templates; the same */
  qq_store store;               /* the same */
  qq_record undone;             /* after qq_site_lock: an undo that was interrupted took this back;
                                   number 0: none was */
  /* once the program has read them: */
  qq_settings live;             /* the files in control */
  qq_users users;
} qq_site;

/* Sets queue and home as qq_home_find does: queue and home may be null; where nothing is said, the
   qmail counts that this was built for. Returns 1, or -1 with errno ENOMEM. */
int qq_site_find(qq_site *, char const *queue, char const *home);

/* Makes the path, NUL-terminated, an absolute one without `..' and links; one that does not lead
   anywhere stays. Returns 1, or -1 with errno ENOMEM. */
int qq_site_resolve(stralloc *path);

/* For who failed to open the queue, and says why: adds how to have one if the home is a qmail's,
   and has no queue, or an empty directory. errno stays. Returns 1, or -1 with errno ENOMEM. */
int qq_site_hint_create(qq_site const *, stralloc *why);

/* Sets shipped: what the environment says; beside the build directory, for programs that are run in
   one; else where they were installed. It stays until the program ends. Returns 1, or -1 with errno
   ENOMEM. */
int qq_site_find_shipped(qq_site *);

/* Opens the store of the home that was found. Returns 1; or -1 with errno and why: EINVAL if the
   home is not known. */
int qq_site_open(qq_site *, stralloc *why);

/* Both: finds it and opens it. Returns 1, or -1 with errno and why. */
int qq_site_begin(qq_site *, char const *queue, char const *home, stralloc *why);

/* Finds the log of the qmail-send that runs on this queue, or else ran: who reads what it writes,
   the log directory of its service (service, as qq_server's option; may be null), the journal, the
   files of syslog; and adds it. Returns 1; or -1 with errno and why, which names what was looked
   at. */
int qq_site_log(qq_site const *, char const *service, qq_log *, stralloc *why);

/* For who changes something: takes the lock of the store, and ends a change that was interrupted.
   Returns 1, or -1 with errno and why. */
int qq_site_lock(qq_site *, stralloc *why);

/* Reads the files in control into live, as qq_settings_load does. Returns 1, or -1 with errno and
   why. */
int qq_site_load(qq_site *, qq_settings const *whole, stralloc *why);

/* Says whether what the file of that name is asked for is known: if me counts without it, me is
   asked. Returns 1, or -1 with errno and why. */
int qq_site_can_read(qq_site const *, char const *name, stralloc *why);

/* For who only reads: ends a change that was interrupted, if we may; one that is under way is none.
   Returns 1; or 0: why is what to warn of. */
int qq_site_recover(qq_site *, stralloc *why);

#endif
