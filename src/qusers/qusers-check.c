/* Checks users/assign, users/cdb and what they lead to. */

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <qq/append.h>
#include <qq/assign_edit.h>
#include <qq/diagnostic.h>
#include <qq/dotqmail.h>
#include <qq/slurp.h>
#include <qq/told.h>
#include "place.h"

enum { JSON = QQ_OPTION_OWN };

static qq_option const options[] = {
  { JSON, "json", 0, N_("a JSON object for each finding") },
  QQ_OPTIONS_USERS_HOME,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qusers-check", "", N_("Check users/assign, users/cdb, and the homes and .qmail files that they lead to."), options,
  N_("0 nothing found; 1 errors, warnings or hints; 100 wrong use; 111 trouble of the system.")
};

#define ASSIGN "users/assign"
#define CDB "users/cdb"
#define SHOWN(p) (int)(p).n, (p).s

static qq_users_place place;
static qq_told told;
static qq_findings const findings = { qq_tell_finding, &told };

static void demand(int r)
{
  if (r < 0) qq_die_memory();
}

/* ---- one line ---- */

static unsigned long number(qq_piece const *p)
{
  unsigned long u = 0;
  size_t i;
  for (i = 0; i < p->n && p->s[i] >= '0' && p->s[i] <= '9'; i++) u = u * 10 + (unsigned long)(p->s[i] - '0');
  return u;
}

static char *text_of(qq_piece const *p)
{
  stralloc s = STRALLOC_ZERO;
  if (!qq_append(&s, p->s, p->n) || !stralloc_0(&s)) qq_die_memory();
  return s.s;
}

/* The same user stands in many lines: the password database is asked once for each run of them. */
static void check_user(qq_assignment const *one)
{
  static stralloc last = STRALLOC_ZERO;
  qq_piece const *user = &one->fields[QQ_ASSIGN_USER];
  unsigned long const uid = number(&one->fields[QQ_ASSIGN_UID]);
  struct passwd const *pw;
  char *name;
  qq_piece both = *user;
  both.n = (size_t)(one->fields[QQ_ASSIGN_UID].s - user->s) + one->fields[QQ_ASSIGN_UID].n;
  if (last.len == both.n && !memcmp(last.s, both.s, both.n)) return;
  last.len = 0;
  if (!qq_append(&last, both.s, both.n)) qq_die_memory();
  name = text_of(user);
  pw = getpwnam(name);
  if (!pw) demand(qq_finding_say(&findings, QQ_SEVERITY_HINT, ASSIGN, one->line, _("there is no user \"%s\"; mail is delivered with the uid all the same"), name));
  else if (pw->pw_uid != (uid_t)uid)
    demand(qq_finding_say(&findings, QQ_SEVERITY_WARNING, ASSIGN, one->line, _("the user \"%s\" has uid %lu, not %lu"), name, (unsigned long)pw->pw_uid, uid));
  free(name);
}

/* Of what the shell is given, a first word that is a plain path, if that is all that it runs; else it may be anything. */
static size_t path_length(char const *s, size_t n)
{
  static char const plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+@,";
  size_t i;
  for (i = 0; i < n; i++) if (s[i] == '|' || s[i] == '&' || s[i] == ';') return 0;
  for (i = 0; i < n && s[i] && strchr(plain, s[i]); ) i++;
  return n && *s == '/' && (i == n || s[i] == ' ' || s[i] == '\t') ? i : 0;
}

/* The shell's exit code for what it does not find is one that mail is deferred for (qmail-local.c:mailprogram). */
static void check_program(qq_assignment const *one, char const *home, qq_dotqmail const *q, char const *s, size_t n)
{
  stralloc path = STRALLOC_ZERO;
  size_t length, at = 0;
  struct stat st;
  while (at < n && (s[at] == ' ' || s[at] == '\t')) at++;
  length = path_length(s + at, n - at);
  if (!length) return;
  qq_demand_memory(qq_copy(&path, s + at, length) && stralloc_0(&path));
  if (stat(path.s, &st) < 0 && (errno == ENOENT || errno == ENOTDIR))
    demand(qq_finding_say(&findings, QQ_SEVERITY_WARNING, ASSIGN, one->line, _("%s/%s runs %s, which is not there, and mail is deferred"), home, q->name.s, path.s));
  stralloc_free(&path);
}

