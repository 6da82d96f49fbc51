/* ahead.so - a machine whose clock is QQ_AHEAD seconds ahead, for LD_PRELOAD: what programs read as
   the time is so much later, and so are the times of files, which the kernel goes on to write down
   by its own clock; a time that a program gives to a file is kept as it was given. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <utime.h>

static time_t ahead(void)
{
  static time_t seconds = -1;
  if (seconds == -1) {
    char const *s = getenv("QQ_AHEAD");
    seconds = s ? (time_t)atoll(s) : 0;
  }
  return seconds;
}

/* The next definition of the function that this stands in. */
#define NEXT(result, arguments) \
  static result (*next) arguments; \
  if (!next) *(void **)&next = dlsym(RTLD_NEXT, __func__)

/* ---- the clock ---- */

int clock_gettime(clockid_t clock, struct timespec *t)
{
  NEXT(int, (clockid_t, struct timespec *));
  int const r = next(clock, t);
  if (!r && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) t->tv_sec += ahead();
  return r;
}

time_t time(time_t *t)
{
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (t) *t = now.tv_sec;
  return now.tv_sec;
}

int gettimeofday(struct timeval *t, void *zone)
{
  struct timespec now;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &now);
  t->tv_sec = now.tv_sec;
  t->tv_usec = now.tv_nsec / 1000;
  return 0;
}

/* ---- times of files ---- */

static int later(int r, struct stat *st)
{
  if (!r) {
    st->st_atim.tv_sec += ahead();
    st->st_mtim.tv_sec += ahead();
    st->st_ctim.tv_sec += ahead();
  }
  return r;
}

#define STAT(name, parameters, arguments) \
  int name parameters \
  { \
    NEXT(int, parameters); \
    return later(next arguments, (struct stat *)st); \
  }
STAT(stat, (char const *path, struct stat *st), (path, st))
STAT(lstat, (char const *path, struct stat *st), (path, st))
STAT(fstat, (int fd, struct stat *st), (fd, st))
STAT(fstatat, (int fd, char const *path, struct stat *st, int flags), (fd, path, st, flags))
#ifdef __GLIBC__               /* elsewhere these are the same functions */
STAT(stat64, (char const *path, struct stat64 *st), (path, st))
STAT(lstat64, (char const *path, struct stat64 *st), (path, st))
STAT(fstat64, (int fd, struct stat64 *st), (fd, st))
STAT(fstatat64, (int fd, char const *path, struct stat64 *st, int flags), (fd, path, st, flags))
#endif

#ifdef STATX_MTIME
int statx(int fd, char const *path, int flags, unsigned int mask, struct statx *st)
{
  NEXT(int, (int, char const *, int, unsigned int, struct statx *));
  int const r = next(fd, path, flags, mask, st);
  if (!r) {
    st->stx_atime.tv_sec += ahead();
    st->stx_mtime.tv_sec += ahead();
    st->stx_ctime.tv_sec += ahead();
    st->stx_btime.tv_sec += ahead();
  }
  return r;
}
#endif

/* As the kernel is told it: what means now, or leave it, means that by itself. */
static struct timespec const *earlier(struct timespec to[2], struct timespec const from[2])
{
  int i;
  if (!from) return 0;
  for (i = 0; i < 2; i++) {
    to[i] = from[i];
    if (to[i].tv_nsec != UTIME_NOW && to[i].tv_nsec != UTIME_OMIT) to[i].tv_sec -= ahead();
  }
  return to;
}

int utimensat(int fd, char const *path, struct timespec const times[2], int flags)
{
  NEXT(int, (int, char const *, struct timespec const *, int));
  struct timespec shifted[2];
  return next(fd, path, earlier(shifted, times), flags);
}

int futimens(int fd, struct timespec const times[2])
{
  NEXT(int, (int, struct timespec const *));
  struct timespec shifted[2];
  return next(fd, earlier(shifted, times));
}

static int set_times(int fd, char const *path, struct timeval const times[2], int flags)
{
  struct timespec t[2];
  int i;
  for (i = 0; times && i < 2; i++) {
    t[i].tv_sec = times[i].tv_sec;
    t[i].tv_nsec = times[i].tv_usec * 1000;
  }
  return path ? utimensat(fd, path, times ? t : 0, flags) : futimens(fd, times ? t : 0);
}

int utimes(char const *path, struct timeval const times[2])
{
  return set_times(AT_FDCWD, path, times, 0);
}

int lutimes(char const *path, struct timeval const times[2])
{
  return set_times(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW);
}

int futimes(int fd, struct timeval const times[2])
{
  return set_times(fd, 0, times, 0);
}

int futimesat(int fd, char const *path, struct timeval const times[2])
{
  return set_times(fd, path, times, 0);
}

int utime(char const *path, struct utimbuf const *times)
{
  struct timeval t[2] = { { 0, 0 }, { 0, 0 } };
  if (!times) return utimes(path, 0);
  t[0].tv_sec = times->actime;
  t[1].tv_sec = times->modtime;
  return utimes(path, t);
}
