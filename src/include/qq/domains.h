/* Domains, mailboxes and aliases: what needs control files and users together. */

#ifndef QQ_DOMAINS_H
#define QQ_DOMAINS_H

#include <stdint.h>
#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>
#include <qq/assign.h>
#include <qq/dotqmail.h>
#include <qq/file.h>
#include <qq/home.h>
#include <qq/settings.h>
#include <qq/users.h>

/* Where qmail-send sends a recipient (qmail-send.c:rewrite). */

typedef enum {
  QQ_ROUTE_LOCAL,               /* its domain is in locals */
  QQ_ROUTE_VIRTUAL,             /* an entry of virtualdomains takes it: delivered here, with the
                                   entry's prefix in front */
  QQ_ROUTE_REMOTE,              /* nobody here takes it */
  QQ_ROUTE_EXCEPTION            /* an entry of virtualdomains without a prefix says so */
} qq_route_kind;

typedef struct qq_route {
  qq_route_kind kind;
  stralloc address;             /* after envnoathost and percenthack; no NUL */
  stralloc recipient;           /* what the deliveries get */
  qq_piece entry;               /* of virtualdomains; in the settings */
  int is_completed;             /* envnoathost was added */
  unsigned int hacked;          /* how often a percent sign was taken for an @ */
} qq_route;
#define QQ_ROUTE_ZERO { QQ_ROUTE_LOCAL, STRALLOC_ZERO, STRALLOC_ZERO, { 0, 0 }, 0, 0 }

/* Finds the route of the address. Returns 1, or -1 with errno ENOMEM. */
int qq_route_find(qq_route *, qq_settings const *, char const *address);
void qq_route_free(qq_route *);

/* Says whether it is delivered here. */
int qq_route_is_here(qq_route const *);

/* Where a recipient in the queue came from: appends to out (null: nothing) the address that
   qmail-send, with these settings, made the stored one of, of the local channel or of another. That
   is the stored one itself, if it is made of itself; else what is left of it behind one of its
   dashes. Which of several does not matter: sent again, each becomes the stored one, by the same
   channel. qmail-send.c:stripvdomprepend knows entries for domains alone. Returns 1; 0: nothing
   becomes it, so the settings are others now; or -1 with errno ENOMEM. */
int qq_route_original(stralloc *out, qq_settings const *, char const *stored, int is_local);

/* Says whether the value in force of a list has the n bytes as an entry. Returns 1, 0, or -1 with
   errno ENOMEM. */
int qq_route_is_listed(qq_settings const *, char const *list, char const *s, size_t n);

/* What becomes of mail for an address here, forwards followed. */
typedef enum {
  QQ_FATE_ACCEPTED = 1,         /* delivered, or sent elsewhere */
  QQ_FATE_UNKNOWN,              /* what decides is not ours to see */
  QQ_FATE_BOUNCES,              /* also: forwarded in a circle */
  QQ_FATE_DEFERRED
} qq_fate;

/* Of one delivery, without following forwards: that of the first of its verdicts which does not
   accept the mail. */
qq_fate qq_fate_of_delivery(qq_dotqmail const *);

/* Finds it, by the judges of each step (qq_route_find, qq_taker_find, qq_dotqmail_judge), and sets
   last to the address that decides it (NUL-terminated): of several forwards, the first that fails.
   Returns a qq_fate; or -1 with errno and why, as qq_taker_find. */
int qq_fate_find(stralloc *last, qq_settings const *, qq_users const *, qq_built const *,
  char const *address, stralloc *why);

/* A directory or a file that a domain or a mailbox needs. */

typedef enum {
  QQ_STEP_DIRECTORY,
  QQ_STEP_FILE,
  QQ_STEP_NEW_FILE              /* takes the place of one that is there */
} qq_step_kind;

typedef struct qq_step {
  qq_step_kind kind;
  char const *path;
  stralloc const *text;         /* of a file; else null */
  qq_owner owner;
} qq_step;

