/* What POSIX does not have, each with its fallback: the one file to look at for another system. */

#ifndef QQ_OS_H
#define QQ_OS_H

#include <dirent.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>

/* Takes an exclusive flock(2) on fd without waiting. Returns 1; 0 when another has it; -1 with
   errno. */
int qq_os_flock(int fd);

/* Lets go of that lock for all that share the open file. Returns 1, or -1 with errno. */
int qq_os_funlock(int fd);

/* The process that holds a lock on the file, or 0 where the system does not tell. */
pid_t qq_os_lock_holder(dev_t device, ino_t inode);

typedef struct qq_os_process {
  pid_t pid, parent;
  int is_stopped;               /* by a signal */
  char name[16];                /* as the kernel keeps it: 15 bytes at most */
  uint64_t ticks;               /* when it started: tells it from later ones of the same pid */
} qq_os_process;

/* Looks at a process. Returns 1; 0: there is none, or only its exit code is left; -1 with errno:
   ENOSYS where the system does not tell. */
int qq_os_process_look(pid_t, qq_os_process *);

/* Appends all processes to all (of qq_os_process). Returns 1, or -1 with errno as above. */
int qq_os_processes(genalloc *all);

/* Sets users to its real and its effective user. Returns 1; 0: it has ended; -1 as above. */
int qq_os_process_users(pid_t, uid_t users[2]);

/* When it started, in nanoseconds since 1970, and up to 10 milliseconds less than that; 0: the
   system does not tell. */
uint64_t qq_os_process_started(qq_os_process const *);

/* What a process does: it waits in select(2), poll(2) or the like for what comes, so that it has
   done all that came before; it works, or the system does not tell; or it works and does not get
   on: it is stopped by a signal, or writes what nobody takes. */
typedef enum { QQ_OS_ENDED, QQ_OS_WAITS, QQ_OS_WORKS, QQ_OS_IS_STUCK } qq_os_doing;

/* Returns what it does, or -1 with errno. */
int qq_os_process_doing(pid_t);

/* Says whether that is its working directory. Returns 1; 0: it is not, or it has ended; -1 with
   errno: EACCES when that is not ours to see, ENOSYS. */
int qq_os_process_works_in(pid_t, dev_t device, ino_t inode);

/* Sets path to the path of its working directory, with a NUL. Returns 1; 0: it has ended; -1 as
   above. */
int qq_os_process_path(pid_t, stralloc *path);

/* Appends its arguments, each with a NUL, or with blanks between them; the first 4 KB, so that the
   last may be cut, and have none. Return the same. */
int qq_os_process_words(pid_t, stralloc *);
int qq_os_process_arguments(pid_t, stralloc *);

/* Sets path to the path of the regular file that is its standard input, with a NUL. Returns the
   same; 0 also if that is something else. */
int qq_os_process_input(pid_t, stralloc *path);

/* Sets unit to the name of the systemd service that it belongs to, with a NUL. Returns 1; 0: it
   belongs to none; -1 with errno. */
int qq_os_process_unit(pid_t, stralloc *unit);

/* Sets path to that of the program that runs, without a NUL. Returns 1; 0: the system does not
   tell; or -1 with errno ENOMEM. */
int qq_os_program(stralloc *path);

/* Memory of size zero bytes that this process shares with those it forks; null with errno. */
void *qq_os_share(size_t size);

/* From now on grandchildren whose parent has ended become children of this process. Returns 1, or
   0: they go to process 1 as ever. */
int qq_os_adopt(void);

/* Says whether the process could open a file and map it now: a few descriptors and some megabytes
   are free. Returns 1, or 0 with errno. */
int qq_os_has_room(void);

/* Says whether the process has the file open. Returns 1, 0, or -1 with errno where the system does
   not tell. */
int qq_os_process_has_open(pid_t pid, dev_t device, ino_t inode);

/* The number of our own descriptor that a shell has given us as that path, /dev/fd/N or the like;
   -1: it is none. */
