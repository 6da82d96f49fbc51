/* Virtual domains as control/virtualdomains, users/assign and the directory of mail names have them. */

#ifndef QQ_DOMAINS_H
#define QQ_DOMAINS_H

#include <stdint.h>
#include <skalibs/stralloc.h>
#include <qq/assign.h>
#include <qq/controltext.h>
#include <qq/plan.h>
#include <qq/settings.h>

/* A virtual domain: DOMAIN:PREFIX. */
typedef struct qq_domain { char const *name; size_t name_length; char const *prefix; size_t prefix_length; size_t line; } qq_domain;

/* Goes through the domains with a prefix in virtualdomains. Entries for a user, for what is below a domain, for everything, and exceptions are none. */
typedef struct qq_domains { char const *s; qq_entries entries; } qq_domains;        /* private */
void qq_domains_begin(qq_domains *, qq_settings const *);

/* The next one, which lies in the settings. Returns 1, or 0 after the last. */
int qq_domains_next(qq_domains *, qq_domain *);

/* The domain of that name, the last one that has it. Returns 1 or 0. */
int qq_domains_find(qq_settings const *, char const *name, size_t n, qq_domain *);

/* Sets prefix (NUL-terminated) to the next multiple of 100 above that number and all that virtualdomains and users/assign use as prefixes, one that is no
   beginning of another and has none as its beginning. Returns 0; 1: there is none such, *other (in the text of one of the two) is one that begins alike; or -1
   with errno ENOMEM. */
int qq_domains_next_prefix(qq_settings const *, stralloc const *assign, uint64_t above, stralloc *prefix, qq_piece *other);

/* Says whether a prefix of digits and one of those in use, *other, begin alike, so that the one takes the other's mail once that is gone. The same. */
int qq_domains_overlap(qq_settings const *, stralloc const *assign, char const *prefix, qq_piece *other);

/* The highest number that was ever a domain's prefix, kept in HOME/qqtools (the directory; -1: there
   is none): mail that is queued for a domain that is gone still has its prefix, and would go to the
   domain that gets it next. Sets *highest, 0 where nothing is known. Returns 1, or -1 with errno:
   EPROTO when the file has something else. */
int qq_last_prefix_read(int directory, uint64_t *highest);

/* Remembers the prefix, if it is a number and higher than what is known. The caller has the lock of
   that directory. Returns 1, or -1 with errno. */
int qq_last_prefix_note(int directory, char const *prefix, size_t n);

/* The prefix that users/assign gives to that home already, NUL-terminated. Returns 1, 0, or -1 with errno ENOMEM. */
int qq_domains_prefix_of_home(stralloc const *assign, char const *home, stralloc *prefix);

#endif
