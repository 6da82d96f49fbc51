#define _GNU_SOURCE             /* syncfs, setgroups */
#define _DEFAULT_SOURCE
#ifndef __linux__
#undef _XOPEN_SOURCE            /* on the BSDs it hides all of this */
#endif
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
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
#include <qq/when.h>

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
    if (sscanf(line, "%*[^:]: %*s %*s %*s %ld %x:%x:%llu",
      &pid, &major_number, &minor_number, &i) == 4
      && i == inode && major_number == major(device) && minor_number == minor(device))
      holder = (pid_t)pid;
  }
  fclose(f);
  return holder > 0 ? holder : 0;
#else
  (void)device;
  (void)inode;
  return 0;
#endif
}

/* What Linux says of processes stands below /proc (proc(5)). What other systems have there, if
   anything, has another form: it is not looked at, and errno is ENOSYS. */
#ifdef __linux__
enum { TELLS_OF_PROCESSES = 1 };
#else
enum { TELLS_OF_PROCESSES = 0 };
#endif
#ifndef CLOCK_BOOTTIME
#define CLOCK_BOOTTIME CLOCK_MONOTONIC
#endif
#define PROC_PATH 64

static int does_not_tell(void)
{
  errno = ENOSYS;
  return -1;
}

/* What a failing look at a process comes to: 0 if it has ended, else -1. */
static int ended(void)
{
  return errno == ENOENT || errno == ESRCH ? 0 : -1;
}

/* Sets path, which has room for PROC_PATH bytes. Returns 1, or -1 with errno. */
static int proc_path(char *path, pid_t pid, char const *what)
{
  snprintf(path, PROC_PATH, "/proc/%ld/%s", (long)pid, what);
  return TELLS_OF_PROCESSES ? 1 : does_not_tell();
}

/* As open(2) for reading. */
static int open_proc(pid_t pid, char const *what, int flags)
{
  char path[PROC_PATH];
  return proc_path(path, pid, what) < 0 ? -1 : open(path, O_RDONLY | O_CLOEXEC | flags);
}

/* As stat(2) of what the link leads to. */
static int stat_proc(pid_t pid, char const *what, struct stat *st)
{
  char path[PROC_PATH];
  return proc_path(path, pid, what) < 0 ? -1 : stat(path, st);
}

static int is_inode(struct stat const *st, dev_t device, ino_t inode)
{
  return st->st_dev == device && st->st_ino == inode;
}

/* Reads what stands there, up to size - 1 bytes, and ends it with a NUL. Returns the length, or -1
   with errno. */
static ssize_t read_proc(pid_t pid, char const *what, char *s, size_t size)
{
  int const fd = open_proc(pid, what, 0);
  ssize_t n;
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
  if (sscanf(end + 1, " %c %ld %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s"
    " %llu", &state, &parent, &ticks) != 3) return -1;
  *end = 0;
  snprintf(p->name, sizeof p->name, "%s", name);
  p->parent = (pid_t)parent;
  p->is_stopped = state == 'T' || state == 't';
  p->ticks = ticks;
  return state != 'Z' && state != 'X';
}

int qq_os_process_look(pid_t pid, qq_os_process *p)
{
  char s[1024];
  int r;
  if (read_proc(pid, "stat", s, sizeof s) < 0) return ended();
  p->pid = pid;
  r = scan_stat(s, p);
  if (r < 0) errno = EPROTO;
  return r;
}

/* A line is `Uid:', and behind it the real, effective, saved and file system one
   (proc_pid_status(5)). */
int qq_os_process_users(pid_t pid, uid_t users[2])
{
  static char const head[] = "\nUid:";
  char s[4096], *line;
  unsigned long real, effective;
  if (read_proc(pid, "status", s, sizeof s) < 0) return ended();
  line = strstr(s, head);
  errno = EPROTO;
  if (!line || sscanf(line + sizeof head - 1, "%lu %lu", &real, &effective) != 2) return -1;
  users[0] = (uid_t)real;
  users[1] = (uid_t)effective;
  return 1;
}

