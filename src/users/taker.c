#include <errno.h>
#include <sys/stat.h>
#include <skalibs/djbunix.h>
#include <qq/dotqmail.h>
#include <qq/os.h>
#include <qq/text.h>
#include <qq/users.h>

static int by_cdb(qq_taker *t, qq_users const *u, char const *local, size_t n, stralloc *why)
{
  int const fd = u->fd < 0 ? -1 : qq_users_cdb(u);
  int r;
  if (fd < 0 && (u->fd < 0 || errno == ENOENT)) return 0;
  r = fd < 0 ? -1 : qq_usercdb_lookup(fd, local, n, &t->found);
  if (r < 0 && errno == EPROTO)
    qq_refuse(why, EPROTO, _("%s/users/cdb is damaged, and all local mail is deferred: "
      "run qusers-compile"), u->home);
  else if (r < 0) qq_unable(why, _("unable to read %s/users/cdb"), u->home);
  if (fd >= 0) fd_close(fd);
  return r;
}

/* Sets name to that of the user. It is kept, since every address asks for it: the next look into
   the password database may overwrite what this one has found. */
static int find_name(char const **name, uid_t uid)
{
  static stralloc last = STRALLOC_ZERO;
  static uid_t last_uid;
  struct passwd const *pw;
  if (!last.len || last_uid != uid) {
    int const r = qq_getpw_uid(&pw, uid);
    if (r < 1) return r;
    if (!qq_copy(&last, pw->pw_name, strlen(pw->pw_name) + 1)) return -1;
    last_uid = uid;
  }
  *name = last.s;
  return 1;
}

/* Sets alias to the name of the owner of HOME/alias. */
static int find_alias(qq_users const *u, char const **alias, stralloc *why)
{
  stralloc path = STRALLOC_ZERO;
  struct stat st;
  int r = qq_fmt(&path, "%s/alias", u->home) && stralloc_0(&path) ? stat(path.s, &st) : -1;
  if (!r) r = find_name(alias, st.st_uid);
  else if (errno == ENOENT) r = 0;
  else qq_unable(why, _("unable to look at %s/alias"), u->home);
  stralloc_free(&path);
  return r;
}

static int by_password_database(qq_taker *t, qq_users const *u, qq_built const *b,
  char const *local, size_t n, stralloc *why)
{
  char const *alias = "alias";
  int is_alias = 0, r = find_alias(u, &alias, why);
  if (r >= 0) r = qq_getpw_find(&t->found.data, &is_alias, local, n, alias, b->delimiter);
  if (r < 0 && !why->len)
    qq_unable(why, "%s", _("unable to read the password database, or a home"));
  t->kind = r < 1 ? QQ_TAKER_NOBODY : is_alias ? QQ_TAKER_ALIAS : QQ_TAKER_USER;
  return r < 0 ? -1 : 1;
}

int qq_taker_find(qq_taker *t, qq_users const *u, qq_built const *b, char const *local, size_t n,
  stralloc *why)
{
  int r;
  t->kind = QQ_TAKER_ASSIGNED;
  t->found.data.len = 0;
  r = by_cdb(t, u, local, n, why);
  if (!r) r = by_password_database(t, u, b, local, n, why);
  if (r > 0 && t->kind != QQ_TAKER_NOBODY)
    qq_usercdb_split(t->fields, t->found.data.s, t->found.data.len);
  return r < 0 ? -1 : 1;
}

void qq_taker_free(qq_taker *t)
{
  stralloc_free(&t->found.data);
}

/* ---- .qmail files ---- */

static int bounces(qq_dotqmail const *q)
{
  size_t i;
  for (i = 0; i < genalloc_len(qq_verdict, &q->verdicts); i++)
    if (genalloc_s(qq_verdict, &q->verdicts)[i].kind == QQ_VERDICT_BOUNCES) return 1;
  return 0;
}

/* errno of what the system could not tell, which is more than that it is not ours to see; or 0. */
static int trouble_of(qq_dotqmail const *q)
{
  qq_verdict const *v = genalloc_s(qq_verdict, &q->verdicts);
  size_t i;
  for (i = 0; i < genalloc_len(qq_verdict, &q->verdicts); i++)
    if (QQ_VERDICT_IS_UNKNOWN(v[i].kind) && v[i].error && v[i].error != EACCES
      && v[i].error != EPERM && !qq_leads_nowhere(v[i].error)) return v[i].error;
  return 0;
}

int qq_taker_takes_some(qq_taker const *t, qq_built const *b, size_t word)
{
  qq_piece beginning = t->fields[QQ_ASSIGN_EXT];
  qq_dotqmail q;
  int e, r;
  if (t->kind == QQ_TAKER_NOBODY) return 0;
  if (t->kind == QQ_TAKER_ASSIGNED) return 1;
  if (!qq_dotqmail_judge(&q, t->fields, b->patrn)) return -1;
  beginning.n -= beginning.n < word ? beginning.n : word;
  e = trouble_of(&q);
  r = e ? -1 : (t->kind == QQ_TAKER_USER && !bounces(&q)) ? 1
    : qq_dotqmail_has_file(&q, &t->fields[QQ_ASSIGN_DASH], &beginning);
  if (e) errno = e;
  qq_dotqmail_free(&q);
  return r;
}
