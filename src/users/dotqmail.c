#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <skalibs/bytestr.h>
#include <skalibs/djbunix.h>
#include <qq/assign.h>
#include <qq/dotqmail.h>
#include <qq/file.h>
#include <qq/os.h>
#include <qq/text.h>

/* qmail-local reads all of it; what is longer was not put there as instructions. */
#define LARGEST 1048576

int qq_verdict_add_part(qq_dotqmail *q, qq_verdict_kind kind, char const *s, size_t n,
  char const *part)
{
  qq_verdict const verdict = { kind, { s, n }, part, errno, q->runs };
  return genalloc_append(qq_verdict, &q->verdicts, &verdict);
}

int qq_verdict_add(qq_dotqmail *q, qq_verdict_kind kind, char const *s, size_t n)
{
  return qq_verdict_add_part(q, kind, s, n, "");
}

static int add_if(qq_dotqmail *q, int holds, qq_verdict_kind kind)
{
  return !holds || qq_verdict_add(q, kind, 0, 0);
}

/* By errno: the user may not, or nobody knows. */
static int deny(qq_dotqmail *q, qq_verdict_kind denied, qq_verdict_kind unknown)
{
  int const is_certain = q->is_user && errno == EACCES;
  return errno != ENOMEM && qq_verdict_add(q, is_certain ? denied : unknown, 0, 0);
}

/* ---- which file ---- */

/* Of several the first is told. */
static int pass_over(qq_dotqmail *q)
{
  if (q->passed.len) return 0;
  return qq_copy(&q->passed, q->name.s, q->name.len)
    && qq_verdict_add(q, QQ_VERDICT_PASSED, q->passed.s, q->passed.len - 1) ? 0 : -1;
}

/* Nothing is opened before it is known to be a file: opening a device does something. qmail-local
   opens all, and defers for what it may not open. */
static int look_at(qq_dotqmail *q, int home)
{
  struct stat st;
  if (fstatat(home, q->name.s, &q->stat, 0) < 0) {
    if (!qq_leads_nowhere(errno)) return -1;
    return qq_is_there(home, q->name.s, &st) > 0 ? pass_over(q) : 0;
  }
  if (S_ISREG(q->stat.st_mode)) return 1;
  return faccessat(home, q->name.s, R_OK, AT_EACCESS) < 0 ? -1 : pass_over(q);
}

/* Looks at one name. Returns 1: that is the file; 0: it is none; or -1 with errno. */
static int try_name(qq_dotqmail *q, int home, qq_piece const *dash, char const *ext, size_t n,
  char const *tail)
{
  return qq_copy(&q->name, ".qmail", 6) && qq_append(&q->name, dash->s, dash->n)
    && qq_append(&q->name, ext, n) && stralloc_cats(&q->name, tail) && stralloc_0(&q->name)
    ? look_at(q, home) : -1;
}

/* Appends the extension as it is in names: in lower case, and with colons for dots. */
static int append_safe(stralloc *name, qq_piece const *ext)
{
  size_t i = name->len;
  if (!qq_append(name, ext->s, ext->n)) return 0;
  case_lowerb(name->s + i, name->len - i);
  for (; i < name->len; i++) if (name->s[i] == '.') name->s[i] = ':';
  return 1;
}

int qq_dotqmail_name(stralloc *name, qq_piece const *fields)
{
  qq_piece const *dash = &fields[QQ_ASSIGN_DASH];
  return stralloc_cats(name, ".qmail") && qq_append(name, dash->s, dash->n)
    && append_safe(name, &fields[QQ_ASSIGN_EXT]);
}

/* The whole extension; then what is left of it at each dash, with default behind it. */
static int find_file(qq_dotqmail *q, int home, qq_piece const *dash, qq_piece const *ext)
{
  stralloc safe = STRALLOC_ZERO;
  size_t i;
  int r;
  if (!append_safe(&safe, ext)) return -1;
  r = try_name(q, home, dash, safe.s, safe.len, "");
  for (i = safe.len + 1; !r && i--;)
    if (!i || safe.s[i - 1] == '-') r = try_name(q, home, dash, safe.s, i, "default");
  stralloc_free(&safe);
  return r;
}

/* ---- home and file ---- */

