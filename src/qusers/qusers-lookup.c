/* Says where mail for an address goes, as qmail would take it. */

#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <qq/append.h>
#include <qq/diagnostic.h>
#include <qq/dotqmail.h>
#include <qq/getpw.h>
#include <qq/output.h>
#include <qq/route.h>
#include <qq/slurp.h>
#include <qq/usercdb.h>
#include "place.h"

static qq_option const options[] = {
  QQ_OPTIONS_USERS_HOME,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qusers-lookup", "ADDRESS ...", N_("Say where mail for an address goes: the whole way that qmail takes it. Nothing is changed."), options,
  N_("0 it is delivered here, or sent elsewhere; 1 it would bounce or be deferred; 100 wrong use; 111 trouble of the system, or you may not read what decides.")
};

static qq_users_place place;
static qq_settings settings = QQ_SETTINGS_ZERO;
static stralloc out = STRALLOC_ZERO;
static int fails, unknown;

/* Who delivers: what qmail-local is told. */
typedef struct who { qq_piece user, home, dash, ext; unsigned long uid; } who;

static void line(char const *format, ...) QQ_PRINTF(1, 2);
static void line(char const *format, ...)
{
  stralloc text = STRALLOC_ZERO;
  va_list args;
  va_start(args, format);
  if (!qq_vsay(&text, format, args) || !stralloc_cats(&out, "  ") || !qq_safe(&out, text.s, text.len) || !stralloc_append(&out, '\n')) qq_die_memory();
  va_end(args);
  stralloc_free(&text);
}

#define SHOWN(p) (int)(p).n, (p).s

/* ---- the last step: .qmail ---- */

static void instruction(char const *s, size_t n)
{
  while (n && (s[n - 1] == ' ' || s[n - 1] == '\t')) n--;
  if (!n || *s == '#') return;
  switch (*s) {
    case '|': line(_("runs the program: %.*s"), (int)n - 1, s + 1); break;
    case '.':
    case '/': line(s[n - 1] == '/' ? _("delivers to the maildir: %.*s") : _("delivers to the mbox: %.*s"), (int)n, s); break;
    case '+': line(_("instruction: %.*s"), (int)n, s); break;
    case '&': line(_("forwards to: %.*s"), (int)n - 1, s + 1); break;
    default: line(_("forwards to: %.*s"), (int)n, s);
  }
}

/* What only forwards may do nothing else: qmail-local defers, and nothing of the file is carried out (qmail-local.c:main). */
static void check_forwards(char const *s, size_t n, int *only_forwards)
{
  while (n && (s[n - 1] == ' ' || s[n - 1] == '\t')) n--;
  if (n == 5 && !memcmp(s, "+list", n)) *only_forwards = 1;
  if (!*only_forwards || !n || !(*s == '|' || *s == '.' || *s == '/')) return;
  line(_("which is refused in a file that may only forward (its execute bit is set, or +list stands above), and qmail-local defers"));
  fails = 1;
}

static void instructions(stralloc const *text, int only_forwards)
{
  size_t at = 0, n = 0;
  while (at < text->len && (text->s[at] == ' ' || text->s[at] == '\t')) at++;
  if (at < text->len && text->s[at] == '\n') {
    line(_("its first line is blank, and qmail-local defers"));
    fails = 1;
  }
  at = 0;
  while (at < text->len) {
    char const *end = memchr(text->s + at, '\n', text->len - at);
    size_t const length = end ? (size_t)(end - text->s) - at : text->len - at;
    if (length && text->s[at] != '#') n++;
    instruction(text->s + at, length);
    check_forwards(text->s + at, length, &only_forwards);
    at += length + 1;
  }
  if (!text->len) line(_("it is empty: the default instructions count (the argument of qmail-start, or control/defaultdelivery)"));
  else if (!n) line(_("it has nothing but comments: the mail is thrown away"));
}

/* What qmail-local refuses (qmail-local.c:checkhome, qmeexists). */
static void check_dotqmail(qq_dotqmail const *q, who const *w)
{
  if (q->st.st_mode & 02) {
    line(_("it is writable by others (mode %04o), and qmail-local defers"), (unsigned int)(q->st.st_mode & 07777));
    fails = 1;
  }
  if (!(q->st.st_mode & 04) && q->st.st_uid != w->uid) {
    line(_("its owner is uid %lu, and uid %lu cannot read it"), (unsigned long)q->st.st_uid, w->uid);
    fails = 1;
  }
}

