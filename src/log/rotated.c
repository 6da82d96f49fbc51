/* Sets of rotated files: which a directory has. */

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

static void close_file(qq_log_file *f)
{
  fd_close(f->fd);
  free(f->name);
  free(f->set);
}

static void close_from(qq_log *log, size_t first)
{
  size_t i;
  for (i = first; i < genalloc_len(qq_log_file, &log->files); i++)
    close_file(&genalloc_s(qq_log_file, &log->files)[i]);
  genalloc_setlen(qq_log_file, &log->files, first);
}

void qq_log_drop_before(qq_log *log, uint64_t since)
{
  qq_log_file *f = genalloc_s(qq_log_file, &log->files);
  size_t const n = genalloc_len(qq_log_file, &log->files);
  size_t i, kept = 0;
  log->since_within = since;
  for (i = 0; i < n; i++) {
    char const *slash = strrchr(f[i].name, '/'), *base = slash ? slash + 1 : f[i].name;
    if (!qq_log_is_finished(base) || !is_before(base, since)) f[kept++] = f[i];
    else close_file(&f[i]);
  }
  genalloc_setlen(qq_log_file, &log->files, kept);
}

static int compare_names(void const *a, void const *b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Of those of one moment, the first: svlogd gives what a processor has made of NAME.u the name
   NAME.s, and then removes that (svlogd.c:processorstop); NAME.s.gz may just be made of NAME.s. */
static void drop_processed(genalloc *names)
{
  char **s = genalloc_s(char *, names);
  size_t const n = genalloc_len(char *, names);
  size_t i, kept = 0;
  for (i = 0; i < n; i++) {
    if (kept && !strncmp(s[kept - 1], s[i], 25)) free(s[i]);
    else s[kept++] = s[i];
  }
  genalloc_setlen(char *, names, kept);
}

static int list_names(int fd, genalloc *names, uint64_t since)
{
  qq_directory d;
  int r = 1;
  if (qq_directory_begin(&d, openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0) return -1;
  while (r > 0 && (r = qq_directory_next(&d)) > 0) {
    char *name;
    if (!qq_log_is_finished(d.entry->d_name) || is_before(d.entry->d_name, since)) continue;
    name = strdup(d.entry->d_name);
    if (!name || !genalloc_append(char *, names, &name)) r = -1;
  }
  qq_directory_end(&d);
  if (genalloc_len(char *, names))
    qsort(names->s, genalloc_len(char *, names), sizeof(char *), compare_names);
  drop_processed(names);
  return r;
}

/* Whoever owns the directory may have put anything there: nothing but regular files is read.
   Returns a descriptor; or -1 with errno, EINVAL for what is none. */
static int open_in(int directory, char const *name)
{
  int const fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  struct stat st;
  if (fd < 0) return -1;
  errno = EINVAL;
  if (fstat(fd, &st) >= 0 && S_ISREG(st.st_mode)) return fd;
  fd_close(fd);                 /* errno stays */
  return -1;
}

/* One that is gone by now is passed over; one that cannot be read is named. Takes fd, or -1 with
   errno, over. */
static int add_or_warn(qq_log *log, int fd, char const *path, char const *set, stralloc *why)
{
  if (fd >= 0) return qq_log_add_open(log, fd, path, set, why);
  if (errno == EMFILE) return qq_unable(why, _("unable to open %s"), path);
  if (errno == ENOENT) return 1;
  if (errno == EINVAL)
    qq_refuse(&log->warnings, EINVAL, _("%s is not a regular file: passed over"), path);
  else qq_unable(&log->warnings, _("unable to open %s"), path);
  return stralloc_0(&log->warnings) ? 1 : qq_log_no_memory(why);
}

static int add_named(qq_log *log, int directory, char const *path, char const *name, stralloc *why)
{
  stralloc whole = STRALLOC_ZERO;
  int const r = qq_fmt(&whole, "%s/%s", path, name)
    ? add_or_warn(log, open_in(directory, name), whole.s, path, why) : qq_log_no_memory(why);
  stralloc_free(&whole);
  return r;
}

/* What has no name of its own yet: current; previous, which multilog and s6-log have made of it
   until they finish that, or a processor has read it; and what that has written. Once previous is
   gone, processed is whole (s6-log.c:rotator). */
typedef struct unfinished { char const *name; int fd, error; } unfinished;
enum { PREVIOUS, PROCESSED, CURRENT, UNFINISHED };

static void forget_names(genalloc *names)
{
  size_t i;
  for (i = 0; i < genalloc_len(char *, names); i++) free(genalloc_s(char *, names)[i]);
  genalloc_setlen(char *, names, 0);
}

/* How often it is tried again if the files are rotated at that very moment. */
#define TRIES 100

/* Says whether what was opened has its name still, or what was not there is not there still. */
static int is_still_so(int directory, unfinished const *u)
{
  struct stat now, st;
  int const is_there = qq_is_there(directory, u->name, &now);
  if (u->fd < 0) return is_there <= 0 || u->error != ENOENT;
  return is_there > 0 && !fstat(u->fd, &st) && st.st_ino == now.st_ino && st.st_dev == now.st_dev;
}

static int is_gone(unfinished const *u)
{
  return u->fd < 0 && u->error == ENOENT;
}

/* Opens what is unfinished, and lists the others. If nothing of it has changed then, nothing was
   finished meanwhile, of which the list might have the younger and not the elder. Returns 1; 0:
   something was each time; or -1 with errno. */
static int look_into(int directory, genalloc *names, uint64_t since, unfinished *u)
{
  unsigned int tries;
  for (tries = 0; tries < TRIES; tries++) {
    int i, is_so = 1;
    forget_names(names);
    for (i = 0; i < UNFINISHED; i++) {
      if (u[i].fd >= 0) fd_close(u[i].fd);
      u[i].fd = open_in(directory, u[i].name);
      u[i].error = errno;
    }
    if (list_names(directory, names, since) < 0) return -1;
    for (i = 0; i < UNFINISHED; i++) is_so = is_so && is_still_so(directory, &u[i]);
    if (is_so) return 1;
  }
  return 0;
}

/* Takes its descriptor over. */
static int add_unfinished(qq_log *log, char const *path, unfinished *u, stralloc *why)
{
  stralloc whole = STRALLOC_ZERO;
  int const fd = u->fd;
  int r = qq_fmt(&whole, "%s/%s", path, u->name);
  u->fd = -1;
  errno = u->error;
  if (r) r = add_or_warn(log, fd, whole.s, path, why);
  else {
    if (fd >= 0) fd_close(fd);
    r = qq_log_no_memory(why);
  }
  stralloc_free(&whole);
  return r;
}

static int add_looked(qq_log *log, int directory, char const *path, genalloc const *names,
  unfinished *u, stralloc *why)
{
  size_t const before = genalloc_len(qq_log_file, &log->files);
  int r = 1, error = u[CURRENT].error;
  size_t i;
  for (i = 0; r > 0 && i < genalloc_len(char *, names); i++)
    r = add_named(log, directory, path, genalloc_s(char *, names)[i], why);
  if (r > 0) r = add_unfinished(log, path, &u[is_gone(&u[PREVIOUS]) ? PROCESSED : PREVIOUS], why);
  if (r < 0) return -1;
  if (u[CURRENT].fd >= 0 || genalloc_len(qq_log_file, &log->files) > before)
    return add_unfinished(log, path, &u[CURRENT], why);
  errno = error;
  if (error == ENOENT)
    return qq_refuse(why, ENOENT, _("%s: is not a log directory, expected current or @* in "
      "it"), path);
  return qq_unable(why, _("unable to open %s/%s"), path, QQ_NAME_CURRENT);
}

static int add_all(qq_log *log, int directory, char const *path, stralloc *why)
{
  unfinished u[UNFINISHED] = { { QQ_NAME_PREVIOUS, -1, ENOENT },
    { QQ_NAME_PROCESSED, -1, ENOENT }, { QQ_NAME_CURRENT, -1, ENOENT } };
  genalloc names = GENALLOC_ZERO;       /* of char * */
  int r = look_into(directory, &names, log->since, u);
  int i;
  if (r < 0) qq_unable(why, _("unable to read %s"), path);
  if (!r) r = qq_refuse(why, EAGAIN, _("%s: rotated again and again while it was opened"), path);
  if (r > 0) r = add_looked(log, directory, path, &names, u, why);
  for (i = 0; i < UNFINISHED; i++) if (u[i].fd >= 0) fd_close(u[i].fd);
  forget_names(&names);
  genalloc_free(char *, &names);
  return r;
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

/* Returns 1; 0: it is not there, or has none; or -1 with errno. */
static int has_event_in(int directory, char const *name)
{
  int const fd = open_in(directory, name);
  int r;
  if (fd < 0) return errno == ENOENT ? 0 : -1;
  r = qq_log_has_event(fd);
  fd_close(fd);
  return r;
}

int qq_log_directory_has_event(char const *path, stralloc *why)
{
  genalloc names = GENALLOC_ZERO;       /* of char * */
  int const fd = qq_path_open(path);
  size_t n, i;
  int r = fd < 0 ? -1 : has_event_in(fd, QQ_NAME_CURRENT);
  if (!r) r = has_event_in(fd, QQ_NAME_PREVIOUS);
  if (!r) r = list_names(fd, &names, 0);
  n = genalloc_len(char *, &names);
  if (n && r >= 0) r = has_event_in(fd, genalloc_s(char *, &names)[n - 1]);
  if (r < 0) qq_unable(why, _("unable to read %s"), path);
  for (i = 0; i < n; i++) free(genalloc_s(char *, &names)[i]);
  genalloc_free(char *, &names);
  if (fd >= 0) fd_close(fd);
  return r;
}

/* ---- syslog files with their elders ---- */

typedef struct elder { char *name; qq_log_age age; struct stat st; } elder;

static int compare_elders(void const *a, void const *b)
{
  return qq_log_age_compare(&((elder const *)a)->age, &((elder const *)b)->age);
}

static void forget_elders(genalloc *all)
{
  size_t i;
  for (i = 0; i < genalloc_len(elder, all); i++) free(genalloc_s(elder, all)[i].name);
  genalloc_setlen(elder, all, 0);
}

static int list_elders(int fd, char const *base, genalloc *all)
{
  qq_directory d;
  int r = 1;
  if (qq_directory_begin(&d, openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0) return -1;
  while (r > 0 && (r = qq_directory_next(&d)) > 0) {
    char const *name = d.entry->d_name;
    elder e;
    char *set;
    if (strncmp(name, base, strlen(base))) continue;
    set = qq_log_set_of(name, &e.age);
    if (!set) r = -1;
    else if (!strcmp(set, base) && !fstatat(fd, name, &e.st, AT_SYMLINK_NOFOLLOW)) {
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

/* Says whether it is being made of the file beside it, which has its name but for the `.gz'. */
static int is_being_compressed(genalloc const *all, size_t i)
{
  elder const *e = genalloc_s(elder, all);
  size_t const n = genalloc_len(elder, all);
  size_t k;
  for (k = 0; e[i].age.is_compressed && k < n; k++)
    if (!e[k].age.is_compressed && !compare_elders(&e[i], &e[k])) return 1;
  return 0;
}

/* What is opened: below which directory, and whether an event has been seen in it. */
typedef struct elders {
  qq_log *log;
  int directory;
  char const *path, *base;
  int has_event;
} elders;

/* Returns 1; 0: what has the name is another file by now; or -1. */
static int add_elder(elders *o, elder const *e, stralloc *why)
{
  int const fd = open_in(o->directory, e->name);
  int const error = errno;
  stralloc whole = STRALLOC_ZERO;
  struct stat st;
  int r;
  if (fd < 0 ? error == ENOENT : fstat(fd, &st) < 0 || st.st_ino != e->st.st_ino) {
    if (fd >= 0) fd_close(fd);
    return 0;
  }
  r = fd < 0 || o->has_event ? o->has_event : qq_log_has_event(fd);
  if (r < 0) {
    qq_unable(why, _("unable to read %.*s%s"), (int)(o->base - o->path), o->path, e->name);
    fd_close(fd);
    return -1;
  }
  o->has_event = r;
  if (fd >= 0 && qq_stamp(&st) < o->log->since && strcmp(e->name, o->base)) {
    fd_close(fd);
    return 1;
  }
  r = qq_fmt(&whole, "%.*s%s", (int)(o->base - o->path), o->path, e->name);
  errno = error;
  r = r ? add_or_warn(o->log, fd, whole.s, o->path, why) : qq_log_no_memory(why);
  stralloc_free(&whole);
  return r;
}

static int add_elders(elders *o, stralloc *why)
{
  genalloc all = GENALLOC_ZERO;         /* of elder */
  size_t const before = genalloc_len(qq_log_file, &o->log->files), warned = o->log->warnings.len;
  size_t i;
  unsigned int tries;
  int r = 0;
  for (tries = 0; !r && tries < TRIES; tries++) {
    close_from(o->log, before);
    o->log->warnings.len = warned;
    forget_elders(&all);
    r = list_elders(o->directory, o->base, &all);
    if (r < 0) qq_unable(why, _("unable to read what is beside %s"), o->path);
    else r = 1;
    for (i = 0; r > 0 && i < genalloc_len(elder, &all); i++)
      if (!is_being_compressed(&all, i)) r = add_elder(o, &genalloc_s(elder, &all)[i], why);
  }
  forget_elders(&all);
  genalloc_free(elder, &all);
  if (!r)
    return qq_refuse(why, EAGAIN, _("%s: rotated again and again while it was opened"), o->path);
  if (r < 0 || o->has_event) return r;
  if (o->log->warnings.len > warned)
    r = qq_refuse(why, EACCES, "%s", o->log->warnings.s + warned);
  else r = 0;
  close_from(o->log, before);
  o->log->warnings.len = warned;
  return r;
}

static int add_beside(qq_log *log, char const *path, int has_event, stralloc *why)
{
  elders o = { log, 0, path, 0, has_event };
  int r;
  o.directory = qq_path_open_above(path, &o.base);
  if (o.directory < 0) return errno == ENOENT ? 0 : qq_unable(why, _("unable to open %s"), path);
  r = add_elders(&o, why);
  fd_close(o.directory);
  return r;
}

int qq_log_add_with_elders(qq_log *log, char const *path, stralloc *why)
{
  return add_beside(log, path, 0, why);
}

int qq_log_add_set(qq_log *log, char const *path, stralloc *why)
{
  return add_beside(log, path, 1, why);
}
