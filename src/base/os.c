#define _GNU_SOURCE             /* syncfs, setgroups */
#define _DEFAULT_SOURCE
#ifndef __linux__
#undef _XOPEN_SOURCE            /* on the BSDs it hides all of this */
#endif
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>
#ifdef __linux__
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