int qq_os_processes(genalloc *all)
{
  qq_directory d;
  int r;
  int const fd = TELLS_OF_PROCESSES ? open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    : does_not_tell();
  if (qq_directory_begin(&d, fd) < 0) return -1;
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
}

/* Ticks count from when the system came up (proc_pid_stat(5): starttime). That moment itself
   /proc/stat has to the second only. */
uint64_t qq_os_process_started(qq_os_process const *p)
{
  long const hertz = sysconf(_SC_CLK_TCK);
  uint64_t const now = qq_now(), hz = (uint64_t)hertz;
  uint64_t up;
  struct timespec t;
  if (hertz <= 0 || clock_gettime(CLOCK_BOOTTIME, &t) < 0) return 0;
  up = (uint64_t)t.tv_sec * QQ_SECOND + (uint64_t)t.tv_nsec;
  if (now < up) return 0;
  return now - up + p->ticks / hz * QQ_SECOND + p->ticks % hz * (QQ_SECOND / hz);
}

/* Numbers of system calls, of those that the processor has. */
static long const waiting[] = {
#ifdef SYS_select
  SYS_select,
#endif
#ifdef SYS__newselect
  SYS__newselect,
#endif
#ifdef SYS_pselect6
  SYS_pselect6,
#endif
#ifdef SYS_pselect6_time64
  SYS_pselect6_time64,
#endif
#ifdef SYS_poll
  SYS_poll,
#endif
#ifdef SYS_ppoll
  SYS_ppoll,
#endif
#ifdef SYS_ppoll_time64
  SYS_ppoll_time64,
#endif
#ifdef SYS_epoll_wait
  SYS_epoll_wait,
#endif
#ifdef SYS_epoll_pwait
  SYS_epoll_pwait,
#endif
  -1
};

/* Of a process that sleeps the kernel says in which call (proc_pid_syscall(5)), of another only
   that it is running; what is woken runs, though it may have to wait for a processor. */
int qq_os_process_doing(pid_t pid)
{
  qq_os_process p;
  char s[256];
  long call;
  size_t i;
  int const r = qq_os_process_look(pid, &p);
  if (r < 1) return r < 0 ? -1 : QQ_OS_ENDED;
  if (p.is_stopped) return QQ_OS_IS_STUCK;
  if (read_proc(pid, "syscall", s, sizeof s) < 0 || sscanf(s, "%ld", &call) != 1)
    return QQ_OS_WORKS;
  for (i = 0; waiting[i] >= 0; i++) if (waiting[i] == call) return QQ_OS_WAITS;
#ifdef SYS_write
  if (call == SYS_write) return QQ_OS_IS_STUCK;
#endif
  return QQ_OS_WORKS;
}

int qq_os_process_works_in(pid_t pid, dev_t device, ino_t inode)
{
  struct stat st;
  return stat_proc(pid, "cwd", &st) < 0 ? ended() : is_inode(&st, device, inode);
}

static int read_link(pid_t pid, char const *what, stralloc *path)
{
  char name[PROC_PATH];
  path->len = 0;
  if (proc_path(name, pid, what) < 0 || sareadlink(path, name) < 0) return ended();
  return stralloc_0(path) ? 1 : -1;
}

int qq_os_process_path(pid_t pid, stralloc *path)
{
  return read_link(pid, "cwd", path);
}

int qq_os_process_input(pid_t pid, stralloc *path)
{
  struct stat st;
  if (stat_proc(pid, "fd/0", &st) < 0) return ended();
  return S_ISREG(st.st_mode) ? read_link(pid, "fd/0", path) : 0;
}

int qq_os_program(stralloc *path)
{
  path->len = 0;
  if (!TELLS_OF_PROCESSES) return 0;
  return sareadlink(path, "/proc/self/exe") >= 0 ? 1 : errno == ENOMEM ? -1 : 0;
}

int qq_os_process_words(pid_t pid, stralloc *words)
{
  char s[4096];
  ssize_t const n = read_proc(pid, "cmdline", s, sizeof s);
  if (n < 0) return ended();
  return qq_append(words, s, (size_t)n) ? 1 : -1;
}