static void check_home(char const *home)
{
  struct stat st;
  if (stat(home, &st) < 0) return;
  if (st.st_mode & 02) line(_("%s is writable by others (mode %04o), and qmail-local defers"), home, (unsigned int)(st.st_mode & 07777));
  if (st.st_mode & 01000) line(_("%s has its sticky bit set, and qmail-local defers"), home);
  if (st.st_mode & 01002) fails = 1;
}

static void tell_dotqmail(who const *w)
{
  stralloc home = STRALLOC_ZERO, dash = STRALLOC_ZERO, text = STRALLOC_ZERO;
  qq_dotqmail q;
  int r;
  if (!qq_append(&home, w->home.s, w->home.n) || !stralloc_0(&home) || !qq_append(&dash, w->dash.s, w->dash.n) || !stralloc_0(&dash)) qq_die_memory();
  check_home(home.s);
  r = qq_dotqmail_find(&q, home.s, dash.s, w->ext.s ? w->ext.s : "", w->ext.n);
  if (r < 0 && errno == EACCES && geteuid()) {
    line(_("%s cannot be entered by you: %s"), home.s, strerror(errno));
    unknown = 1;
  }
  else if (r < 0) {
    line(_("%s cannot be entered (%s), and qmail-local defers"), home.s, strerror(errno));
    fails = 1;
  }
  else if (!r && *dash.s) {
    line(_("there is no .qmail file for it: it bounces, \"Sorry, no mailbox here by that name\""));
    fails = 1;
  }
  else if (!r) line(_("there is no .qmail file: the default instructions count (the argument of qmail-start, or control/defaultdelivery)"));
  else if (q.fd < 0) {
    line(_("%s/%s cannot be read by you: %s"), home.s, q.name.s, strerror(q.error));
    unknown = 1;
  }
  else {
    line(_("reads %s/%s"), home.s, q.name.s);
    check_dotqmail(&q, w);
    if (qq_slurp(&text, q.fd) < 0) qq_die(QQ_EXIT_TROUBLE, _("unable to read %s/%s: %s"), home.s, q.name.s, strerror(errno));
    instructions(&text, (q.st.st_mode & 0100) != 0);
  }
  if (r >= 0) qq_dotqmail_free(&q);
  stralloc_free(&home);
  stralloc_free(&dash);
  stralloc_free(&text);
}

/* ---- who gets a local part ---- */

static unsigned long number(qq_piece const *p)
{
  unsigned long u = 0;
  size_t i;
  for (i = 0; i < p->n && p->s[i] >= '0' && p->s[i] <= '9'; i++) u = u * 10 + (unsigned long)(p->s[i] - '0');
  return u;
}

static void cut(qq_piece *fields, char const *s, size_t n)
{
  unsigned int i;
  for (i = 0; i < QQ_ASSIGN_FIELDS; i++) {
    char const *zero = n && i + 1 < QQ_ASSIGN_FIELDS ? memchr(s, 0, n) : 0;
    fields[i].s = s;
    fields[i].n = zero ? (size_t)(zero - s) : n;
    n -= fields[i].n + (zero != 0);
    s += fields[i].n + (zero != 0);
  }
}

static void tell_who(who const *w)
{
  line(_("delivered as user %.*s (uid %lu), home %.*s, dash \"%.*s\", extension \"%.*s\""), SHOWN(w->user), w->uid, SHOWN(w->home), SHOWN(w->dash), SHOWN(w->ext));
  if (w->uid) tell_dotqmail(w);
  else {
    line(_("qmail-lspawn does not deliver as root, and defers"));
    fails = 1;
  }
}

static int by_cdb(char const *local, size_t n)
{
  int const fd = qq_users_cdb(&place.users);
  qq_usercdb_found found = { STRALLOC_ZERO, 0, 0 };
  qq_piece f[QQ_ASSIGN_FIELDS];
  who w;
  int r;
  if (fd < 0 && errno == ENOENT) {
    line(_("there is no users/cdb"));
    return 0;
  }
  r = fd < 0 ? -1 : qq_usercdb_lookup(fd, local, n, &found);
  if (r < 0 && errno == EPROTO) qq_die(QQ_EXIT_TROUBLE, _("%s/users/cdb is damaged, and all local mail is deferred: run qusers-compile"), place.home.s);
  if (r < 0) qq_die(QQ_EXIT_TROUBLE, errno == EACCES ? _("unable to read %s/users/cdb: %s (run it as root)") : _("unable to read %s/users/cdb: %s"), place.home.s, strerror(errno));
  close(fd);
  if (!r) line(_("users/cdb assigns it to nobody"));
  else {
    line(found.is_wildcard ? _("users/cdb: the longest prefix of it that is assigned is +%.*s") : _("users/cdb assigns =%.*s"), (int)found.taken, local);
    cut(f, found.data.s, found.data.len);
    w.user = f[QQ_ASSIGN_USER];
    w.home = f[QQ_ASSIGN_HOME];
    w.dash = f[QQ_ASSIGN_DASH];
    w.ext = f[QQ_ASSIGN_EXT];
    w.uid = number(&f[QQ_ASSIGN_UID]);
    tell_who(&w);
  }
  stralloc_free(&found.data);
  return r;
}

