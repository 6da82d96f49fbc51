/* What is wrong with a queue itself: its directories, lock/, pid/, and names that are no
   numbers. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <qq/child.h>
#include <qq/file.h>
#include <qq/lock.h>
#include <qq/names.h>
#include <qq/os.h>
#include <qq/when.h>
#include "queue-private.h"

/* ---- what is where it should be ---- */

/* The three kinds of a fixture; those of directories and of each file of lock/. */
typedef struct kinds { qq_damage_kind missing, type, owner; } kinds;

static kinds const of_tree = { QQ_DAMAGE_TREE_MISSING, QQ_DAMAGE_DIRECTORY_TYPE,
  QQ_DAMAGE_DIRECTORY_OWNER };
static kinds const of_numbered = { QQ_DAMAGE_DIRECTORY_MISSING, QQ_DAMAGE_DIRECTORY_TYPE,
  QQ_DAMAGE_DIRECTORY_OWNER };

static kinds kinds_of(char const *name)
{
  static kinds const trigger = { QQ_DAMAGE_TRIGGER_MISSING, QQ_DAMAGE_TRIGGER_TYPE,
    QQ_DAMAGE_TRIGGER_OWNER };
  static kinds const mutex = { QQ_DAMAGE_MUTEX_MISSING, QQ_DAMAGE_MUTEX_TYPE,
    QQ_DAMAGE_MUTEX_OWNER };
  static kinds const tcpto = { QQ_DAMAGE_TCPTO_MISSING, QQ_DAMAGE_TCPTO_SIZE,
    QQ_DAMAGE_TCPTO_OWNER };
  return !strcmp(name, QQ_NAME_TRIGGER) ? trigger : !strcmp(name, QQ_NAME_SENDMUTEX) ? mutex
    : !strcmp(name, QQ_NAME_TCPTO) ? tcpto : of_tree;
}

int qq_look_say_owner(stralloc *sa, struct stat const *is, mode_t mode, uid_t uid, gid_t gid)
{
  stralloc found = STRALLOC_ZERO, expected = STRALLOC_ZERO;
  int const good = qq_fault_owner(&found, is->st_mode, is->st_uid, is->st_gid)
    && qq_fault_owner(&expected, mode, uid == QQ_ANYBODY ? is->st_uid : uid, gid)
    && qq_fmt(sa, _("It is %.*s, expected %.*s."), (int)found.len, found.s, (int)expected.len,
      expected.s)
    && stralloc_0(sa);
  stralloc_free(&found);
  stralloc_free(&expected);
  return good;
}

int qq_look_say_file(stralloc *sa, qq_look const *l, qq_file const *f)
{
  qq_expected const *e = l->expected;
  int const is_qmailq = f->tree == QQ_MESS || f->tree == QQ_TODO || f->tree == QQ_INTD;
  return qq_look_say_owner(sa, &f->st, S_IFREG | (is_qmailq ? QQ_MODE_PLAIN : QQ_MODE_INFO),
    e->uids[is_qmailq ? QQ_USER_QMAILQ : QQ_USER_QMAILS], is_qmailq ? f->st.st_gid : e->group);
}

static void report_owner(qq_look *l, qq_damage_kind kind, char const *path, struct stat const *st,
  qq_fixture const *f)
{
  stralloc is = STRALLOC_ZERO;
  if (qq_look_say_owner(&is, st, f->mode, l->expected->uids[f->user], l->expected->group))
    qq_look_report(l, kind, path, is.s, 0);
  stralloc_free(&is);
}

static int has_owner(qq_look const *l, struct stat const *st, qq_fixture const *f)
{
  uid_t const uid = l->expected->uids[f->user];
  return (uid == QQ_ANYBODY || st->st_uid == uid) && !((st->st_mode ^ f->mode) & 0777)
    && (!S_ISDIR(f->mode) || st->st_gid == l->expected->group);
}