static void check_instructions(qq_assignment const *one, char const *home, qq_dotqmail const *q)
{
  stralloc text = STRALLOC_ZERO;
  size_t at = 0;
  int others = 0;
  if (qq_slurp(&text, q->fd) < 0) return;
  while (at < text.len && (text.s[at] == ' ' || text.s[at] == '\t')) at++;
  if (at < text.len && text.s[at] == '\n')
    demand(qq_finding_say(&findings, QQ_SEVERITY_ERROR, ASSIGN, one->line, _("%s/%s begins with a blank line, and qmail-local defers"), home, q->name.s));
  at = 0;
  while (at < text.len) {
    char const *end = memchr(text.s + at, '\n', text.len - at);
    size_t const n = (end ? (size_t)(end - text.s) : text.len) - at;
    if (strchr("|./", text.s[at]) && text.s[at]) others = 1;
    if (text.s[at] == '|') check_program(one, home, q, text.s + at + 1, n - 1);
    at = end ? (size_t)(end - text.s) + 1 : text.len;
  }
  if (others && q->st.st_mode & 0100)
    demand(qq_finding_say(&findings, QQ_SEVERITY_ERROR, ASSIGN, one->line, _("%s/%s has its execute bit set and does more than forward: qmail-local defers"), home, q->name.s));
  stralloc_free(&text);
}

/* The extension; of a prefix, with what an address behind it would add. */
static void add_ext(stralloc *ext, qq_assignment const *one)
{
  qq_piece const *f = &one->fields[QQ_ASSIGN_EXT], *a = &one->address;
  if (!qq_append(ext, f->s, f->n) || (one->is_wildcard && !stralloc_cats(ext, a->n && a->s[a->n - 1] != '-' ? "-anybody" : "anybody")) || !stralloc_0(ext)) qq_die_memory();
  ext->len--;
}

/* The file of the address itself; of a prefix, that for what has no file of its own. */
static void check_dotqmail(qq_assignment const *one, char const *home)
{
  char *dash = text_of(&one->fields[QQ_ASSIGN_DASH]);
  stralloc ext = STRALLOC_ZERO;
  qq_dotqmail q;
  int r;
  add_ext(&ext, one);
  r = qq_dotqmail_find(&q, home, dash, ext.s, ext.len);
  stralloc_free(&ext);
  if (!r && *dash && !one->is_wildcard)
    demand(qq_finding_say(&findings, QQ_SEVERITY_WARNING, ASSIGN, one->line, _("there is no .qmail file for it in %s, and mail bounces"), home));
  if (!r && !*dash && one->is_wildcard)
    demand(qq_finding_say(&findings, QQ_SEVERITY_WARNING, ASSIGN, one->line, _("there is no .qmail-default in %s, and with its empty dash mail for nobody is delivered there by default"),
      home));
  if (r > 0 && q.fd >= 0) {
    if (q.st.st_mode & 02)
      demand(qq_finding_say(&findings, QQ_SEVERITY_ERROR, ASSIGN, one->line, _("%s/%s is writable by others (mode %04o), and qmail-local defers"), home, q.name.s,
        (unsigned int)(q.st.st_mode & 07777)));
    if (q.st.st_uid != (uid_t)number(&one->fields[QQ_ASSIGN_UID]) && !(q.st.st_mode & 04))
      demand(qq_finding_say(&findings, QQ_SEVERITY_ERROR, ASSIGN, one->line, _("%s/%s cannot be read by uid %lu, and qmail-local defers"), home, q.name.s,
        number(&one->fields[QQ_ASSIGN_UID])));
    check_instructions(one, home, &q);
  }
  if (r >= 0) qq_dotqmail_free(&q);
  free(dash);
}

static void check_home(qq_assignment const *one)
{
  char *home = text_of(&one->fields[QQ_ASSIGN_HOME]);
  unsigned long const uid = number(&one->fields[QQ_ASSIGN_UID]);
  struct stat st;
  if (stat(home, &st) < 0 || !S_ISDIR(st.st_mode))
    demand(qq_finding_say(&findings, QQ_SEVERITY_ERROR, ASSIGN, one->line, _("the home %s is no directory that is there, and mail is deferred"), home));
  else {
    if (st.st_mode & 01002)
      demand(qq_finding_say(&findings, QQ_SEVERITY_ERROR, ASSIGN, one->line, _("the home %s is sticky or writable by others (mode %04o), and qmail-local defers"), home,
        (unsigned int)(st.st_mode & 07777)));
    if (st.st_uid != (uid_t)uid)
      demand(qq_finding_say(&findings, QQ_SEVERITY_WARNING, ASSIGN, one->line, _("the home %s belongs to uid %lu, not %lu"), home, (unsigned long)st.st_uid, uid));
    check_dotqmail(one, home);
  }
  free(home);
}