static int leave_out(qq_dotqmail *q, char const *why)
{
  return qq_verdict_add(q, QQ_VERDICT_UNSHOWN, why, strlen(why));
}

/* A file that has no size but bytes is one of /proc: what it says is about us. */
static int judge_open(qq_dotqmail *q, int fd)
{
  int r = fstat(fd, &q->stat);
  if (!r && !S_ISREG(q->stat.st_mode)) return leave_out(q, _("it has just been replaced"));
  if (!r) r = qq_slurp_up_to(&q->text, fd, LARGEST);
  if (r < 0) return deny(q, QQ_VERDICT_UNREADABLE, QQ_VERDICT_HIDDEN);
  if (!r) return leave_out(q, _("it has more than 1048576 bytes"));
  if (!q->stat.st_size && q->text.len) return leave_out(q, _("it is not a stored file"));
  return qq_verdict_add(q, QQ_VERDICT_READS, 0, 0)
    && add_if(q, q->stat.st_mode & q->patrn, QQ_VERDICT_WRITABLE) && qq_dotqmail_judge_text(q);
}

/* Read, write and run are 4, 2 and 1 for faccessat(2) as well as in a mode. */
int qq_dotqmail_may(qq_dotqmail const *q, char const *where, struct stat const *st, mode_t rights)
{
  unsigned int const shift = st->st_uid == q->uid ? 6 : st->st_gid == q->gid ? 3 : 0;
  if (q->is_user) return !faccessat(q->home_fd, where, (int)rights, AT_EACCESS);
  return (st->st_mode >> shift & rights) == rights;
}

static int judge_file(qq_dotqmail *q, int home)
{
  int fd, r;
  if (!q->is_user && !qq_dotqmail_may(q, q->name.s, &q->stat, 04))
    return qq_verdict_add(q, QQ_VERDICT_UNREADABLE, 0, 0);
  fd = qq_os_open_of_others(home, q->name.s);
  if (fd < 0) return deny(q, QQ_VERDICT_UNREADABLE, QQ_VERDICT_HIDDEN);
  r = judge_open(q, fd);
  fd_close(fd);
  return r;
}

static int judge_files(qq_dotqmail *q, int home, qq_piece const *dash, qq_piece const *ext)
{
  int const r = find_file(q, home, dash, ext);
  if (r < 0) return deny(q, QQ_VERDICT_UNREADABLE, QQ_VERDICT_HIDDEN);
  return r ? judge_file(q, home)
    : qq_verdict_add(q, dash->n ? QQ_VERDICT_BOUNCES : QQ_VERDICT_DEFAULT, 0, 0);
}

static int judge_home(qq_dotqmail *q, int fd, qq_piece const *fields)
{
  mode_t mode;
  if (fstat(fd, &q->home_stat) < 0) return deny(q, QQ_VERDICT_HOME_SHUT, QQ_VERDICT_HOME_HIDDEN);
  mode = q->home_stat.st_mode;
  if (!add_if(q, mode & q->patrn, QQ_VERDICT_HOME_WRITABLE)
    || !add_if(q, mode & 01000, QQ_VERDICT_HOME_STICKY)
    || !add_if(q, q->home_stat.st_uid != q->uid, QQ_VERDICT_HOME_FOREIGN)) return 0;
  if (faccessat(fd, ".", X_OK, AT_EACCESS) < 0)
    return deny(q, QQ_VERDICT_HOME_SHUT, QQ_VERDICT_HOME_HIDDEN);
  return judge_files(q, fd, &fields[QQ_ASSIGN_DASH], &fields[QQ_ASSIGN_EXT]);
}

static int judge_all(qq_dotqmail *q, qq_piece const *fields)
{
  int fd, r;
  if (*q->home.s != '/') return qq_verdict_add(q, QQ_VERDICT_HOME_RELATIVE, 0, 0);
  fd = qq_os_open_to_search(q->home.s);
  if (fd < 0) return qq_leads_nowhere(errno) ? qq_verdict_add(q, QQ_VERDICT_HOMELESS, 0, 0)
    : deny(q, QQ_VERDICT_HOME_SHUT, QQ_VERDICT_HOME_HIDDEN);
  q->home_fd = fd;
  r = judge_home(q, fd, fields);
  fd_close(fd);
  return r;
}