int qq_os_process_arguments(pid_t pid, stralloc *arguments)
{
  size_t i = arguments->len;
  int const r = qq_os_process_words(pid, arguments);
  if (r < 1) return r;
  if (arguments->len > i && !arguments->s[arguments->len - 1]) arguments->len--;
  for (; i < arguments->len; i++) if (!arguments->s[i]) arguments->s[i] = ' ';
  return 1;
}

/* A line is 0::/system.slice/qmail.service, or 1:name=systemd:/... */
int qq_os_process_unit(pid_t pid, stralloc *unit)
{
  static char const suffix[] = ".service";
  char s[8192], *line, *next;
  if (!TELLS_OF_PROCESSES) return 0;
  if (read_proc(pid, "cgroup", s, sizeof s) < 0) return ended();
  for (line = strtok_r(s, "\n", &next); line; line = strtok_r(0, "\n", &next)) {
    char const *name = strrchr(line, '/');
    size_t n;
    if (!name || (strncmp(line, "0::", 3) && !strstr(line, ":name=systemd:"))) continue;
    n = strlen(++name);
    if (n >= sizeof suffix && !strcmp(name + n - (sizeof suffix - 1), suffix))
      return qq_copy_string(unit, name) ? 1 : -1;
  }
  return 0;
}

int qq_os_process_has_open(pid_t pid, dev_t device, ino_t inode)
{
  qq_directory d;
  int r = 0, has = 0;
  if (qq_directory_begin(&d, open_proc(pid, "fd", O_DIRECTORY)) < 0) return -1;
  while (!has && (r = qq_directory_next(&d)) > 0) {
    struct stat st;
    if (!fstatat(d.fd, d.entry->d_name, &st, 0)) has = is_inode(&st, device, inode);
    else if (errno != ENOENT) break;            /* closed just now, or not ours to see */
  }
  qq_directory_end(&d);
  return has ? 1 : r ? -1 : 0;
}

/* As sareadlink, of a name in an open directory. */
static int sareadlinkat(int directory, stralloc *sa, char const *name)
{
  ssize_t n;
  if (!stralloc_readyplus(sa, 4096)) return -1;
  n = readlinkat(directory, name, sa->s, 4096);
  if (n < 0 || n == 4096) return -1;
  sa->len = (size_t)n;
  return 1;
}

int qq_os_own_descriptor(char const *path)
{
  static char const *const above[] = { "/dev/fd/", "/proc/self/fd/" };
  uint64_t fd;
  unsigned int i;
  for (i = 0; i < sizeof above / sizeof *above; i++) {
    size_t const n = strlen(above[i]);
    if (!strncmp(path, above[i], n) && uint640_scan(path + n, &fd) && fd <= INT_MAX)
      return (int)fd;
  }
  return strcmp(path, "/dev/stdin") ? -1 : 0;
}

int qq_os_process_reader(pid_t writer, pid_t *reader)
{
  genalloc all = GENALLOC_ZERO;
  struct stat pipe_, st;
  size_t k;
  int r = 0;
  if (stat_proc(writer, "fd/0", &pipe_) < 0) return -1;
  if (!S_ISFIFO(pipe_.st_mode)) return 0;
  if (qq_os_processes(&all) < 0) return -1;
  for (k = 0; k < genalloc_len(qq_os_process, &all) && !r; k++) {
    *reader = genalloc_s(qq_os_process, &all)[k].pid;
    r = *reader != writer && !stat_proc(*reader, "fd/0", &st)
      && is_inode(&st, pipe_.st_dev, pipe_.st_ino);
  }
  genalloc_free(qq_os_process, &all);
  return r;
}

