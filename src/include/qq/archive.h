/* A stream of files: a tar archive in the pax form (POSIX.1-2017, pax: "pax Interchange Format"),
   of regular files only, that GNU tar and bsdtar read and write too.

   It holds mail, so what is read is somebody else's: every number is checked, and what is no plain
   file, is too large or is cut off is refused by its name. Names are looked at by the caller, and
   are never paths. */

#ifndef QQ_ARCHIVE_H
#define QQ_ARCHIVE_H

#include <stdint.h>
#include <skalibs/buffer.h>
#include <skalibs/stralloc.h>
#include <qq/text.h>

/* The longest name, and the longest comment, that is read. */
#define QQ_ARCHIVE_NAME 256

/* The size of a block: all that is written is a multiple of it. */
#define QQ_ARCHIVE_BLOCK 512

/* Appends what stands in front of a file of so many bytes, last changed then, in nanoseconds since
   1970. Behind it come its bytes and qq_archive_padding. The name is at most 100 bytes. Returns 1,
   or 0 with errno ENOMEM. */
int qq_archive_file(stralloc *, char const *name, uint64_t size, uint64_t changed);

/* How many bytes of zero stand behind so many of content. */
#define qq_archive_padding(size) (-(size) & (QQ_ARCHIVE_BLOCK - 1))

/* Appends a comment on the whole archive, at most QQ_ARCHIVE_NAME bytes in one line: it stands in
   front of all files, and tar passes over it. Returns 1, or 0 with errno ENOMEM. */
int qq_archive_comment(stralloc *, char const *text);

/* Appends the end. Returns 1, or 0 with errno ENOMEM. */
int qq_archive_end(stralloc *);

typedef struct qq_archive_entry {
  char name[QQ_ARCHIVE_NAME + 1];
  uint64_t size, changed;       /* bytes; nanoseconds since 1970, 0 if that was before */
} qq_archive_entry;

/* One archive as it is read. The caller sets in, and clears the rest. */
typedef struct qq_archive {
  buffer *in;
  char comment[QQ_ARCHIVE_NAME + 1];    /* the last one that was read, or empty */
  uint64_t left;                        /* private: bytes of the entry that were not read */
  unsigned int padding;
} qq_archive;

/* Goes on to the next file, past what was not read of the last one. Returns 1; 0 at the end of the
   archive; -1 with errno and why, a sentence: EPROTO, it is no such archive, or cut off, or has
   something else than a plain file in it. */
int qq_archive_next(qq_archive *, qq_archive_entry *, stralloc *why);

/* Reads up to n bytes of the file. Returns how many, 0 at its end; -1 with errno and why, as
   above. */
ssize_t qq_archive_read(qq_archive *, char *, size_t n, stralloc *why);

#endif
