/* What POSIX does not have, each with its fallback: the one file to look at for another system. */

#ifndef QQ_OS_H
#define QQ_OS_H

#include <dirent.h>
#include <sys/types.h>

/* Takes an exclusive flock(2) on fd without waiting. Returns 1; 0 when another has it; -1 with errno. */
int qq_os_flock(int fd);

/* The process that holds a lock on the file, or 0 where the system does not tell. */
pid_t qq_os_lock_holder(dev_t device, ino_t inode);

/* Says whether the process has that name (as the kernel keeps it, 15 bytes) and that working directory. Returns 1, 0, or -1 with errno where
   the system does not tell. */
int qq_os_process_is(pid_t pid, char const *name, dev_t device, ino_t inode);

/* Says whether the process has the file open. Returns 1, 0, or -1 with errno where the system does not tell. */
int qq_os_process_has_open(pid_t pid, dev_t device, ino_t inode);

/* Exchanges two names in the directory in one step. Returns 1; 0 where the system or the file system cannot do that; -1 with errno: ENOENT
   when one of the two is not there. */
int qq_os_exchange(int directory, char const *one, char const *other);

/* Writes everything of fd's file system to the disk. Returns 1, or -1 with errno. */
int qq_os_syncfs(int fd);

/* Columns of the terminal fd, or 0: it is none or does not say. */
unsigned int qq_os_columns(int fd);

/* Gives root's rights up for good, the supplementary groups too. Returns 1, or -1 with errno. */
int qq_os_become(uid_t uid, gid_t gid);

/* What a directory entry says of its file: 1 a regular one, 0 another, -1 nothing. */
int qq_os_is_regular(struct dirent const *);

/* Processors that this process may use, at least 1. */
unsigned int qq_os_processors(void);

#endif