int qq_os_process_files(pid_t pid, char const *name, stralloc *directories)
{
  qq_directory d;
  stralloc path = STRALLOC_ZERO;
  int r, found = 0;
  if (qq_directory_begin(&d, open_proc(pid, "fd", O_DIRECTORY)) < 0) return -1;
  while ((r = qq_directory_next(&d)) > 0) {
    char *slash;
    path.len = 0;
    if (sareadlinkat(d.fd, &path, d.entry->d_name) < 0 || !stralloc_0(&path)) continue;
    slash = *path.s == '/' ? strrchr(path.s, '/') : 0;
    if (!slash || strcmp(slash + 1, name)) continue;
    *slash = 0;
    found = 1;
    if (!stralloc_catb(directories, path.s, strlen(path.s) + 1)) r = -1;
    if (r < 0) break;
  }
  qq_directory_end(&d);
  stralloc_free(&path);
  return r < 0 ? -1 : found;
}

static int add_open_inodes(pid_t pid, dev_t device, genalloc *inodes)
{
  qq_directory d;
  int r;
  if (qq_directory_begin(&d, open_proc(pid, "fd", O_DIRECTORY)) < 0) return ended() < 0 ? -1 : 1;
  while ((r = qq_directory_next(&d)) > 0) {
    struct stat st;
    uint64_t inode;
    /* closed just now, or of a file system that shows itself to its owner alone */
    if (fstatat(d.fd, d.entry->d_name, &st, 0) < 0) continue;
    inode = st.st_ino;
    if (st.st_dev == device && !genalloc_append(uint64_t, inodes, &inode)) break;
  }
  qq_directory_end(&d);
  return !r || errno == ESRCH ? 1 : -1;
}

int qq_os_open_inodes(dev_t device, genalloc *inodes)
{
  genalloc all = GENALLOC_ZERO;
  qq_os_process const *p;
  size_t i;
  int r = qq_os_processes(&all);
  p = genalloc_s(qq_os_process, &all);
  for (i = 0; r > 0 && i < genalloc_len(qq_os_process, &all); i++)
    r = add_open_inodes(p[i].pid, device, inodes);
  genalloc_free(qq_os_process, &all);
  return r;
}

