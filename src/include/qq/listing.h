/* The names in a directory. */

#ifndef QQ_LISTING_H
#define QQ_LISTING_H

#include <dirent.h>

/* Sets name to the next one but `.' and `..'; it belongs to the directory, until the next. Returns 1; 0 after the last; or
   -1 with errno. The caller closes it (skalibs' dir_close keeps errno). */
int qq_listing_next(DIR *, char const **name);

#endif
