/* Removing a directory with all that is in it. */

#ifndef QQ_PURGE_H
#define QQ_PURGE_H

/* Removes the name in the open directory (or AT_FDCWD): a file, a link but not what it leads to, a directory with all that is in it. What is not there is as good
   as removed. Returns 1, or -1 with errno. */
int qq_purge(int directory, char const *name);

#endif
