/* Who gets mail for a local part that users/cdb does not assign (qmail-getpw.c). */

#ifndef QQ_GETPW_H
#define QQ_GETPW_H

#include <stddef.h>
#include <skalibs/stralloc.h>

typedef struct qq_getpw {
  stralloc user, home;          /* NUL-terminated */
  unsigned long uid, gid;
  char const *dash;             /* "" or "-" */
  size_t extension;             /* where the extension begins in the local part */
  int is_alias;                 /* no user takes it: it is alias's */
} qq_getpw;

/* alias: the name of the user alias. Returns 1; 0: there is no user alias, and qmail defers; or -1 with errno. */
int qq_getpw_find(qq_getpw *, char const *local, size_t n, char const *alias);
void qq_getpw_free(qq_getpw *);

#endif
