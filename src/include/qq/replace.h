/* Replacing a file so that whoever reads it finds the old one or the new one, whole, also after a crash. */

#ifndef QQ_REPLACE_H
#define QQ_REPLACE_H

#include <stddef.h>
#include <sys/stat.h>

/* Owner and mode of a file that is written. */
typedef struct qq_owner { uid_t uid; gid_t gid; mode_t mode; } qq_owner;

/* Of what this process makes, with that mode. */
qq_owner qq_owner_self(mode_t mode);

/* Writes the file `name` in the open directory and syncs it: a new file, one of that name is
   removed before. Returns 1; or -1 with errno, and the file is not there. */
int qq_replace_prepare(int directory, char const *name, char const *s, size_t n, qq_owner const *);

/* Writes `name` by way of a temporary file beside it (`.NAME.new`), which must not be used by two
   programs at a time. Everything is synced, the directory too. Returns 1, or -1 with errno. */
int qq_replace(int directory, char const *name, char const *s, size_t n, qq_owner const *);

#endif
