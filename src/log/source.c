/* Which files, and in which order. All are opened before anything is read. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <qq/child.h>
#include <qq/file.h>
#include <qq/id.h>
#include <qq/names.h>
#include "log-private.h"

/* Rotated sets may have thousands of files. */
static void allow_many_files(void)
{
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

static unsigned int number_of_set(qq_log const *log, char const *set)
{
  qq_log_file const *f = genalloc_s(qq_log_file, &log->files);
  unsigned int next = 0;
  size_t i;
  for (i = 0; i < genalloc_len(qq_log_file, &log->files); i++) {
    if (!strcmp(f[i].set, set)) return f[i].set_number;
    if (f[i].set_number >= next) next = f[i].set_number + 1;
  }
  return next;
}

static int is_read_already(qq_log const *log, struct stat const *st)
{
  qq_log_file const *f = genalloc_s(qq_log_file, &log->files);
  size_t i = genalloc_len(qq_log_file, &log->files);
  while (i--)
    if (f[i].is_regular && f[i].device == st->st_dev && f[i].inode == st->st_ino) return 1;
  return 0;
}

static qq_log_file describe(int fd, struct stat const *st)
{
  qq_log_file f;
  memset(&f, 0, sizeof f);
  f.fd = fd;
  f.kept = -1;
  f.is_regular = S_ISREG(st->st_mode);
  f.mtime = f.is_regular ? qq_stamp(st) : QQ_LOG_UNKNOWN;
  f.size = f.is_regular ? (uint64_t)st->st_size : 0;
  f.device = st->st_dev;
  f.inode = st->st_ino;
  f.owner = st->st_uid;
  f.begins = QQ_LOG_UNKNOWN;
  return f;
}

/* Takes fd over, also if it fails. */
static int append(qq_log *log, qq_log_file *f, char const *name, char const *set)
{
  f->name = strdup(name);
  f->set = strdup(set);
  if (f->name && f->set) {
    f->set_number = number_of_set(log, set);
    if (genalloc_append(qq_log_file, &log->files, f)) return 1;
  }
  free(f->name);
  free(f->set);
  fd_close(f->fd);
  return -1;
}

int qq_log_add_open(qq_log *log, int fd, char const *name, char const *set, stralloc *why)
{
  struct stat st;
  qq_log_file f;
  char const *base = strrchr(name, '/');
  size_t n;
  base = base ? base + 1 : name;
  n = strlen(base);
  if (fstat(fd, &st) < 0) {
    fd_close(fd);
    return qq_unable(why, _("unable to look at %s"), name);
  }
  if (S_ISREG(st.st_mode) && is_read_already(log, &st)) {
    fd_close(fd);
    return 1;
  }
  f = describe(fd, &st);
  f.is_growing = !strcmp(base, QQ_NAME_CURRENT)
    || (*base == '@' && n > 2 && !strcmp(base + n - 2, ".u"));
  return append(log, &f, name, set) < 0 ? qq_log_no_memory(why) : 1;
}

int qq_log_add_stream(qq_log *log, int fd, char const *name, pid_t child)
{
  struct stat st;
  qq_log_file f;
  if (fstat(fd, &st) < 0) memset(&st, 0, sizeof st);
  f = describe(fd, &st);
  f.child = child;
  return append(log, &f, name, name);
}

/* ---- operands ---- */

/* An operand, and where it stands in its set. */
typedef struct operand { char const *path; char *set; qq_log_age age; size_t place; } operand;

static int compare_operands(void const *a, void const *b)
{
  operand const *x = a, *y = b;
  int const r = x->place == y->place ? qq_log_age_compare(&x->age, &y->age) : 0;
  return r ? r : x->place < y->place ? -1 : x->place > y->place;
}

/* From where it stands on: somebody may have read the beginning. */
static int add_input(qq_log *log, stralloc *why)
{
  size_t const before = genalloc_len(qq_log_file, &log->files);
  off_t const from = lseek(0, 0, SEEK_CUR);
  int const fd = fcntl(0, F_DUPFD_CLOEXEC, 3);
  if (fd < 0) return qq_unable(why, "%s", _("unable to read standard input"));
  if (qq_log_add_open(log, fd, "-", "-", why) < 0) return -1;
  if (from > 0 && genalloc_len(qq_log_file, &log->files) > before)
    genalloc_s(qq_log_file, &log->files)[before].from = (uint64_t)from;
  return 1;
}

static int add_file(qq_log *log, operand const *o, stralloc *why)
{
  int fd;
  if (!strcmp(o->path, "-")) return add_input(log, why);
  fd = qq_path_open_file(o->path, why);
  if (fd < 0) return -1;
  return qq_log_add_open(log, fd, o->path, o->set, why);
}

/* Where links count, elders are beside what one leads to. */
static int add_set(qq_log *log, char const *path, stralloc *why)
{
  size_t const before = genalloc_len(qq_log_file, &log->files), warned = log->warnings.len;
  char *real = qq_path_is_ours(path) > 0 ? realpath(path, 0) : 0;
  int const r = qq_log_add_set(log, real ? real : path, why);
  free(real);
  if (r < 0 || genalloc_len(qq_log_file, &log->files) > before) return r;
  if (log->warnings.len > warned)
    return qq_refuse(why, EINVAL, "%s", log->warnings.s + warned);
  errno = ENOENT;
  return qq_unable(why, _("unable to open %s"), path);
}

static int add_operand(qq_log *log, operand const *o, stralloc *why)
{
  struct stat st;
  if (strcmp(o->path, "-") && !stat(o->path, &st) && S_ISDIR(st.st_mode))
    return qq_log_add_directory(log, o->path, why);
  return log->follows ? add_set(log, o->set, why) : add_file(log, o, why);
}

/* Sets come in the order of their first operands. */
static int place(operand *all, size_t n)
{
  size_t i, k;
  for (i = 0; i < n; i++) {
    all[i].set = qq_log_set_of(all[i].path, &all[i].age);
    if (!all[i].set) return 0;
    all[i].place = i;
    for (k = 0; k < i; k++)
      if (!strcmp(all[k].set, all[i].set)) {
        all[i].place = all[k].place;
        break;
      }
  }
  qsort(all, n, sizeof *all, compare_operands);
  return 1;
}

int qq_log_add(qq_log *log, char const *const *paths, stralloc *why)
{
  operand *all;
  size_t n = 0, i;
  int r = 1;
  while (paths[n]) n++;
  allow_many_files();
  all = calloc(n + 1, sizeof *all);
  if (!all) return qq_log_no_memory(why);
  for (i = 0; i < n; i++) all[i].path = paths[i];
  if (!place(all, n)) r = qq_log_no_memory(why);
  for (i = 0; r > 0 && i < n; i++) r = add_operand(log, &all[i], why);
  for (i = 0; i < n; i++) free(all[i].set);
  free(all);
  return r;
}

int qq_log_add_path(qq_log *log, char const *path, stralloc *why)
{
  genalloc names = GENALLOC_ZERO;       /* of char *, and a null pointer behind them */
  char *one;
  size_t n, i;
  int r = 1;
  for (; r > 0 && (n = qq_next_path(&path)); path += n) {
    one = strndup(path, n);
    if (!one || !genalloc_append(char *, &names, &one)) r = qq_log_no_memory(why);
  }
  one = 0;
  if (r > 0 && !genalloc_append(char *, &names, &one)) r = qq_log_no_memory(why);
  if (r > 0) r = qq_log_add(log, (char const *const *)names.s, why);
  for (i = 0; i < genalloc_len(char *, &names); i++) free(genalloc_s(char *, &names)[i]);
  genalloc_free(char *, &names);
  return r;
}

/* ---- what is there ---- */

uid_t qq_log_owner(qq_log const *log)
{
  qq_log_file const *f = genalloc_s(qq_log_file, &log->files);
  uid_t owner = 0;
  size_t i;
  for (i = 0; i < genalloc_len(qq_log_file, &log->files); i++) {
    if (!f[i].is_regular || !f[i].owner || f[i].owner == owner) continue;
    if (owner) return 0;
    owner = f[i].owner;
  }
  return owner;
}

uint64_t qq_log_set_begins(qq_log const *log, unsigned int set_number)
{
  qq_log_file const *f = genalloc_s(qq_log_file, &log->files);
  size_t const n = genalloc_len(qq_log_file, &log->files);
  size_t i = 0;
  while (i < n && (f[i].set_number != set_number || f[i].begins == QQ_LOG_UNKNOWN)) i++;
  return i < n ? f[i].begins : QQ_LOG_UNKNOWN;
}

#define NEAR_THE_END 262144

static int look_for_event(int fd)
{
  qq_log_clock clock = { 0 };
  stralloc sa = STRALLOC_ZERO;
  off_t const end = lseek(fd, 0, SEEK_END);
  qq_piece text;
  qq_log_line line;
  int r, found = 0;
  if (end < 0 && errno == ESPIPE) return 0;
  if (end < 0 || lseek(fd, end > NEAR_THE_END ? end - NEAR_THE_END : 0, SEEK_SET) < 0) return -1;
  r = qq_slurp_up_to(&sa, fd, 2 * NEAR_THE_END);
  text = qq_piece_of(&sa);
  while (r >= 0 && !found && text.n && qq_piece_line(&text, &line.raw)) {
    r = qq_log_line_scan(&line, &clock);
    found = r == 1 && line.event >= QQ_LOG_NEW && line.event <= QQ_LOG_EXIT;
  }
  stralloc_free(&sa);
  stralloc_free(&clock.decoded);
  return r < 0 ? -1 : found;
}

static int look_at(void *fd)
{
  return look_for_event(*(int *)fd);
}

/* Which log is meant is asked before root is given up, and root parses nothing that strangers have
   written. */
int qq_log_has_event(int fd)
{
  return geteuid() ? look_for_event(fd) : qq_child_as_nobody(look_at, &fd);
}

static int set_has_event(qq_log const *log, unsigned int set)
{
  qq_log_file const *f = genalloc_s(qq_log_file, &log->files);
  size_t i = genalloc_len(qq_log_file, &log->files), looked_at = 0;
  while (i-- && looked_at < 2) {
    if (f[i].set_number != set) continue;
    if (!f[i].is_regular || qq_log_has_event(f[i].fd)) return 1;
    looked_at++;
  }
  return 0;
}

int qq_log_silent_first(qq_log *log)
{
  qq_log_file *f = genalloc_s(qq_log_file, &log->files), *sorted;
  size_t const n = genalloc_len(qq_log_file, &log->files);
  size_t i, k, kept = 0, count = 0;
  if (!n || f[0].set_number == f[n - 1].set_number) return 1;
  sorted = calloc(2 * n, sizeof *f);
  if (!sorted) return -1;
  for (i = 0; i < n; i = k) {
    int const has = set_has_event(log, f[i].set_number);
    for (k = i; k < n && f[k].set_number == f[i].set_number; k++)
      if (has) sorted[n + kept++] = f[k];
      else sorted[count++] = f[k];
  }
  memcpy(f, sorted, count * sizeof *f);
  memcpy(f + count, sorted + n, kept * sizeof *f);
  free(sorted);
  return 1;
}

/* ---- temporary files ---- */

static int make_temporary(qq_log_file *f, stralloc *why)
{
  char const *directory = getenv("TMPDIR");
  stralloc name = STRALLOC_ZERO;
  if (!qq_fmt(&name, "%s/qqtools.XXXXXX", directory && *directory ? directory : "/tmp"))
    return qq_log_no_memory(why);
  f->kept = mkstemp(name.s);
  if (f->kept < 0) qq_unable(why, _("unable to make a temporary file like %s"), name.s);
  else {
    unlink(name.s);
    fcntl(f->kept, F_SETFD, FD_CLOEXEC);
  }
  stralloc_free(&name);
  return f->kept < 0 ? -1 : 1;
}

int qq_log_keep(qq_log *log, stralloc *why)
{
  qq_log_file *f = genalloc_s(qq_log_file, &log->files);
  size_t i;
  if (!log->reader && qq_log_rewind(log, why) < 0) return -1;
  for (i = 0; i < genalloc_len(qq_log_file, &log->files); i++)
    if (!f[i].is_regular && f[i].kept < 0 && make_temporary(&f[i], why) < 0) return -1;
  log->reader->keeps = 1;
  return 1;
}
