/* What a queue should be. */

#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <qq/damage.h>
#include <qq/file.h>
#include <qq/home.h>
#include <qq/names.h>
#include <qq/os.h>
#include <qq/text.h>

#define DIRECTORY(mode) (S_IFDIR | (mode)), 0, 0

qq_fixture const qq_fixtures[] = {
  { ".", QQ_USER_QMAILQ, DIRECTORY(0750) },
  { "pid", QQ_USER_QMAILQ, DIRECTORY(0700) },
  { "lock", QQ_USER_QMAILQ, DIRECTORY(QQ_MODE_LOCK) },
  { QQ_NAME_SENDMUTEX, QQ_USER_QMAILS, S_IFREG | QQ_MODE_SENDMUTEX, 0, 0 },
  { QQ_NAME_TRIGGER, QQ_USER_QMAILS, S_IFIFO | QQ_MODE_TRIGGER, 0, 0 },
  { QQ_NAME_TCPTO, QQ_USER_QMAILR, S_IFREG | QQ_MODE_TCPTO, QQ_SIZE_TCPTO, 0 },
  { "ratelimit", QQ_USER_QMAILS, S_IFDIR | 0750, 0, 1 },        /* indimail's */
  { "trash", QQ_USER_QMAILQ, S_IFDIR | 0700, 0, 1 },
  { 0, QQ_USER_QMAILQ, 0, 0, 0 }
};

qq_fixture qq_fixture_of(qq_queue const *q, unsigned int tree)
{
  int const is_qmailq = tree == QQ_MESS || tree == QQ_TODO || tree == QQ_INTD;
  qq_fixture const f = { q->trees[tree], is_qmailq ? QQ_USER_QMAILQ : QQ_USER_QMAILS,
    DIRECTORY(tree == QQ_MESS || tree == QQ_TODO ? 0750 : 0700) };
  return f;
}

/* ---- whose it should be ---- */

static int ask_qmail(qq_expected *e, char const *home)
{
  qq_built built;
  qq_built_ask(&built, home);
  e->split = (unsigned int)built.split;
  if (!built.has_users) return 0;
  e->uids[QQ_USER_QMAILQ] = built.qmailq;
  e->uids[QQ_USER_QMAILR] = built.qmailr;
  e->uids[QQ_USER_QMAILS] = built.qmails;
  e->group = built.qmail;
  return 1;
}

/* Returns 1; 0: they are not all there; or -1 with errno and why. */
static int ask_passwd(qq_expected *e, stralloc *why)
{
  static char const *const names[QQ_USERS] = { "qmailq", "qmails", "qmailr" };
  struct passwd const *user;
  struct group const *group;
  unsigned int i;
  int r;
  for (i = 0; i < QQ_USERS; i++) {
    r = qq_getpw_name(&user, names[i]);
    if (r < 0) return qq_unable(why, _("unable to look for the user %s"), names[i]);
    if (!r) return 0;
    e->uids[i] = user->pw_uid;
  }
  r = qq_getgr_name(&group, "qmail");
  if (r < 0) return qq_unable(why, _("unable to look for the group %s"), "qmail");
  if (r) e->group = group->gr_gid;
  return r;
}

/* A queue of which mess/ and info/ are the same user's. */
static int is_one_users(qq_queue const *q)
{
  return q->qmailq == q->qmails && q->qmailq;
}

static int is_qmta(qq_queue const *q)
{
  char const *slash = strrchr(q->path, '/');
  return !strcmp(slash ? slash + 1 : q->path, "qmta") && is_one_users(q);
}

/* That of lock/tcpto is not known from another file. */
static void believe_queue(qq_expected *e, qq_queue const *q)
{
  struct stat st;
  int const r = qq_is_there(q->fd, QQ_NAME_TCPTO, &st);
  e->uids[QQ_USER_QMAILQ] = q->qmailq;
  e->uids[QQ_USER_QMAILS] = q->qmails;
  e->uids[QQ_USER_QMAILR] = is_one_users(q) ? q->qmailq : r > 0 ? st.st_uid : QQ_ANYBODY;
  e->group = q->group;
}

int qq_expected_find(qq_expected *e, qq_queue const *q, char const *home, stralloc *why)
{
  memset(e, 0, sizeof *e);
  e->is_known = *home ? ask_qmail(e, home) : 0;
  if (!e->is_known && !(q->qmailq && q->qmails)) e->is_known = ask_passwd(e, why);
  if (e->is_known < 0) return -1;
  if (!e->is_known || is_qmta(q)) believe_queue(e, q);
  return 1;
}
