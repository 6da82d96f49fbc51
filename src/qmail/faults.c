/* What is wrong with owners and modes in lock/, as a person is told. */

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <qq/file.h>
#include <qq/lock.h>
#include <qq/names.h>
#include <qq/os.h>
#include <qq/text.h>

int qq_owners_find(qq_owners *o, int queue_fd)
{
  struct stat mess, info;
  if (fstatat(queue_fd, QQ_NAME_MESS, &mess, AT_SYMLINK_NOFOLLOW) < 0
    || fstatat(queue_fd, QQ_NAME_INFO, &info, AT_SYMLINK_NOFOLLOW) < 0) return -1;
  o->qmailq = mess.st_uid;
  o->qmails = info.st_uid;
  o->qmail = mess.st_gid;
  return 1;
}

/* ---- as ls -l shows it ---- */

static int append_mode(stralloc *out, mode_t mode)
{
  static char const letters[] = "rwxrwxrwx";
  char s[] = "----------";
  int i;
  s[0] = "?-dp"[S_ISREG(mode) ? 1 : S_ISDIR(mode) ? 2 : S_ISFIFO(mode) ? 3 : 0];
  for (i = 0; i < 9; i++) if (mode & 0400u >> i) s[i + 1] = letters[i];
  if (mode & S_ISUID) s[3] = mode & S_IXUSR ? 's' : 'S';
  if (mode & S_ISGID) s[6] = mode & S_IXGRP ? 's' : 'S';
  return qq_append(out, s, 10);
}

int qq_fault_owner(stralloc *out, mode_t mode, uid_t uid, gid_t gid)
{
  struct passwd const *user;
  struct group const *group;
  qq_getpw_uid(&user, uid);     /* a number where the name is not known */
  if (!append_mode(out, mode)) return 0;
  if (!(user ? qq_fmt(out, " %s:", user->pw_name) : qq_fmt(out, " %lu:", (unsigned long)uid)))
    return 0;
  qq_getgr_gid(&group, gid);
  return group ? qq_fmt(out, "%s", group->gr_name) : qq_fmt(out, "%lu", (unsigned long)gid);
}

int qq_fault_add(stralloc *faults, char const *name, struct stat const *is, mode_t mode,
  uid_t uid, gid_t gid, char const *then)
{
  stralloc found = STRALLOC_ZERO, expected = STRALLOC_ZERO;
  int const good = qq_fault_owner(&found, is->st_mode, is->st_uid, is->st_gid)
    && qq_fault_owner(&expected, mode, uid, gid)
    && qq_fmt(faults, _("%s is %.*s, expected %.*s: %s"), name, (int)found.len, found.s,
      (int)expected.len, expected.s, then) && stralloc_0(faults);
  stralloc_free(&found);
  stralloc_free(&expected);
  return good ? 1 : -1;
}

int qq_fault_add_missing(stralloc *faults, char const *name, char const *then)
{
  return qq_fmt(faults, _("%s is not there: %s"), name, then) && stralloc_0(faults) ? 1 : -1;
}

/* ---- lock/ ---- */

/* Says whether the user with that group has the permissions: 4 reading, 2 writing, 1 searching. */
static int may(struct stat const *st, uid_t uid, gid_t gid, mode_t what)
{
  if (!uid) return 1;
  if (st->st_uid == uid) return (st->st_mode >> 6 & what) == what;
  return ((st->st_gid == gid ? st->st_mode >> 3 : st->st_mode) & what) == what;
}

/* The same, whatever his group: that of qmail-queue is its caller's. */
static int may_in_any_group(struct stat const *st, uid_t uid, mode_t what)
{
  if (!uid) return 1;
  if (st->st_uid == uid) return (st->st_mode >> 6 & what) == what;
  return (st->st_mode & what) == what && (st->st_mode >> 3 & what) == what;
}

static int look_at_trigger(stralloc *faults, qq_owners const *o, struct stat const *st)
{
  int const works = S_ISFIFO(st->st_mode) && may(st, o->qmails, o->qmail, 4)
    && may_in_any_group(st, o->qmailq, 2);
  if (works && (st->st_uid == o->qmails || !st->st_uid) && !(st->st_mode & 0044)) return 1;
  return qq_fault_add(faults, QQ_NAME_TRIGGER, st, S_IFIFO | QQ_MODE_TRIGGER, o->qmails, o->qmail,
    works ? _("others can take away what tells qmail-send of new mail")
    : _("qmail-send is not told of new mail, which waits for up to 25 minutes"));
}

static int look_at_mutex(stralloc *faults, qq_owners const *o, struct stat const *st)
{
  if (S_ISREG(st->st_mode) && may(st, o->qmails, o->qmail, 2)) return 1;
  return qq_fault_add(faults, QQ_NAME_SENDMUTEX, st, S_IFREG | QQ_MODE_SENDMUTEX, o->qmails,
    o->qmail, _("qmail-send cannot start"));
}

static int look_at_directory(stralloc *faults, qq_owners const *o, struct stat const *st)
{
  if (may(st, o->qmails, o->qmail, 1) && may_in_any_group(st, o->qmailq, 1)) return 1;
  return qq_fault_add(faults, "lock", st, S_IFDIR | QQ_MODE_LOCK, o->qmailq, o->qmail,
    _("qmail-send cannot start, or is not told of new mail"));
}

int qq_lock_faults(int queue_fd, stralloc *faults)
{
  static struct {
    char const *name;
    int (*look)(stralloc *, qq_owners const *, struct stat const *);
    char const *then;           /* where it is not there */
  } const files[] = {
    { QQ_NAME_LOCK, look_at_directory, N_("qmail-send cannot start") },
    { QQ_NAME_SENDMUTEX, look_at_mutex, N_("qmail-send cannot start") },
    { QQ_NAME_TRIGGER, look_at_trigger,
      N_("qmail-send is not told of new mail, which waits for up to 25 minutes") },
  };
  qq_owners o;
  size_t i;
  int r = qq_owners_find(&o, queue_fd);
  for (i = 0; r > 0 && i < sizeof files / sizeof *files; i++) {
    struct stat st;
    if (!qq_stat_below(queue_fd, files[i].name, &st)) r = files[i].look(faults, &o, &st);
    else if (errno == ENOENT) r = qq_fault_add_missing(faults, files[i].name, _(files[i].then));
    else r = -1;
  }
  return r;
}