/* Path is the fixture's, or that of a directory in it. Returns 1, or -1 with errno. */
static int look_at(qq_look *l, char const *path, qq_fixture const *f, kinds const *k)
{
  struct stat st;
  int r = strcmp(path, ".") ? qq_stat_below(l->queue->fd, path, &st) : fstat(l->queue->fd, &st);
  if (r < 0 && !qq_queue_is_absent(errno)) {
    stralloc why = STRALLOC_ZERO;
    qq_refuse(&why, errno, "%s: %s", path, strerror(errno));
    qq_look_trouble(l, &why);
    stralloc_free(&why);
  }
  else if (r < 0 && errno != ENOENT) return 1;          /* what it is in is none */
  else if (r < 0) {
    if (!f->is_optional) qq_look_report(l, k->missing, path, 0, 0);
  }
  else if ((st.st_mode & S_IFMT) != (f->mode & S_IFMT)
    || (S_ISREG(f->mode) && st.st_size < f->size)) qq_look_report(l, k->type, path, 0, 0);
  else if (!has_owner(l, &st, f)) report_owner(l, k->owner, path, &st, f);
  return 1;
}

static void look_at_fixtures(qq_look *l)
{
  qq_fixture const *f;
  for (f = qq_fixtures; f->name; f++) {
    kinds const k = kinds_of(f->name);
    look_at(l, f->name, f, &k);
  }
}

/* Of what is missing, what is in it is not. */
static int look_at_tree(qq_look *l, unsigned int tree, int is_split)
{
  qq_queue const *q = l->queue;
  qq_fixture const f = qq_fixture_of(q, tree);
  stralloc path = STRALLOC_ZERO;
  unsigned int k;
  int good = 1;
  look_at(l, f.name, &f, &of_tree);
  for (k = 0; good && is_split && q->fds[tree] >= 0 && k < q->split; k++) {
    path.len = 0;
    good = qq_fmt(&path, "%s/%u", f.name, k) && stralloc_0(&path);
    if (good) look_at(l, path.s, &f, &of_numbered);
  }
  stralloc_free(&path);
  return good ? 1 : -1;
}

/* Where todo is split, intd is. */
static int look_at_trees(qq_look *l)
{
  qq_queue const *q = l->queue;
  unsigned int tree;
  int r = 1;
  for (tree = 0; r > 0 && tree < QQ_CHANNEL + q->channels; tree++)
    r = look_at_tree(l, tree, tree == QQ_INTD ? q->todo_is_split : qq_queue_is_split(q, tree));
  return r;
}

static void look_at_split(qq_look *l)
{
  unsigned int const built = l->expected->split;
  stralloc is = STRALLOC_ZERO;
  if (!built || built == l->queue->split) return;
  if (qq_fmt(&is, _("The split is %u, but qmail was built with %u."), l->queue->split, built)
    && stralloc_0(&is)) qq_look_report(l, QQ_DAMAGE_SPLIT, ".", is.s, 0);
  stralloc_free(&is);
}

/* ---- names ---- */

/* What is to be there a second time, to be no passing sight. */
typedef struct odd { size_t path; qq_damage_kind kind; dev_t device; ino_t inode; } odd;

typedef struct names {
  qq_look *look;
  stralloc paths;               /* each with its NUL */
  genalloc odd;                 /* of odd */
} names;

static int begins(char const *name, char const *with)
{
  return !strncmp(name, with, strlen(with));
}

static qq_damage_kind kind_of_name(char const *name)
{
  if (*name >= '0' && *name <= '9' && name[strspn(name, "0123456789")] == 0 && *name != '0')
    return QQ_DAMAGE_DIRECTORY_SPARE;
  return begins(name, QQ_NAME_REPLACEMENT) || begins(name, QQ_NAME_LOADING)
    || !strcmp(name, QQ_NAME_FIX) ? QQ_DAMAGE_LEAVINGS : QQ_DAMAGE_NAME;
}

/* Remembers the path, which is the last in paths. */
static int remember(names *n, size_t path, qq_damage_kind kind)
{
  struct stat st;
  odd o = { path, kind, 0, 0 };
  if (qq_stat_below(n->look->queue->fd, n->paths.s + path, &st) < 0)
    return qq_queue_is_absent(errno) ? 1 : -1;
  o.device = st.st_dev;
  o.inode = st.st_ino;
  return genalloc_append(odd, &n->odd, &o) ? 1 : -1;
}

static int take_odd(void *p, unsigned int tree, int directory, char const *name)
{
  names *n = p;
  size_t const path = n->paths.len;
  char const *in = n->look->queue->trees[tree];
  int const good = directory == QQ_NO_DIRECTORY ? qq_fmt(&n->paths, "%s/%s", in, name)
    : qq_fmt(&n->paths, "%s/%d/%s", in, directory, name);
  return good && stralloc_0(&n->paths) ? remember(n, path, kind_of_name(name)) : -1;
}

