/* The new trees come into their place. Whoever is stopped in here leaves what says how far it has
   come, and all of it can be done again. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <qq/file.h>
#include <qq/id.h>
#include <qq/os.h>
#include <qq/repair.h>

/* What is in .fix/new or .fix/old: as names, each with its NUL. */
static int list_names(qq_fix *f, int fd, char const *name, stralloc *names)
{
  qq_directory d;
  int r;
  names->len = 0;
  if (qq_directory_begin(&d, qq_queue_directory(fd, ".")) < 0) return qq_fix_unable(f, name);
  while ((r = qq_directory_next(&d)) > 0)
    if (!stralloc_catb(names, d.entry->d_name, strlen(d.entry->d_name) + 1)) r = -1;
  qq_directory_end(&d);
  return r < 0 ? qq_fix_unable(f, name) : 1;
}

/* What stands in the way is the old tree; a second one is nobody's that we know. */
static int swap_tree(qq_fix *f, char const *name)
{
  struct stat st;
  int const is_there = qq_is_there(f->queue_fd, name, &st);
  int const is_old = is_there < 1 ? is_there : qq_is_there(f->old_fd, name, &st);
  if (is_old > 0) errno = EEXIST;
  if (is_there < 0 || is_old) return qq_fix_unable(f, name);
  if (is_there && renameat(f->queue_fd, name, f->old_fd, name) < 0) return qq_fix_unable(f, name);
  return renameat(f->new_fd, name, f->queue_fd, name) < 0 ? qq_fix_unable(f, name) : 1;
}

static int swap_all(qq_fix *f)
{
  stralloc names = STRALLOC_ZERO;
  size_t at;
  int r = list_names(f, f->new_fd, QQ_NAME_FIX_NEW, &names);
  for (at = 0; r > 0 && at < names.len; at += strlen(names.s + at) + 1)
    r = swap_tree(f, names.s + at);
  stralloc_free(&names);
  return r;
}

/* ---- what was in the old ones, and is not in the new ---- */

static int lose_tree(qq_fix *f, qq_loser *l, char const *name)
{
  int const fd = qq_queue_directory(f->old_fd, name);
  int r;
  if (fd < 0) return qq_fix_unable(f, QQ_NAME_FIX_OLD);
  r = qq_loser_lose(l, fd, name);
  fd_close(fd);
  return r;
}

/* What is in the new trees, and in lost/. Who has made the trees knows it: nobody else comes in. */
static int know_kept(qq_fix *f, stralloc const *trees)
{
  int const is_known = genalloc_len(uint64_t, &f->kept) > 0;
  size_t at;
  if (qq_inodes_read(&f->kept, f->lost_fd, ".") < 0) return qq_fix_unable(f, QQ_NAME_FIX_LOST);
  for (at = 0; !is_known && at < trees->len; at += strlen(trees->s + at) + 1)
    if (qq_inodes_read(&f->kept, f->queue_fd, trees->s + at) < 0)
      return qq_fix_unable(f, trees->s + at);
  qq_numbers_sort(&f->kept, 0);
  return 1;
}

/* Once lost/ is in its place, this is done. */
static int lose_rest(qq_fix *f)
{
  qq_loser l = { f, 1, 0 };
  stralloc names = STRALLOC_ZERO;
  size_t at;
  int r;
  if (f->lost_fd < 0) return 1;
  r = list_names(f, f->old_fd, QQ_NAME_FIX_OLD, &names);
  if (r > 0) r = know_kept(f, &names);
  for (at = 0; r > 0 && at < names.len; at += strlen(names.s + at) + 1)
    r = lose_tree(f, &l, names.s + at);
  stralloc_free(&names);
  return r;
}

/* With nothing beside it, it is about what was held, and has been printed. */
static int drop_lone_report(qq_fix *f)
{
  stralloc names = STRALLOC_ZERO;
  int r = list_names(f, f->lost_fd, QQ_NAME_FIX_LOST, &names);
  if (r > 0 && names.len == sizeof QQ_NAME_REPORT && !strcmp(names.s, QQ_NAME_REPORT)
    && unlinkat(f->lost_fd, QQ_NAME_REPORT, 0) < 0) r = qq_fix_unable(f, QQ_NAME_FIX_LOST);
  stralloc_free(&names);
  return r;
}

/* Gives it a name that no run before had: of two in one second, the later is called DATE.2. */
static int rename_lost(qq_fix *f, int from, int to, stralloc *name)
{
  unsigned int i;
  if (!qq_fmt(name, "%s", f->date.s) || !stralloc_0(name)) return -1;
  for (i = 2; i; i++) {
    if (renameat(from, f->date.s, to, name->s) >= 0) return 1;
    if (errno != ENOTEMPTY && errno != EEXIST && errno != ENOTDIR) return -1;
    name->len = 0;
    if (!qq_fmt(name, "%s.%u", f->date.s, i) || !stralloc_0(name)) return -1;
  }
  return -1;
}

/* The directory of this run comes to lost/, if there is something in it. */
static int move_lost(qq_fix *f, stralloc *lost)
{
  char const *const to = QQ_WITHIN_FIX(QQ_NAME_FIX_LOST);
  stralloc name = STRALLOC_ZERO;
  int from, all = -1, r = -1;
  if (f->lost_fd < 0) return 1;
  if (drop_lone_report(f) < 0) return -1;
  from = qq_queue_directory(f->fd, to);
  if (from < 0) return qq_fix_unable(f, QQ_NAME_FIX_LOST);
  if (!unlinkat(from, f->date.s, AT_REMOVEDIR)) r = 1;
  else if ((errno == ENOTEMPTY || errno == EEXIST)
    && (mkdirat(f->queue_fd, to, 0700) >= 0 || errno == EEXIST)
    && (all = qq_queue_directory(f->queue_fd, to)) >= 0
    && rename_lost(f, from, all, &name) > 0
    && qq_fmt(lost, "%s/%s", to, name.s) && stralloc_0(lost)) r = 1;
  if (r < 0) qq_fix_unable(f, QQ_NAME_FIX_LOST);
  fd_close(from);
  if (all >= 0) fd_close(all);
  stralloc_free(&name);
  return r;
}

static int sync_all(qq_fix *f)
{
  return qq_os_syncfs(f->queue_fd) < 0 ? qq_fix_unable(f, ".") : 1;
}

static int set_done(qq_fix *f)
{
  char const *const from = QQ_WITHIN_FIX(QQ_NAME_FIX_READY);
  return renameat(f->fd, from, f->fd, QQ_WITHIN_FIX(QQ_NAME_FIX_DONE)) < 0
    ? qq_fix_unable(f, QQ_NAME_FIX_READY) : 1;
}

int qq_fix_swap(qq_fix *f, stralloc *lost)
{
  int const is_done = qq_fix_has(f, QQ_NAME_FIX_DONE);
  if (is_done < 0) return -1;
  if (!is_done && (swap_all(f) < 0 || lose_rest(f) < 0 || move_lost(f, lost) < 0
    || sync_all(f) < 0 || set_done(f) < 0 || sync_all(f) < 0)) return -1;
  return qq_fix_open_queue(f);
}