void *qq_os_share(size_t size)
{
  void *p = mmap(0, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return p == MAP_FAILED ? 0 : p;
}

/* More than one, because other threads open files meanwhile. */
#define FREE_DESCRIPTORS 4
#define FREE_MEMORY 4194304

int qq_os_has_room(void)
{
  int fd[FREE_DESCRIPTORS], n = 0, good;
  void *const p = mmap(0, FREE_MEMORY, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED) return 0;
  munmap(p, FREE_MEMORY);
  while (n < FREE_DESCRIPTORS && (fd[n] = open("/", O_RDONLY | O_CLOEXEC)) >= 0) n++;
  good = n == FREE_DESCRIPTORS;
  while (n) fd_close(fd[--n]);          /* which leaves errno alone */
  return good;
}

int qq_os_adopt(void)
{
#if defined(__linux__) && defined(PR_SET_CHILD_SUBREAPER)
  return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0 ? 0 : 1;
#else
  return 0;
#endif
}

#if defined(__linux__) && defined(F_SETPIPE_SZ)
/* The capacity of a pipe is seen at both its ends, stays when it is empty, and matters to nobody.
   This one is eight times what a pipe begins with, and not the greatest that anybody may ask for,
   as which some programs choose it. */
static int marked_capacity(void)
{
  return (int)(8 * 16 * sysconf(_SC_PAGESIZE));
}
#endif

void qq_os_mark_pipe(int fd)
{
#if defined(__linux__) && defined(F_SETPIPE_SZ)
  fcntl(fd, F_SETPIPE_SZ, marked_capacity());
#else
  (void)fd;
#endif
}

int qq_os_is_marked_pipe(int fd)
{
#if defined(__linux__) && defined(F_SETPIPE_SZ)
  return fcntl(fd, F_GETPIPE_SZ) == marked_capacity();
#else
  (void)fd;
  return 0;
#endif
}

static ssize_t peek_pipe(int fd, char *s, size_t n)
{
#ifdef __linux__
  int copy[2];
  ssize_t r;
  if (pipe2(copy, O_CLOEXEC | O_NONBLOCK) < 0) return -1;
  r = tee(fd, copy[1], n, SPLICE_F_NONBLOCK);
  if (r > 0) r = read(copy[0], s, (size_t)r);
  close(copy[0]);
  close(copy[1]);
  return r;
#else
  (void)fd;
  (void)s;
  (void)n;
  return 0;
#endif
}

/* Other errors say that there is nothing to look at: no such descriptor, none to read from. */
static int is_trouble(int error)
{
  return error == EIO || error == ENOMEM || error == EMFILE || error == ENFILE;
}

ssize_t qq_os_peek(int fd, char *s, size_t n)
{
  struct stat st;
  ssize_t r;
  if (fstat(fd, &st) < 0) return is_trouble(errno) ? -1 : 0;
  if (S_ISFIFO(st.st_mode)) r = peek_pipe(fd, s, n);
  else if (S_ISSOCK(st.st_mode)) r = recv(fd, s, n, MSG_PEEK | MSG_DONTWAIT);
  else if (S_ISREG(st.st_mode)) r = pread(fd, s, n, lseek(fd, 0, SEEK_CUR));
  else return 0;
  return r >= 0 ? r : is_trouble(errno) ? -1 : 0;
}

/* glibc has renameat2(2) as a function since 2.28, musl has not. */
int qq_os_exchange(int directory, char const *one, char const *other)
{
#if defined(__linux__) && defined(SYS_renameat2)
  unsigned int const exchange = 1u << 1;        /* RENAME_EXCHANGE */
  if (!syscall(SYS_renameat2, directory, one, directory, other, exchange)) return 1;
  return errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP ? 0 : -1;
#else
  (void)directory;
  (void)one;
  (void)other;
  return 0;
#endif
}

int qq_os_is_mount(int fd)
{
#ifdef STATX_ATTR_MOUNT_ROOT
  struct statx x;
  return !statx(fd, "", AT_EMPTY_PATH, 0, &x) && x.stx_attributes & STATX_ATTR_MOUNT_ROOT;
#else
  (void)fd;
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

int qq_os_terminal_size(int fd, unsigned int *rows, unsigned int *columns)
{
#ifdef TIOCGWINSZ
  struct winsize w;
  if (!isatty(fd) || ioctl(fd, TIOCGWINSZ, &w) < 0) return 0;
  *rows = w.ws_row;
  *columns = w.ws_col;
  return 1;
#else
  (void)fd;
  (void)rows;
  (void)columns;
  return 0;
#endif
}

unsigned int qq_os_columns(int fd)
{
  unsigned int rows, columns;
  return qq_os_terminal_size(fd, &rows, &columns) ? columns : 0;
}

/* The one thing that a process remembers of itself: that cannot be asked of the system. */
static int was_root;

int qq_os_is_of_root(void)
{
  return was_root || !getuid() || !geteuid();
}

int qq_os_become(uid_t uid, gid_t gid)
{
  was_root = qq_os_is_of_root();
  if (setgroups(1, &gid) < 0 || setgid(gid) < 0 || setuid(uid) < 0) return -1;
  if (uid && !setuid(0)) {      /* a system that lets a process back has not let it go */
    errno = EPERM;
    return -1;
  }
  return 1;
}

int qq_os_act_as(uid_t uid, gid_t gid)
{
  return seteuid(0) < 0 || setgroups(1, &gid) < 0 || setegid(gid) < 0 || seteuid(uid) < 0 ? -1 : 1;
}

/* Old sandboxes answer EPERM to a system call that they do not know. */
static int open_no_process(int directory, char const *path, int flags)
{
#if defined(__linux__) && defined(SYS_openat2)
  /* struct open_how; RESOLVE_NO_MAGICLINKS */
  struct { uint64_t flags, mode, resolve; } const how = { (uint64_t)flags, 0, 0x02 };
  int const fd = (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
  if (fd >= 0 || (errno != ENOSYS && errno != EPERM)) return fd;
#endif
  return openat(directory, path, flags);
}

int qq_os_open_to_search(char const *path)
{
#ifndef O_PATH
#define O_PATH O_RDONLY
#endif
  return open_no_process(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

int qq_os_open_to_list(char const *path)
{
  return open_no_process(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int qq_os_open_of_others(int directory, char const *name)
{
  return open_no_process(directory, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
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
