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
#include <sys/mman.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/types.h>
#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#endif
#include <qq/file.h>
#include <qq/os.h>
#include <qq/text.h>

int qq_os_flock(int fd)
{
#ifdef LOCK_EX
  if (!flock(fd, LOCK_EX | LOCK_NB)) return 1;
  return errno == EWOULDBLOCK ? 0 : -1;
#else
#error "no flock(2) here: say how this system's qmail locks lock/sendmutex"
#endif
}

int qq_os_funlock(int fd)
{
  return flock(fd, LOCK_UN) < 0 ? -1 : 1;
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

#ifdef __linux__
/* Reads what /proc says of the process under that name, up to size - 1 bytes, and ends it with a
   NUL. Returns the length, or -1 with errno. */
static ssize_t read_proc(pid_t pid, char const *what, char *s, size_t size)
{
  char path[PROC_PATH];
  ssize_t n;
  int fd;
  proc_path(path, pid, what);
  fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  n = fd_read(fd, s, size - 1);
  fd_close(fd);
  if (n >= 0) s[n] = 0;
  return n;
}

/* 708 (name) S 1 ...: the name may hold anything, so its end is the last parenthesis (proc(5)).
   Returns 1; 0: only its exit code is left; -1: that is something else. */
static int scan_stat(char *s, qq_os_process *p)
{
  char const *name = strchr(s, '(');
  char *end = strrchr(s, ')');
  long parent;
  unsigned long long ticks;
  char state;
  if (!name || !end || end < ++name) return -1;
  if (sscanf(end + 1, " %c %ld %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu", &state, &parent, &ticks) != 3) return -1;
  *end = 0;
  snprintf(p->name, sizeof p->name, "%s", name);
  p->parent = (pid_t)parent;
  p->is_stopped = state == 'T' || state == 't';
  p->ticks = ticks;
  return state != 'Z' && state != 'X';
}
#endif

int qq_os_process_look(pid_t pid, qq_os_process *p)
{
#ifdef __linux__
  char s[1024];
  int r;
  if (read_proc(pid, "stat", s, sizeof s) < 0) return errno == ENOENT || errno == ESRCH ? 0 : -1;
  p->pid = pid;
  r = scan_stat(s, p);
  if (r < 0) errno = EPROTO;
  return r;
#else
  (void)pid;
  (void)p;
  errno = ENOSYS;
  return -1;
#endif
}

int qq_os_processes(genalloc *all)
{
#ifdef __linux__
  qq_directory d;
  int r;
  if (qq_directory_begin(&d, open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0) return -1;
  while ((r = qq_directory_next(&d)) > 0) {
    qq_os_process p;
    unsigned int pid;
    char const *name = d.entry->d_name;
    size_t const n = uint_scan(name, &pid);
    if (!n || name[n] || qq_os_process_look((pid_t)pid, &p) != 1) continue;
    if (!genalloc_append(qq_os_process, all, &p)) break;
  }
  qq_directory_end(&d);
  return r ? -1 : 1;
#else
  (void)all;
  errno = ENOSYS;
  return -1;
#endif
}

#ifdef __linux__
static uint64_t clock_of(clockid_t clock)
{
  struct timespec t;
  return clock_gettime(clock, &t) < 0 ? 0 : (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}
#endif

/* Ticks count from when the system came up (proc_pid_stat(5): starttime). That moment itself
   /proc/stat has to the second only. */
uint64_t qq_os_process_started(qq_os_process const *p)
{
#ifdef __linux__
  long const hertz = sysconf(_SC_CLK_TCK);
  uint64_t const now = clock_of(CLOCK_REALTIME), up = clock_of(CLOCK_BOOTTIME);
  if (hertz <= 0 || !up || now < up) return 0;
  return now - up + p->ticks / (uint64_t)hertz * UINT64_C(1000000000) + p->ticks % (uint64_t)hertz * (UINT64_C(1000000000) / (uint64_t)hertz);
#else
  (void)p;
  return 0;
#endif
}

int qq_os_process_works_in(pid_t pid, dev_t device, ino_t inode)
{
#ifdef __linux__
  char path[PROC_PATH];
  struct stat st;
  proc_path(path, pid, "cwd");
  if (!stat(path, &st)) return st.st_dev == device && st.st_ino == inode;
  return errno == ENOENT || errno == ESRCH ? 0 : -1;
#else
  (void)pid;
  (void)device;
  (void)inode;
  errno = ENOSYS;
  return -1;
#endif
}

int qq_os_process_path(pid_t pid, stralloc *path)
{
#ifdef __linux__
  char name[PROC_PATH];
  proc_path(name, pid, "cwd");
  path->len = 0;
  if (sareadlink(path, name) >= 0) return stralloc_0(path) ? 1 : -1;
  return errno == ENOENT || errno == ESRCH ? 0 : -1;
#else
  (void)pid;
  (void)path;
  errno = ENOSYS;
  return -1;
#endif
}

int qq_os_process_arguments(pid_t pid, stralloc *arguments)
{
#ifdef __linux__
  char s[4096];
  ssize_t n = read_proc(pid, "cmdline", s, sizeof s), i;
  if (n < 0) return errno == ENOENT || errno == ESRCH ? 0 : -1;
  if (n && !s[n - 1]) n--;
  for (i = 0; i < n; i++) if (!s[i]) s[i] = ' ';
  return stralloc_catb(arguments, s, (size_t)n) ? 1 : -1;
#else
  (void)pid;
  (void)arguments;
  errno = ENOSYS;
  return -1;
#endif
}

int qq_os_process_unit(pid_t pid, stralloc *unit)
{
#ifdef __linux__
  static char const suffix[] = ".service";
  char s[8192], *line, *next;
  if (read_proc(pid, "cgroup", s, sizeof s) < 0) return errno == ENOENT || errno == ESRCH ? 0 : -1;
  for (line = s; line; line = next) {   /* 0::/system.slice/qmail.service, or 1:name=systemd:/... */
    char const *name;
    size_t n;
    next = strchr(line, '\n');
    if (next) *next++ = 0;
    name = strrchr(line, '/');
    if (!name || (strncmp(line, "0::", 3) && !strstr(line, ":name=systemd:"))) continue;
    n = strlen(++name);
    if (n < sizeof suffix || strcmp(name + n - (sizeof suffix - 1), suffix)) continue;
    return qq_copy_string(unit, name) ? 1 : -1;
  }
  return 0;
#else
  (void)pid;
  (void)unit;
  return 0;
#endif
}

void *qq_os_share(size_t size)
{
  void *p = mmap(0, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return p == MAP_FAILED ? 0 : p;
}

int qq_os_adopt(void)
{
#if defined(__linux__) && defined(PR_SET_CHILD_SUBREAPER)
  return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0 ? 0 : 1;
#else
  return 0;
#endif
}

int qq_os_process_has_open(pid_t pid, dev_t device, ino_t inode)
{
#ifdef __linux__
  char path[PROC_PATH];
  qq_directory d;
  int r = 0, has = 0;
  proc_path(path, pid, "fd");
  if (qq_directory_begin(&d, open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0) return -1;
  while (!has && (r = qq_directory_next(&d)) > 0) {
    struct stat st;
    if (!fstatat(d.fd, d.entry->d_name, &st, 0)) has = st.st_dev == device && st.st_ino == inode;
    else if (errno != ENOENT) break;            /* closed just now, or not ours to see */
  }
  qq_directory_end(&d);
  return has ? 1 : r ? -1 : 0;
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
