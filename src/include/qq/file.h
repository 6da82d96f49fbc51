/* Files and directories: replaced, read whole, listed, removed. */

#ifndef QQ_FILE_H
#define QQ_FILE_H

#include <dirent.h>
#include <stddef.h>
#include <sys/stat.h>
#include <skalibs/stralloc.h>

/* Replacing a file so that whoever reads it finds the old one or the new one, whole, also after a
   crash. */

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

/* Makes the directory `name`, empty, by way of the same other name, so that what has the right name
   has the right owner. Whoever may write to the one above cannot make us give him another. All is
   synced. Returns 1, or -1 with errno. */
int qq_make_directory(int directory, char const *name, qq_owner const *);

/* Removes a file that need not be there. Returns 1, or -1 with errno. */
int qq_unlink(int directory, char const *name);

/* The same for who has failed already: errno stays. */
void qq_discard(int directory, char const *name);

/* Reading a file whole. */

/* Reads all of a regular file behind what sa has: a short read is its end, as it is not that of a
   pipe. Returns 1, or -1 with errno. */
int qq_slurp(stralloc *sa, int fd);

/* The same for what others have made, as large as they like. Returns also 0: there are more than
   limit bytes; sa has got not many more, and the rest is not read. */
int qq_slurp_up_to(stralloc *sa, int fd, size_t limit);
/* The same of what may be anything: a regular file of at most limit bytes, also if it grows
   meanwhile. errno is EINVAL for what is none, EFBIG for a larger one. */
int qq_slurp_regular(stralloc *sa, int fd, size_t limit);

/* Says whether the open directory (or AT_FDCWD) has the name: a link is asked itself, not what it
   leads to. Returns 1 with what lstat(2) says; 0: it is not there (ENOENT, nothing else); or -1
   with errno. */
int qq_is_there(int directory, char const *name, struct stat *);

/* Says whether qmail takes that errno, as it takes ENOENT, for `there is nothing of that name':
   ENOTDIR, ELOOP, ENAMETOOLONG. */
int qq_leads_nowhere(int e);
/* A file by its path below the open directory, where nothing on the way may be a link, nor the file
   itself: as openat(2) with O_NOFOLLOW and O_CLOEXEC, and as lstat(2), whose results they have;
   errno is ELOOP or ENOTDIR for a link. */
int qq_open_below(int directory, char const *path, int flags);
int qq_stat_below(int directory, char const *path, struct stat *);

/* The names in a directory, without . and .. */

typedef struct qq_directory {
  DIR *stream;
  int fd;                       /* the directory, for openat(2) and its like */
  struct dirent const *entry;   /* after qq_directory_next returned 1 */
} qq_directory;

/* Takes fd over, which is what open(2) returned: below 0 with errno, so is the result. Returns 1,
   or -1 with errno and fd closed. The caller ends it with qq_directory_end. */
int qq_directory_begin(qq_directory *, int fd);

/* Returns 1 for the next name; 0: there is none any more; or -1 with errno. */
int qq_directory_next(qq_directory *);

/* errno stays. */
void qq_directory_end(qq_directory *);

/* Removes the name in the open directory (or AT_FDCWD): a file, a link but not what it leads to, a
   directory with all that is in it, of any depth, but nothing of another file system. What is not
   there is as good as removed. It ends, whatever the owner of the tree does meanwhile. Returns 1;
   or -1 with errno, and left (may be null) is set to the path of the first that could not be
   removed; what can be removed beside it is. */
int qq_purge(int directory, char const *name, stralloc *left);

/* ---- paths that lead through directories of others ---- */

/* Says whether nobody but root and who we are can change what is in the directory. */
int qq_is_ours_alone(struct stat const *);

/* Opens the directory, component by component. Links are followed only as long as they lie in
   directories that are ours alone, one below the other: below the first that is not, one that
   stands in the way is ELOOP, and so is `..'. Whoever owns a directory on the way cannot lead us
   out of it. Returns the descriptor, which the caller closes, or -1 with errno. */
int qq_path_open(char const *path);

/* The same with the directory that the last component lies in, which name is set to, in the path;
   to `.' if it ends with a slash. */
int qq_path_open_above(char const *path, char const **name);

/* For who replaces a file that may be a link: opens the directory in which lies what the name in
   the open directory leads to, and sets target to its name there (NUL-terminated), which need not
   be there yet. Without a link that is the open directory and the name. Links count only as
   qq_path_is_ours has it, and where they end nobody else may change what is there. path, of the
   open directory, is for the words. Returns the descriptor, which the caller closes; or -1 with
   errno and why: ELOOP, somebody else may change something on the way; EINVAL, what is there is no
   regular file. */
int qq_path_open_target(int directory, char const *path, char const *name, stralloc *target,
  stralloc *why);

/* Opens a file that somebody names, to be read. For root links count only as qq_path_is_ours has
   it, and where somebody else can change what is there, it is a regular file, and none that waits:
   whoever owns the directory of a log cannot have root read something else. Who is not root reads
   what he may. A path like /dev/fd/N is our own descriptor. Returns the descriptor, which the
   caller closes; or -1 with errno and why. */
int qq_path_open_file(char const *path, stralloc *why);

/* As qq_is_there: what the path names, with such a way there. 0 also if a directory on the way is
   not there. */
int qq_path_look(char const *path, struct stat *);

/* Says whether qq_path_open would find a directory; it need not be ours to read. Returns 1; 0: it
   is not there; or -1 with errno: ENOTDIR if it is something else. */
int qq_path_is_directory(char const *path);

/* Takes empty components, `.' and `..' out of a path that begins with a slash, and has its NUL: by
   its letters alone, as `cd' of a shell does. No slash is left at its end. */
void qq_path_clean(stralloc *path);
/* Says whether nobody but root and who we are can change the file or directory, or put something
   else in its place: it and all directories and links on the way. A sticky directory of ours on the
   way is good, but for a link in it. Returns 1; 0: somebody else can; or -1 with errno: ENOENT when
   it is not there. */
int qq_path_is_ours(char const *path);

#endif
