/* Sets of rotated files: what their names say, and which a directory has. */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <qq/file.h>
#include <qq/id.h>
#include <qq/names.h>
#include <qq/when.h>
#include "log-private.h"

static int has_end(char const *s, size_t n, char const *end)
{
  size_t const length = strlen(end);
  return n > length && !memcmp(s + n - length, end, length);
}

/* The length without `.gz' and its like. */
static size_t without_compression(char const *s, size_t n)
{
  static char const *const ends[] = { ".gz", ".bz2", ".xz", ".zst" };
  size_t i;
  for (i = 0; i < sizeof ends / sizeof *ends; i++)
    if (has_end(s, n, ends[i])) return n - strlen(ends[i]);
  return n;
}

/* The length without the digits at its end. */
static size_t without_digits(char const *s, size_t n)
{
  while (n && s[n - 1] >= '0' && s[n - 1] <= '9') n--;
  return n;
}

/* @ and 24 hexadecimal digits, with `.s' or `.u' behind it (multilog.c, svlogd.c, s6-log.c); what
   is being processed has `.t'. */
static int is_finished(char const *name)
{
  size_t i;
  if (*name != '@') return 0;
  for (i = 1; i < 25; i++)
    if (!(name[i] >= '0' && name[i] <= '9') && !(name[i] >= 'a' && name[i] <= 'f')) return 0;
  return !strcmp(name + i, ".s") || !strcmp(name + i, ".u");
}

static int is_of_multilog(char const *name)
{
  return is_finished(name) || !strcmp(name, QQ_NAME_CURRENT);
}

/* Sets age by the end of the name, and returns the length without that. */
static size_t take_age(char const *s, size_t n, qq_log_age *age)
{
  size_t const whole = n, plain = without_compression(s, n), digits = without_digits(s, plain);
  uint64_t v = 0;
  size_t i;
  age->kind = 2;
  for (i = digits; i < plain && i < digits + 18; i++) v = v * 10 + (uint64_t)(s[i] - '0');
  if (digits > 1 && plain > digits && plain - digits <= 9 && s[digits - 1] == '.') {
    age->kind = 1;
    n = digits - 1;
  }
  else if (digits > 1 && plain - digits >= 8 && plain - digits <= 14 && s[digits - 1] == '-') {
    age->kind = 0;
    n = digits - 1;
  }
  else if (has_end(s, plain, ".processed")) n = plain;
  else return plain < whole ? plain : whole;
  age->value = age->kind == 2 ? 0 : v;
  if (has_end(s, n, ".processed")) {
    age->is_processed = 1;
    if (age->kind == 2) age->kind = 1;
    n -= strlen(".processed");
  }
  return n;
}

char *qq_log_set_of(char const *path, qq_log_age *age)
{
  char const *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
  size_t n = strlen(path);
  char *set;
  memset(age, 0, sizeof *age);
  age->kind = 2;
  if (is_of_multilog(base)) {
    memcpy(age->name, base, strlen(base));
    if (!slash) return strdup(".");
    n = slash == path ? 1 : (size_t)(slash - path);
  }
  else n = (size_t)(base - path) + take_age(base, strlen(base), age);
  set = malloc(n + 1);
  if (!set) return 0;
  memcpy(set, path, n);
  set[n] = 0;
  return set;
}

static int compare(uint64_t a, uint64_t b)
{
  return a < b ? -1 : a > b;
}

/* Dates go up with time and numbers down; `@' is below `c' in ASCII. */
int qq_log_age_compare(qq_log_age const *a, qq_log_age const *b)
{
  int const names = strcmp(a->name, b->name);
  if (names) return names;
  if (a->kind != b->kind) return a->kind < b->kind ? -1 : 1;
  if (a->value != b->value)
    return a->kind == 1 ? compare(b->value, a->value) : compare(a->value, b->value);
  return b->is_processed - a->is_processed;
}

/* ---- directories of multilog ---- */

/* When it was finished, which is not before any line in it. */
static int is_before(char const *name, uint64_t since)
{
  qq_log_line line;
  qq_log_clock clock = { 0 };
  char stamp[27];
  memcpy(stamp, name, 25);
  stamp[25] = ' ';
  line.text.s = stamp;
  line.text.n = 26;
  return qq_log_stamp_scan(&line, &clock) && line.stamp != QQ_LOG_UNKNOWN && line.stamp < since;
}

