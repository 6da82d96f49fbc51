/* The .qmail file that qmail-local reads for an address (qmail-local.c:qmesearch). */

#ifndef QQ_DOTQMAIL_H
#define QQ_DOTQMAIL_H

#include <sys/stat.h>
#include <skalibs/stralloc.h>

typedef struct qq_dotqmail {
  stralloc name;                /* in the home directory; NUL-terminated */
  stralloc tried;               /* names that were looked for before, each with a newline behind it */
  struct stat st;
  int fd;                       /* of the file; -1: there is none, or it may not be read */
  int error;                    /* errno of what kept it from being opened; 0: nothing */
} qq_dotqmail;

/* Looks for it in the directory home. Returns 1: found, the caller closes fd; 0: there is none, and qmail-local bounces, or, where dash is empty, delivers
   by default; or -1 with errno: home cannot be opened. */
int qq_dotqmail_find(qq_dotqmail *, char const *home, char const *dash, char const *ext, size_t ext_length);
void qq_dotqmail_free(qq_dotqmail *);

#endif