/* Said once: a file has them in all of its lines, or somebody has pasted one. */
static void check_return(qq_assignment const *one)
{
  static int is_said;
  if (is_said || !memchr(one->whole.s, '\r', one->whole.n)) return;
  demand(qq_finding_say(&findings, QQ_SEVERITY_HINT, ASSIGN, one->line, _("has a carriage return (CRLF), which is part of the field it stands in; nothing behind the sixth colon counts")));
  is_said = 1;
}

static void check_line(qq_assignment const *one)
{
  char const *why;
  check_return(one);
  if (!qq_assign_edit_check(one, &why)) {
    demand(qq_finding_say(&findings, QQ_SEVERITY_ERROR, ASSIGN, one->line, "%s", why));
    return;
  }
  check_user(one);
  check_home(one);
}

/* ---- lines together ---- */

static int is_digits(qq_piece const *p)
{
  size_t i;
  for (i = 0; i < p->n; i++) if (p->s[i] < '0' || p->s[i] > '9') return 0;
  return p->n > 0;
}

/* A domain's prefix such as +1 takes what +10 had, once +10 is gone. Keys are sorted: those that begin with one follow it. */
static void check_overlap(qq_assign_key const *s, size_t i, size_t n)
{
  size_t k;
  if (!s[i].is_wildcard || !is_digits(&s[i].address)) return;
  for (k = i + 1; k < n && s[k].address.n >= s[i].address.n && !memcmp(s[k].address.s, s[i].address.s, s[i].address.n); k++) {
    char const next = s[k].address.n > s[i].address.n ? s[k].address.s[s[i].address.n] : 0;
    if (!s[k].is_wildcard || next < '0' || next > '9') continue;
    demand(qq_finding_say(&findings, QQ_SEVERITY_WARNING, ASSIGN, s[i].line, _("+%.*s is a beginning of +%.*s (line %zu): if that goes, this gets its mail"), SHOWN(s[i].address),
      SHOWN(s[k].address), s[k].line));
    return;
  }
}

static void check_together(void)
{
  genalloc keys = GENALLOC_ZERO;        /* of qq_assign_key */
  qq_assign_key const *s;
  size_t i, n, first = 0;
  if (!qq_assign_keys_read(&keys, &place.users.text)) qq_die_memory();
  s = genalloc_s(qq_assign_key, &keys);
  n = genalloc_len(qq_assign_key, &keys);
  for (i = 0; i < n; i++) {
    if (i && qq_assign_key_same(&s[first], &s[i]))
      demand(qq_finding_say(&findings, QQ_SEVERITY_WARNING, ASSIGN, s[i].line, _("%c%.*s is assigned in line %zu too: the first one wins"), s[i].is_wildcard ? '+' : '=',
        SHOWN(s[i].address), s[first].line));
    else {
      first = i;
      check_overlap(s, i, n);
    }
  }
  genalloc_free(qq_assign_key, &keys);
}

/* ---- the compiled file ---- */

static void check_cdb(void)
{
  stralloc why = STRALLOC_ZERO;
  int r;
  if (!place.users.has_cdb) {
    if (place.users.has_assign)
      demand(qq_finding_say(&findings, QQ_SEVERITY_ERROR, CDB, 0, _("is missing: nothing in users/assign is in force; run qusers-compile")));
    return;
  }
  if (!place.users.has_assign) {
    demand(qq_finding_say(&findings, QQ_SEVERITY_WARNING, CDB, 0, _("is in force, but users/assign, which it was made from, is missing")));
    return;
  }
  r = qq_users_is_current(&place.users, &why);
  if (r < 0) qq_die(QQ_EXIT_TROUBLE, "%.*s", (int)why.len, why.s);
  if (!r) demand(qq_finding_say(&findings, QQ_SEVERITY_ERROR, CDB, 0, _("does not match users/assign: changes there are not in force; run qusers-compile")));
}

int main(int argc, char *const *argv)
{
  char const *unused, *reason;
  qq_assignment one;
  qq_assign a;
  int r;
  qq_start(&program, argc, argv);
  while (qq_next_option(&unused)) told.json = 1;
  if (*qq_operands()) qq_die_usage(_("operand \"%s\": expected none"), *qq_operands());
  qq_users_place_open(&place);
  qq_assign_begin(&a, place.users.text.s, place.users.text.len);
  while ((r = qq_assign_next(&a, &one, &reason)) > 0) check_line(&one);
  if (r < 0) demand(qq_finding_say(&findings, QQ_SEVERITY_ERROR, ASSIGN, a.line, _("%s; qmail-newu refuses the file"), reason));
  else {
    check_together();
    check_cdb();
  }
  qq_exit(told.errors || told.warnings || told.hints ? QQ_EXIT_NONE : 0);
}