static int compare_names(void const *a, void const *b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static int list_names(int fd, genalloc *names, uint64_t since)
{
  qq_directory d;
  int r = 1;
  if (qq_directory_begin(&d, dup(fd)) < 0) return -1;
  while (r > 0 && (r = qq_directory_next(&d)) > 0) {
    char *name;
    if (!is_finished(d.entry->d_name) || is_before(d.entry->d_name, since)) continue;
    name = strdup(d.entry->d_name);
    if (!name || !genalloc_append(char *, names, &name)) r = -1;
  }
  qq_directory_end(&d);
  if (genalloc_len(char *, names))
    qsort(names->s, genalloc_len(char *, names), sizeof(char *), compare_names);
  return r;
}

/* Whoever owns the directory may have put anything there: nothing but regular files is read.
   Returns a descriptor; or -1 with errno, EINVAL for what is none. */
static int open_in(int directory, char const *name)
{
  int const fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  struct stat st;
  if (fd < 0) return -1;
  if (!fstat(fd, &st) && S_ISREG(st.st_mode)) return fd;
  fd_close(fd);
  errno = EINVAL;
  return -1;
}

/* One that is gone by now is passed over; one that cannot be read is named. */
static int add_named(qq_log *log, int directory, char const *path, char const *name, stralloc *why)
{
  int const fd = open_in(directory, name);
  stralloc whole = STRALLOC_ZERO;
  int r = qq_fmt(&whole, "%s/%s", path, name) ? 1
    : qq_refuse(why, ENOMEM, "%s", _("out of memory"));
  if (r > 0 && fd >= 0) r = qq_log_add_open(log, fd, whole.s, path, why);
  else if (r > 0 && errno == EMFILE) r = qq_unable(why, _("unable to open %s"), whole.s);
  else if (r > 0 && errno != ENOENT
    && (!qq_unable(&log->warnings, _("unable to open %s"), whole.s) || !stralloc_0(&log->warnings)))
    r = qq_refuse(why, ENOMEM, "%s", _("out of memory"));
  stralloc_free(&whole);
  return r;
}

/* current is opened first and read last: if it is rotated meanwhile, it is in the list as well, and
   by its inode read once. */
static int add_all(qq_log *log, int directory, char const *path, stralloc *why)
{
  genalloc names = GENALLOC_ZERO;       /* of char * */
  int const fd = open_in(directory, QQ_NAME_CURRENT);
  int const error = errno;
  struct stat first = { 0 };
  size_t const before = genalloc_len(qq_log_file, &log->files);
  size_t i;
  int r = list_names(directory, &names, log->since);
  if (r < 0) qq_unable(why, _("unable to read %s"), path);
  if (fd >= 0) fstat(fd, &first);
  for (i = 0; i < genalloc_len(char *, &names); i++) {
    if (r > 0 || !r) r = add_named(log, directory, path, genalloc_s(char *, &names)[i], why);
    free(genalloc_s(char *, &names)[i]);
  }
  genalloc_free(char *, &names);
  if (r < 0) {
    if (fd >= 0) fd_close(fd);
    return -1;
  }
  if (fd >= 0) {
    stralloc whole = STRALLOC_ZERO;
    r = qq_fmt(&whole, "%s/%s", path, QQ_NAME_CURRENT)
      ? qq_log_add_open(log, fd, whole.s, path, why) : -1;
    stralloc_free(&whole);
    if (r > 0) r = add_named(log, directory, path, QQ_NAME_CURRENT, why);
    return r;
  }
  if (genalloc_len(qq_log_file, &log->files) > before) return 1;
  errno = error;
  if (error == ENOENT)
    return qq_refuse(why, ENOENT, _("%s: no log directory: expected current or @* in it"), path);
  return qq_unable(why, _("unable to open %s/%s"), path, QQ_NAME_CURRENT);
}

int qq_log_add_directory(qq_log *log, char const *path, stralloc *why)
{
  int const fd = qq_path_open(path);
  int r;
  if (fd < 0) return qq_unable(why, _("unable to open %s"), path);
  r = add_all(log, fd, path, why);
  fd_close(fd);
  return r;
}

/* ---- syslog files with their elders ---- */

typedef struct elder { char *name; qq_log_age age; } elder;

static int compare_elders(void const *a, void const *b)
{
  return qq_log_age_compare(&((elder const *)a)->age, &((elder const *)b)->age);
}

static int list_elders(int fd, char const *base, uint64_t since, genalloc *all)
{
  qq_directory d;
  int r = 1;
  if (qq_directory_begin(&d, dup(fd)) < 0) return -1;
  while (r > 0 && (r = qq_directory_next(&d)) > 0) {
    char const *name = d.entry->d_name;
    struct stat st;
    elder e;
    char *set;
    if (strncmp(name, base, strlen(base))) continue;
    set = qq_log_set_of(name, &e.age);
    if (!set) r = -1;
    else if (!strcmp(set, base) && !fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW)
      && (qq_stamp(&st) >= since || !strcmp(name, base))) {
      e.name = strdup(name);
      if (!e.name || !genalloc_append(elder, all, &e)) r = -1;
    }
    free(set);
  }
  qq_directory_end(&d);
  if (genalloc_len(elder, all))
    qsort(all->s, genalloc_len(elder, all), sizeof(elder), compare_elders);
  return r;
}

int qq_log_add_with_elders(qq_log *log, char const *path, stralloc *why)
{
  genalloc all = GENALLOC_ZERO;         /* of elder */
  char const *base;
  int const fd = qq_path_open_above(path, &base);
  size_t i;
  int r;
  if (fd < 0) return qq_unable(why, _("unable to open %s"), path);
  r = list_elders(fd, base, log->since, &all);
  if (r < 0) qq_unable(why, _("unable to read what is beside %s"), path);
  for (i = 0; i < genalloc_len(elder, &all); i++) {
    elder *e = &genalloc_s(elder, &all)[i];
    stralloc whole = STRALLOC_ZERO;
    int const f = r < 0 ? -1 : open_in(fd, e->name);
    if (f >= 0) r = qq_fmt(&whole, "%.*s%s", (int)(base - path), path, e->name)
      ? qq_log_add_open(log, f, whole.s, path, why) : -1;
    stralloc_free(&whole);
    free(e->name);
  }
  genalloc_free(elder, &all);
  fd_close(fd);
  return r < 0 ? -1 : 1;
}
