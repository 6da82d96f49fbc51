/* Message ids and the streams of them between programs (qq-ids(5)).

   A queued message is named by the inode number of its file in mess/. The file system gives that
   number to the next message as soon as the old one is gone, so an id that travels carries the
   stamp of the message: the mtime of its mess file. */

#ifndef QQ_ID_H
#define QQ_ID_H

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>

typedef struct qq_id {
  uint64_t id;
  uint64_t stamp;               /* nanoseconds since 1970, or QQ_UNSTAMPED */
} qq_id;

/* The stamp of a token without one; and the greatest that a file can have. */
#define QQ_UNSTAMPED UINT64_MAX
#define QQ_STAMP_MAX UINT64_C(9999999999999999999)

/* A stamp is written with so many digits, always, so that a part of one is no stamp. */
#define QQ_STAMP_DIGITS 19

/* Room for the longest token and a NUL. */
#define QQ_ID_FMT 42

/* The stamp of a file: its mtime. Times before 1970 count as 1970, those after 2286 as that. */
uint64_t qq_stamp(struct stat const *);

/* Writes the token (ID or ID@STAMP, no end) at s. Returns its length, below QQ_ID_FMT. */
size_t qq_id_format(char *s, qq_id const *);

/* Writes u in decimal at s, which has room for QQ_NUMBER_FMT bytes; no NUL. Returns the length.
   skalibs' uint64_fmt divides by a base that it is given, which took a fifth of qq-list's time. */
#define QQ_NUMBER_FMT 20
size_t qq_number_format(char *s, uint64_t u);

/* Reads a canonical number (digits, no leading zero, 64 bits) that is all of s. Returns 1 or 0. */
int qq_number_scan(char const *s, size_t n, uint64_t *);

/* Orders them by number, then by stamp: below, at or above 0. */
int qq_id_compare(qq_id const *, qq_id const *);

/* Reads the token that is all of s. Returns 1 or 0. */
int qq_id_scan(char const *s, size_t n, qq_id *);

/* Says whether a stream that begins with these bytes is one of ids: there is a whole token with a
   stamp, which nothing else looks like. */
int qq_ids_begin(char const *s, size_t n);

/* Reads fd to its end and appends all tokens to ids (a genalloc of qq_id). Returns 1; or -1 with
   the reason for people in why: errno EINVAL for a bad or cut-off token, and for one without a
   stamp beside those that have one, since that may be what was left of a token; else trouble of
   the system. */
int qq_ids_read(genalloc *ids, int fd, stralloc *why);

/* The same for tokens given as operands, up to a null pointer. */
int qq_ids_operands(genalloc *ids, char const *const *operands, stralloc *why);

/* Sorts by id, then by stamp, and takes out duplicates. */
void qq_ids_sort(genalloc *ids);

/* The numbers that are names in a directory: messages, the directories of a split tree, changes
   that can be undone. */

/* Appends the names in the open directory fd that are canonical numbers to numbers (of uint64_t),
   sorted from where it began; at most limit of them are read, 0: all. Other names are no messages
   to qmail either (readsubdir.c:readsubdir_next). fd stays open, its offset is at the end
   afterwards. Returns 1, or -1 with errno. */
int qq_numbers_read(genalloc *numbers, int fd, size_t limit);

/* Sorts the numbers behind the first `before' and takes out duplicates. */
void qq_numbers_sort(genalloc *numbers, size_t before);

/* Says whether the sorted numbers have u. */
int qq_numbers_have(genalloc const *numbers, uint64_t u);

#endif
