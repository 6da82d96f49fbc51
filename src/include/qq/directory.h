/* The names in a directory, without . and .. */

#ifndef QQ_DIRECTORY_H
#define QQ_DIRECTORY_H

#include <dirent.h>

typedef struct qq_directory {
  DIR *stream;
  int fd;                       /* the directory, for openat(2) and its like */
  struct dirent const *entry;   /* after qq_directory_next returned 1 */
} qq_directory;

/* Takes fd over, which is what open(2) returned: below 0 with errno, so is the result. Returns 1, or -1 with errno and
   fd closed. The caller ends it with qq_directory_end. */
int qq_directory_begin(qq_directory *, int fd);

/* Returns 1 for the next name; 0: there is none any more; or -1 with errno. */
int qq_directory_next(qq_directory *);

/* errno stays. */
void qq_directory_end(qq_directory *);

#endif