int qq_os_own_descriptor(char const *path);

/* Sets *reader to the process that reads, on its standard input, the pipe that the process has as
   its descriptor 0, as qmail-send has (qsutil.c). Returns 1; 0: none does, or it is no pipe; -1
   with errno where the system does not tell. */
int qq_os_process_reader(pid_t writer, pid_t *reader);

/* Appends the directories of the open files whose last component is the name, each with a NUL.
   Returns the same as qq_os_process_has_open. */
int qq_os_process_files(pid_t, char const *name, stralloc *directories);

/* Appends to inodes (of uint64_t) those of all files of the device that some process has open, in
   no order. Returns 1, or -1 with errno: EACCES when that is not ours to see, ENOSYS. */
int qq_os_open_inodes(dev_t device, genalloc *inodes);

/* Marks the pipe that fd leads into as one of ids, for whoever reads it; nothing where fd is no
   pipe or the system has no such mark. */
void qq_os_mark_pipe(int fd);

/* Says whether the pipe that fd reads from was marked so, whatever has been written to it. */
int qq_os_is_marked_pipe(int fd);

/* Copies to s what fd would read next, up to n bytes, without taking it and without waiting.
   Returns how many; 0: none is there yet, or it cannot be seen; or -1 with errno. */
ssize_t qq_os_peek(int fd, char *s, size_t n);

/* Exchanges two names in the directory in one step. Returns 1; 0 where the system or the file
   system cannot do that; -1 with errno: ENOENT when one of the two is not there. */
int qq_os_exchange(int directory, char const *one, char const *other);

/* Says whether something is mounted on the directory fd, as far as the system tells. */
int qq_os_is_mount(int fd);

/* Writes everything of fd's file system to the disk. Returns 1, or -1 with errno. */
int qq_os_syncfs(int fd);

/* How large the terminal fd is, 0 where it does not say. Returns 1; or 0: it is none, or the system
   does not tell. */
int qq_os_terminal_size(int fd, unsigned int *rows, unsigned int *columns);

/* Columns of the terminal fd, or 0: it is none or does not say. */
unsigned int qq_os_columns(int fd);

/* Says whether root has started this process, whoever it is by now. */
int qq_os_is_of_root(void);

/* The user and group of nobody, where there is no user of that name. */
#define QQ_NOBODY 65534

/* Gives root's rights up for good, the supplementary groups too. Returns 1, or -1 with errno. */
int qq_os_become(uid_t uid, gid_t gid);

/* For a process that root started: acts as the uid and gid, without other groups, until it is
   called again, with 0 to be root again. Nobody but root can send it signals meanwhile. It is the
   whole process that acts: no thread may be running. Returns 1; or -1 with errno, and who we are
   then is not known. */
int qq_os_act_as(uid_t uid, gid_t gid);

/* What others may have put there, opened without waiting, and not through the links in /proc that
   lead to what this process has open or works in, where the system can tell them. As open(2): a
   directory for names in it, which need not be readable; one for the list of them; and a file for
   reading. */
int qq_os_open_to_search(char const *path);
int qq_os_open_to_list(char const *path);
int qq_os_open_of_others(int directory, char const *name);

/* Sets pw or group to what the user or group database has, until it is asked again, or to null.
   Returns 1; 0: there is none such; or -1 with errno, also where the libc says that there is none
   because it could not look. */
struct passwd;
struct group;
int qq_getpw_name(struct passwd const **pw, char const *name);
int qq_getpw_uid(struct passwd const **pw, uid_t uid);
int qq_getgr_name(struct group const **group, char const *name);
int qq_getgr_gid(struct group const **group, gid_t gid);

/* What a directory entry says of its file: 1 a regular one, 0 another, -1 nothing. */
int qq_os_is_regular(struct dirent const *);

/* Processors that this process may use, at least 1. */
unsigned int qq_os_processors(void);

#endif
