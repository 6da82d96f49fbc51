#define _GNU_SOURCE             /* syncfs, setgroups */
#define _DEFAULT_SOURCE
#ifndef __linux__
#undef _XOPEN_SOURCE            /* on the BSDs it hides all of this */
#endif
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#endif
#include <qq/os.h>

int qq_os_flock(int fd)
{
#ifdef LOCK_EX
  if (!flock(fd, LOCK_EX | LOCK_NB)) return 1;
  return errno == EWOULDBLOCK ? 0 : -1;
#else
#error "no flock(2) here: say how this system's qmail locks lock/sendmutex"
#endif
}

pid_t qq_os_lock_holder(dev_t device, ino_t inode)
{
#ifdef __linux__
  FILE *f = fopen("/proc/locks", "re");
  char line[256];
  pid_t holder = 0;
  if (!f) return 0;
  /* 1: FLOCK  ADVISORY  WRITE 708 fd:00:2752546 0 EOF */
  while (!holder && fgets(line, sizeof line, f)) {
    unsigned int major_number, minor_number;
    unsigned long long i;
    long pid;
    if (sscanf(line, "%*[^:]: %*s %*s %*s %ld %x:%x:%llu", &pid, &major_number, &minor_number, &i) == 4
      && i == inode && major_number == major(device) && minor_number == minor(device)) holder = (pid_t)pid;
  }
  fclose(f);
  return holder > 0 ? holder : 0;
#else
  (void)device;
  (void)inode;
  return 0;
#endif
}

#ifdef __linux__
#define PROC_PATH 64

/* Sets path, which has room for PROC_PATH bytes. */
static void proc_path(char *path, pid_t pid, char const *what)
{
  snprintf(path, PROC_PATH, "/proc/%ld/%s", (long)pid, what);
}
#endif

int qq_os_process_is(pid_t pid, char const *name, dev_t device, ino_t inode)
{
#ifdef __linux__
  char path[PROC_PATH], line[64];
  struct stat st;
  FILE *f;
  int is;
  proc_path(path, pid, "comm");
  f = fopen(path, "re");
  if (!f) return -1;
  is = fgets(line, sizeof line, f) != 0;
  fclose(f);
  if (!is) return -1;
  line[strcspn(line, "\n")] = 0;
  if (strcmp(line, name)) return 0;
  proc_path(path, pid, "cwd");
  if (stat(path, &st) < 0) return -1;
  return st.st_dev == device && st.st_ino == inode;
#else
  (void)pid;
  (void)name;
  (void)device;
  (void)inode;
  errno = ENOSYS;
  return -1;
#endif
}

int qq_os_process_has_open(pid_t pid, dev_t device, ino_t inode)
{
#ifdef __linux__
  char path[PROC_PATH];
  struct dirent *e;
  int has = 0;
  DIR *d;
  proc_path(path, pid, "fd");
  d = opendir(path);
  if (!d) return -1;
  for (errno = 0; !has && (e = readdir(d)); errno = 0) {
    struct stat st;
    if (*e->d_name == '.') continue;
    if (!fstatat(dirfd(d), e->d_name, &st, 0)) has = st.st_dev == device && st.st_ino == inode;
    else if (errno != ENOENT) break;            /* closed just now, or not ours to see */
  }
  if (!has && errno) has = -1;
  closedir(d);
  return has;
#else
  (void)pid;
  (void)device;
  (void)inode;
  errno = ENOSYS;
  return -1;
#endif
}

/* glibc has renameat2(2) as a function since 2.28, musl has not. */
int qq_os_exchange(int directory, char const *one, char const *other)
{
#if defined(__linux__) && defined(SYS_renameat2)
  if (!syscall(SYS_renameat2, directory, one, directory, other, 1u << 1 /* RENAME_EXCHANGE */)) return 1;
  return errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP ? 0 : -1;
#else
  (void)directory;
  (void)one;
  (void)other;
  return 0;
#endif
}

int qq_os_syncfs(int fd)
{
#ifdef __linux__
  return syncfs(fd) < 0 ? -1 : 1;
#else
  (void)fd;
  sync();
  return 1;
#endif
}

unsigned int qq_os_columns(int fd)
{
#ifdef TIOCGWINSZ
  struct winsize w;
  return isatty(fd) && !ioctl(fd, TIOCGWINSZ, &w) ? w.ws_col : 0;
#else
  (void)fd;
  return 0;
#endif
}

int qq_os_become(uid_t uid, gid_t gid)
{
  if (setgroups(1, &gid) < 0 || setgid(gid) < 0 || setuid(uid) < 0) return -1;
  if (uid && !setuid(0)) {      /* a system that lets a process back has not let it go */
    errno = EPERM;
    return -1;
  }
  return 1;
}

int qq_os_is_regular(struct dirent const *e)
{
#ifdef DT_REG
  return e->d_type == DT_UNKNOWN ? -1 : e->d_type == DT_REG;
#else
  (void)e;
  return -1;
#endif
}

unsigned int qq_os_processors(void)
{
#ifdef _SC_NPROCESSORS_ONLN
  long const n = sysconf(_SC_NPROCESSORS_ONLN);
  return n > 0 ? (unsigned int)n : 1;
#else
  return 1;
#endif
}