/* The way to what a step is about may lead through directories of others: it is walked as
   qq_path_open does, and all is done in the directory that was found. */

/* Makes it, unless it is there already, as a step that was taken before is, or remains of a domain
   that was kept; a new file always. Returns 1; or -1 with errno and why. */
int qq_step_make(qq_step const *, stralloc *why);

/* Appends what would be made, as a person would type it, nothing if it is there. Returns 1; or -1
   with errno, and out has why. */
int qq_step_show(qq_step const *, stralloc *out);

/* Appends what a file has that is in the place of one that is to be made: the first bytes of it, as
   many as limit says. Returns 1; 0: there is none; or -1 with errno: EINVAL if it is no regular
   file, or has another name, too, and may be anybody's. */
int qq_step_read(char const *path, size_t limit, stralloc *text);

/* Virtual domains as control/virtualdomains, users/assign and the directory of mail names have
   them. */

/* A virtual domain: NAME:PREFIX. Both lie in the settings. */
typedef struct qq_domain { qq_piece name, prefix; size_t line; } qq_domain;

/* Goes through virtualdomains. */
typedef struct qq_domains { qq_entries entries; } qq_domains;   /* private */
void qq_domains_begin(qq_domains *, qq_settings const *);

/* The next domain with a prefix. Entries for a user, for what is below a domain, for everything,
   and exceptions are none. Returns 1, or 0 after the last. */
int qq_domains_next(qq_domains *, qq_domain *);

/* The next domain that has this prefix. The same. */
int qq_domains_next_with(qq_domains *, qq_piece const *prefix, qq_domain *);

/* The next entry of any kind; name is its key. The same. */
int qq_domains_next_entry(qq_domains *, qq_domain *);

/* The domain of that name, or the entry with that key: the last one that has it. Returns 1 or 0. */
int qq_domains_find(qq_settings const *, char const *name, size_t n, qq_domain *);
int qq_domains_find_entry(qq_settings const *, char const *key, size_t n, qq_domain *);

/* Finds who gets the mail of an entry with a prefix: the addresses behind the prefix, for which a
   word of so many bytes stands at the end of its extension, or that of the one user whose key it
   is. All programs ask this. Returns 1; 0: nobody, as it would bounce or be deferred, whatever the
   address; or -1 with errno and why, as qq_taker_find. */
#define QQ_DOMAIN_WORD 7
int qq_domain_taker(qq_taker *, qq_users const *, qq_built const *, qq_domain const *,
  stralloc *why);

/* Says whether the taker is the line of users/assign that qdom-add makes: the prefix itself. */
int qq_domain_is_ours(qq_domain const *, qq_taker const *);

/* Sets prefix (NUL-terminated) to the next multiple of 100 above that number and all that
   virtualdomains and users/assign use as prefixes, one that is no beginning of another and has none
   as its beginning. Returns 0; 1: there is none such, *other (in the text of one of the two) is one
   that begins alike; or -1 with errno ENOMEM. */
int qq_domains_next_prefix(qq_settings const *, stralloc const *assign, uint64_t above,
  stralloc *prefix, qq_piece *other);

/* Says whether a prefix of digits and one of those in use, *other, begin alike, so that the one
   takes the other's mail once that is gone. The same. */
int qq_domains_overlap(qq_settings const *, stralloc const *assign, char const *prefix,
  qq_piece *other);

/* The highest number that was ever a domain's prefix, kept in HOME/qqtools (the directory; -1:
   there is none): mail that is queued for a domain that is gone still has its prefix, and would go
   to the domain that gets it next. Sets *highest, 0 where nothing is known. Returns 1, or -1 with
   errno: EPROTO when the file has something else. */
int qq_last_prefix_read(int directory, uint64_t *highest);

/* Remembers the prefix, if it is a number and higher than what was read. The caller has the lock of
   that directory. Returns 1, or -1 with errno. */
int qq_last_prefix_note(int directory, char const *prefix, size_t n, uint64_t highest);

#endif