/* What stands in a home its owner has put there, also the links: root looks at it with the rights
   that qmail-local will have. */
int qq_dotqmail_judge(qq_dotqmail *q, qq_piece const *fields, mode_t patrn)
{
  qq_piece const *home = &fields[QQ_ASSIGN_HOME];
  gid_t const own = getegid();
  int r;
  memset(q, 0, sizeof *q);
  q->patrn = patrn;
  q->uid = qq_assign_id(&fields[QQ_ASSIGN_UID]);
  q->gid = qq_assign_id(&fields[QQ_ASSIGN_GID]);
  if (!qq_copy(&q->home, home->s, home->n) || !stralloc_0(&q->home)) return 0;
  q->is_user = !geteuid();
  if (!q->is_user) return judge_all(q, fields);
  if (qq_os_act_as(q->uid, q->gid) > 0) r = judge_all(q, fields);
  else r = qq_verdict_add(q, QQ_VERDICT_STRANGER, 0, 0);
  return qq_os_act_as(0, own) < 0 ? 0 : r;
}

/* By errno: it is not ours to see, or there is no home; or -1, the system cannot tell just now. */
static int cannot_tell(void)
{
  return errno == EACCES || errno == EPERM || qq_leads_nowhere(errno) ? 1 : -1;
}

/* Names say enough: what is no file is passed over for one that counts. */
static int has_name(char const *home, stralloc const *beginning)
{
  qq_directory d;
  int r;
  if (qq_directory_begin(&d, qq_os_open_to_list(home)) < 0) return cannot_tell();
  while ((r = qq_directory_next(&d)) > 0)
    if (!strncmp(d.entry->d_name, beginning->s, beginning->len)) break;
  qq_directory_end(&d);
  return r < 0 ? cannot_tell() : r;
}

int qq_dotqmail_has_file(qq_dotqmail const *q, qq_piece const *dash, qq_piece const *beginning)
{
  stralloc name = STRALLOC_ZERO;
  gid_t const own = getegid();
  int const is_he = !q->is_user || qq_os_act_as(q->uid, q->gid) > 0;
  int e, r = is_he ? -1 : cannot_tell();
  if (is_he && qq_copy(&name, ".qmail", 6) && qq_append(&name, dash->s, dash->n)
    && append_safe(&name, beginning)) r = has_name(q->home.s, &name);
  e = errno;
  stralloc_free(&name);
  if (q->is_user && qq_os_act_as(0, own) < 0) return -1;
  errno = e;
  return r;
}

void qq_dotqmail_free(qq_dotqmail *q)
{
  stralloc_free(&q->home);
  stralloc_free(&q->name);
  stralloc_free(&q->passed);
  stralloc_free(&q->text);
  genalloc_free(qq_verdict, &q->verdicts);
}

/* ---- in words ---- */

static int say_letter(stralloc *sa, char letter, qq_dotqmail const *q, qq_verdict const *v)
{
  struct stat const *st = letter == 'm' ? &q->stat : &q->home_stat;
  switch (letter) {
    case 'h': return qq_fmt(sa, "%s", q->home.s);
    case 'f': return qq_fmt(sa, "%s/%s", q->home.s, q->name.s);
    case 'w': return qq_fmt(sa, "%.*s", (int)v->what.n, v->what.s);
    case 'p': return qq_fmt(sa, "%s", v->part);
    case 'M':
    case 'm': return qq_fmt(sa, "%04o", (unsigned int)(st->st_mode & 07777));
    case 'O': return qq_fmt(sa, "%lu", (unsigned long)st->st_uid);
    case 'u': return qq_fmt(sa, "%lu", (unsigned long)q->uid);
    case 'b': return !v->is_below || qq_fmt(sa, " %s", _("(unless a program above exits with 99)"));
    default: return qq_fmt(sa, "%s", strerror(v->error));
  }
}

int qq_dotqmail_say(stralloc *sa, char const *words, qq_dotqmail const *q, qq_verdict const *v)
{
  for (; *words; words++)
    if (!(*words == '%' ? say_letter(sa, *++words, q, v) : qq_append(sa, words, 1))) return 0;
  return 1;
}
