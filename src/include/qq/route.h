/* Where qmail-send sends a recipient (qmail-send.c:rewrite). */

#ifndef QQ_ROUTE_H
#define QQ_ROUTE_H

#include <skalibs/stralloc.h>
#include <qq/settings.h>

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

#endif