/* What qmail-queue has in pid/ is young, as long as it lives. */
static int is_old(struct stat const *st)
{
  time_t const now = (time_t)(qq_now() / QQ_SECOND);
  return now - st->st_atim.tv_sec > QQ_OSSIFIED && now - st->st_mtim.tv_sec > QQ_OSSIFIED;
}

static int take_pid(names *n)
{
  qq_directory d;
  struct stat st;
  int r;
  if (qq_directory_begin(&d,
    qq_open_below(n->look->queue->fd, QQ_NAME_PID ".", O_RDONLY | O_DIRECTORY)) < 0)
    return qq_queue_is_absent(errno) ? 1 : -1;
  while ((r = qq_directory_next(&d)) > 0) {
    size_t const path = n->paths.len;
    r = qq_is_there(d.fd, d.entry->d_name, &st);
    if (r < 0) break;
    if (!r || !is_old(&st)) continue;
    r = qq_fmt(&n->paths, "%s%s", QQ_NAME_PID, d.entry->d_name) && stralloc_0(&n->paths)
      ? remember(n, path, QQ_DAMAGE_OLD_PID) : -1;
    if (r < 0) break;
  }
  qq_directory_end(&d);
  return r < 0 ? -1 : 1;
}

static int take_fix(names *n)
{
  size_t const path = n->paths.len;
  return qq_fmt(&n->paths, "%s", QQ_NAME_FIX) && stralloc_0(&n->paths)
    ? remember(n, path, QQ_DAMAGE_LEAVINGS) : -1;
}

static void tell_unreadable(qq_look *l, char const *name)
{
  stralloc why = STRALLOC_ZERO;
  qq_unable(&why, _("unable to read %s"), name);
  qq_look_trouble(l, &why);
  stralloc_free(&why);
}

static int failed(void *p, unsigned int tree)
{
  names *n = p;
  if (errno == ENOMEM) return -1;
  tell_unreadable(n->look, n->look->queue->trees[tree]);
  return 1;
}

/* Who changes the queue has the lock on info/, and his files beside it for a while; qq-fix has one
   on .fix, as long as that is there. */
static int is_being_changed(qq_look const *l)
{
  struct stat st;
  int const fd = l->queue->fds[QQ_INFO];
  return !l->is_still && fd >= 0 && !fstat(fd, &st) && qq_os_lock_holder(st.st_dev, st.st_ino);
}

static void report_names(names *n, int is_changed)
{
  odd const *o = genalloc_s(odd, &n->odd);
  size_t i;
  for (i = 0; i < genalloc_len(odd, &n->odd); i++) {
    char const *path = n->paths.s + o[i].path;
    struct stat st;
    if (o[i].kind == QQ_DAMAGE_LEAVINGS
      && (is_changed || qq_os_lock_holder(o[i].device, o[i].inode))) continue;
    if (qq_stat_below(n->look->queue->fd, path, &st) < 0) {
      if (!qq_queue_is_absent(errno)) tell_unreadable(n->look, path);
    }
    else if (st.st_ino == o[i].inode) qq_look_report(n->look, o[i].kind, path, 0, 0);
  }
}

static int look_at_names(qq_look *l)
{
  names n = { .look = l };
  qq_listing listing = { .queue = l->queue, .strays = &l->strays, .odd = take_odd,
    .failed = failed, .to = &n };
  int is_changed = is_being_changed(l);
  int r = qq_listing_run(&listing);
  if (r > 0 && take_pid(&n) < 0) {
    if (errno == ENOMEM) r = -1;
    else tell_unreadable(l, QQ_NAME_PID);
  }
  if (r > 0) r = take_fix(&n);
  if (r > 0 && genalloc_len(odd, &n.odd)) {
    if (!l->is_still) qq_sleep(QQ_LOOK_PAUSE);
    is_changed |= is_being_changed(l);
    report_names(&n, is_changed);
  }
  genalloc_free(odd, &n.odd);
  stralloc_free(&n.paths);
  return r;
}

int qq_look_fixtures(qq_look *l)
{
  int r;
  if (pthread_mutex_init(&l->mutex, 0)) {
    errno = ENOMEM;
    return -1;
  }
  look_at_fixtures(l);
  r = look_at_trees(l);
  look_at_split(l);
  return r;
}

int qq_look_directories(qq_look *l)
{
  int r = qq_look_fixtures(l);
  if (r > 0) r = look_at_names(l);
  return r > 0 && !l->is_still ? qq_look_intd(l) : r;
}
