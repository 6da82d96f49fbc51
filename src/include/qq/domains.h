/* Domains, mailboxes and aliases: what needs control files and users together. */

#ifndef QQ_DOMAINS_H
#define QQ_DOMAINS_H

#include <stdint.h>
#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>
#include <qq/assign.h>
#include <qq/controltext.h>
#include <qq/file.h>
#include <qq/settings.h>

/* Where qmail-send sends a recipient (qmail-send.c:rewrite). */

typedef enum {
  QQ_ROUTE_LOCAL,               /* its domain is in locals */
  QQ_ROUTE_VIRTUAL,             /* an entry of virtualdomains takes it: delivered here, with the entry's prefix in front */
  QQ_ROUTE_REMOTE,              /* nobody here takes it */
  QQ_ROUTE_EXCEPTION            /* an entry of virtualdomains without a prefix says that nobody does */
} qq_route_kind;

typedef struct qq_route {
  qq_route_kind kind;
  stralloc address;             /* after envnoathost and percenthack; no NUL */
  stralloc recipient;           /* what the deliveries get */
  stralloc entry;               /* of virtualdomains */
  int is_completed;             /* envnoathost was added */
  unsigned int hacked;          /* how often a percent sign was taken for an @ */
} qq_route;
#define QQ_ROUTE_ZERO { QQ_ROUTE_LOCAL, STRALLOC_ZERO, STRALLOC_ZERO, STRALLOC_ZERO, 0, 0 }

/* Finds the route of the address. Returns 1, or -1 with errno ENOMEM. */
int qq_route_find(qq_route *, qq_settings const *, char const *address);
void qq_route_free(qq_route *);

/* What is to be done on the disk for a domain or a mailbox: directories and files, the lines of
   users/assign, control files. It is put together first, shown or carried out then. */

typedef struct qq_step {
  char *path;
  int is_directory;
  int replaces;                 /* a file that is there, too */
  stralloc content;             /* of a file */
  qq_owner owner;
} qq_step;

typedef struct qq_plan {
  genalloc steps;               /* of qq_step, in their order */
  stralloc assign;              /* the text of users/assign, as it is to be */
  qq_settings control;          /* control files as they are to be */
} qq_plan;
#define QQ_PLAN_ZERO { GENALLOC_ZERO, STRALLOC_ZERO, QQ_SETTINGS_ZERO }

/* Adds a directory, or a file with that content. Returns 1, or 0 with errno ENOMEM. */
int qq_plan_directory(qq_plan *, char const *path, qq_owner const *);
int qq_plan_file(qq_plan *, char const *path, char const *s, size_t n, qq_owner const *);

/* The same for a file that takes the place of one that is there. */
int qq_plan_new_file(qq_plan *, char const *path, char const *s, size_t n, qq_owner const *);

/* Makes the directories and files. What is there already is left as it is: a step that was taken
   before, or remains of a domain that was kept. Returns 1; or -1 with errno and why. */
int qq_plan_make(qq_plan const *, stralloc *why);

/* Removes a directory with all that is in it, without following links. Returns 1, also when it is
   not there; or -1 with errno and why. */
int qq_plan_purge(char const *path, stralloc *why);

/* Appends a line for each directory and file that is not there yet, as a person would type it.
   Returns 1, or 0 with errno ENOMEM. */
int qq_plan_show(qq_plan const *, stralloc *out);

/* Virtual domains as control/virtualdomains, users/assign and the directory of mail names have
   them. */

/* A virtual domain: DOMAIN:PREFIX. */
typedef struct qq_domain { char const *name; size_t name_length; char const *prefix; size_t prefix_length; size_t line; } qq_domain;

/* Goes through the domains with a prefix in virtualdomains. Entries for a user, for what is below a
   domain, for everything, and exceptions are none. */
typedef struct qq_domains { char const *s; qq_entries entries; } qq_domains;        /* private */
void qq_domains_begin(qq_domains *, qq_settings const *);

/* The next one, which lies in the settings. Returns 1, or 0 after the last. */
int qq_domains_next(qq_domains *, qq_domain *);

/* The domain of that name, the last one that has it. Returns 1 or 0. */
int qq_domains_find(qq_settings const *, char const *name, size_t n, qq_domain *);

/* Sets prefix (NUL-terminated) to the next multiple of 100 above that number and all that
   virtualdomains and users/assign use as prefixes, one that is no beginning of another and has none
   as its beginning. Returns 0; 1: there is none such, *other (in the text of one of the two) is one
   that begins alike; or -1 with errno ENOMEM. */
int qq_domains_next_prefix(qq_settings const *, stralloc const *assign, uint64_t above, stralloc *prefix, qq_piece *other);

/* Says whether a prefix of digits and one of those in use, *other, begin alike, so that the one
   takes the other's mail once that is gone. The same. */
int qq_domains_overlap(qq_settings const *, stralloc const *assign, char const *prefix, qq_piece *other);

/* The highest number that was ever a domain's prefix, kept in HOME/qqtools (the directory; -1:
   there is none): mail that is queued for a domain that is gone still has its prefix, and would go
   to the domain that gets it next. Sets *highest, 0 where nothing is known. Returns 1, or -1 with
   errno: EPROTO when the file has something else. */
int qq_last_prefix_read(int directory, uint64_t *highest);

/* Remembers the prefix, if it is a number and higher than what is known. The caller has the lock of
   that directory. Returns 1, or -1 with errno. */
int qq_last_prefix_note(int directory, char const *prefix, size_t n);

/* The prefix that users/assign gives to that home already, NUL-terminated. Returns 1, 0, or -1 with
   errno ENOMEM. */
int qq_domains_prefix_of_home(stralloc const *assign, char const *home, stralloc *prefix);

#endif
