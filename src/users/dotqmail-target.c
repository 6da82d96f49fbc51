#include <errno.h>
#include <fcntl.h>
#include <qq/dotqmail.h>
#include <qq/file.h>
#include <qq/text.h>

#define ENTER 01
#define WRITE 02

/* Nothing is opened: looking at a name does nothing, whatever the owner of the home has put there.
   qmail-local is in the home when it opens what a line names. */
typedef struct target {
  qq_dotqmail *q;
  char const *s;                /* the line */
  size_t n;
  stralloc path;                /* what is looked at, NUL-terminated */
} target;

static int say(target *t, qq_verdict_kind kind, char const *part)
{
  return qq_verdict_add_part(t->q, kind, t->s, t->n, part);
}

/* By errno: it is not there, which makes it that kind; the user may not see it; or it is we who may
   not. */
static int say_failed(target *t, qq_verdict_kind missing, char const *part)
{
  if (errno == ENOMEM) return 0;
  return say(t, qq_leads_nowhere(errno) ? missing
    : errno == EACCES && t->q->is_user ? QQ_VERDICT_TARGET_SHUT : QQ_VERDICT_UNSEEN, part);
}

/* Behind qq_dotqmail_may, which leaves errno: the user may not; or that cannot be told. */
static int say_shut(target *t, char const *part)
{
  int const is_known = !t->q->is_user || errno == EACCES || errno == EROFS;
  return say(t, is_known ? QQ_VERDICT_TARGET_SHUT : QQ_VERDICT_UNSEEN, part);
}

/* Sets the path to the first n bytes of the line, with the part behind them, and looks at it. */
static int look_at(target *t, size_t n, char const *part, struct stat *st)
{
  if (!qq_copy(&t->path, t->s, n) || !stralloc_cats(&t->path, part) || !stralloc_0(&t->path)) {
    errno = ENOMEM;
    return -1;
  }
  return fstatat(t->q->home_fd, t->path.s, st, 0);
}

static int judge_owner(target *t, struct stat const *st)
{
  return st->st_uid == t->q->uid || say(t, QQ_VERDICT_TARGET_FOREIGN, "");
}

/* ---- a maildir: qmail-local goes there, makes a file in tmp and links it into new
   (qmail-local.c:maildir_child) ---- */

/* Sets *is_good if mail can be put there. */
static int judge_part(target *t, char const *part, int *is_good)
{
  struct stat st;
  *is_good = 0;
  if (look_at(t, t->n, part, &st) < 0) return say_failed(t, QQ_VERDICT_NO_DIRECTORY, part);
  if (!S_ISDIR(st.st_mode)) return say(t, QQ_VERDICT_NO_DIRECTORY, part);
  if (!qq_dotqmail_may(t->q, t->path.s, &st, WRITE | ENTER)) return say_shut(t, part);
  *is_good = 1;
  return 1;
}

static int judge_cur(target *t)
{
  struct stat st;
  if (!look_at(t, t->n, "cur", &st)) return S_ISDIR(st.st_mode) || say(t, QQ_VERDICT_NO_CUR, "");
  return errno == ENOENT ? say(t, QQ_VERDICT_NO_CUR, "") : errno != ENOMEM;
}

static int judge_maildir(target *t)
{
  struct stat st;
  int is_good;
  if (look_at(t, t->n, "", &st) < 0) return say_failed(t, QQ_VERDICT_NO_DIRECTORY, "");
  if (!qq_dotqmail_may(t->q, t->path.s, &st, ENTER)) return say_shut(t, "");
  if (!judge_part(t, "tmp", &is_good)) return 0;
  if (is_good && !judge_part(t, "new", &is_good)) return 0;
  return !is_good || (judge_owner(t, &st) && judge_cur(t));
}

/* ---- an mbox: qmail-local makes it if it is not there, writes to its end, and syncs it
   (qmail-local.c:mailfile) ---- */

static int judge_place(target *t)
{
  struct stat st;
  size_t n = t->n;
  while (n && t->s[n - 1] != '/') n--;
  if (look_at(t, n, n ? "" : ".", &st) < 0) return say_failed(t, QQ_VERDICT_NO_PLACE, "");
  return qq_dotqmail_may(t->q, t->path.s, &st, WRITE | ENTER) || say_shut(t, "");
}

static int judge_mbox(target *t)
{
  struct stat st;
  if (look_at(t, t->n, "", &st) < 0)
    return errno == ENOENT ? judge_place(t) : say_failed(t, QQ_VERDICT_NO_PLACE, "");
  if (!S_ISREG(st.st_mode)) return say(t, QQ_VERDICT_NO_FILE, "");
  if (!qq_dotqmail_may(t->q, t->path.s, &st, WRITE)) return say_shut(t, "");
  return judge_owner(t, &st);
}

int qq_dotqmail_judge_target(qq_dotqmail *q, char const *s, size_t n)
{
  target t = { q, s, n, STRALLOC_ZERO };
  int const r = s[n - 1] == '/' ? judge_maildir(&t) : judge_mbox(&t);
  stralloc_free(&t.path);
  return r;
}