/* alias is the owner of HOME/alias. */
static void by_password_database(char const *local, size_t n)
{
  stralloc path = STRALLOC_ZERO;
  struct passwd const *alias = 0;
  struct stat st;
  qq_getpw g;
  who w;
  int r;
  memset(&g, 0, sizeof g);
  if (!qq_say(&path, "%s/alias", place.home.s) || !stralloc_0(&path)) qq_die_memory();
  if (!stat(path.s, &st)) alias = getpwuid(st.st_uid);
  r = qq_getpw_find(&g, local, n, alias ? alias->pw_name : "alias");
  if (r < 0) qq_die(QQ_EXIT_TROUBLE, _("unable to read the password database: %s"), strerror(errno));
  if (!r) {
    line(_("no user takes it, and there is no user alias: it is deferred"));
    fails = 1;
    return;
  }
  line(g.is_alias ? _("no user of that name: it is alias's") : _("the password database has the user"));
  w.user.s = g.user.s, w.user.n = g.user.len - 1;
  w.home.s = g.home.s, w.home.n = g.home.len - 1;
  w.dash.s = g.dash, w.dash.n = strlen(g.dash);
  w.ext.s = local + g.extension, w.ext.n = n - g.extension;
  w.uid = g.uid;
  tell_who(&w);
  qq_getpw_free(&g);
  stralloc_free(&path);
}

static void tell_local(stralloc const *recipient)
{
  size_t n = recipient->len;
  while (n && recipient->s[n - 1] != '@') n--;
  if (n) n--;
  if (!by_cdb(recipient->s, n)) by_password_database(recipient->s, n);
}

static void tell(char const *address)
{
  qq_route r = QQ_ROUTE_ZERO;
  if (qq_route_find(&r, &settings, address) < 0 || !qq_safe(&out, address, strlen(address)) || !stralloc_append(&out, '\n')) qq_die_memory();
  if (r.is_completed) line(_("control/envnoathost makes it %.*s"), (int)r.address.len, r.address.s);
  if (r.hacked) line(_("control/percenthack makes it %.*s"), (int)r.address.len, r.address.s);
  switch (r.kind) {
    case QQ_ROUTE_LOCAL: line(_("its domain is in control/locals: local")); break;
    case QQ_ROUTE_VIRTUAL: line(_("control/virtualdomains has %.*s: local, as %.*s"), (int)r.entry.len, r.entry.s, (int)r.recipient.len, r.recipient.s); break;
    case QQ_ROUTE_EXCEPTION: line(_("control/virtualdomains has %.*s, an exception: remote"), (int)r.entry.len, r.entry.s); break;
    default: line(_("neither in control/locals nor in control/virtualdomains: remote"));
  }
  if (r.kind == QQ_ROUTE_LOCAL || r.kind == QQ_ROUTE_VIRTUAL) tell_local(&r.recipient);
  qq_output(out.s, out.len);
  out.len = 0;
  qq_route_free(&r);
}

int main(int argc, char *const *argv)
{
  stralloc why = STRALLOC_ZERO, control = STRALLOC_ZERO;
  char const *unused, *const *o;
  qq_start(&program, argc, argv);
  while (qq_next_option(&unused)) ;
  o = qq_operands();
  if (!*o) qq_die_usage("%s", _("expected ADDRESS"));
  qq_users_place_open_cdb(&place);
  if (!qq_say(&control, "%s/control", place.home.s) || !stralloc_0(&control)) qq_die_memory();
  if (qq_settings_load(&settings, control.s, 0, &why) < 0) qq_die(QQ_EXIT_TROUBLE, "%.*s", (int)why.len, why.s);
  for (; *o; o++) tell(*o);
  qq_exit(unknown ? QQ_EXIT_TROUBLE : fails ? QQ_EXIT_NONE : 0);
}
