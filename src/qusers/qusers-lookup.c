/* Says where mail for an address goes, as qmail would take it. */

#include <ctype.h>
#include <string.h>
#include <skalibs/bytestr.h>
#include <qq/diagnostic.h>
#include <qq/output.h>
#include <qq/text.h>
#include "qusers.h"

static int rows;

static qq_option const options[] = {
  QQ_OPTIONS_ROWS(rows, N_("a JSON object for each")),
  QQ_OPTIONS_HOME,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qusers-lookup", "ADDRESS ...",
  N_("Say where mail for an address goes: the whole way that qmail takes it. Nothing is changed."),
  options, N_("0 it is delivered here, or sent elsewhere; 1 it would bounce or be deferred; 100 "
    "wrong use; 111 trouble of the system, or you may not read what decides.")
};

static qq_site site;
static qq_built built;
static stralloc out = STRALLOC_ZERO;
static qq_json steps = QQ_JSON(&out);
static int fails, unknown;

static void say(char const *format, ...) QQ_PRINTF(1, 2);
static void say(char const *format, ...)
{
  stralloc text = STRALLOC_ZERO;
  va_list args;
  va_start(args, format);
  qq_demand_memory(qq_vfmt(&text, format, args));
  va_end(args);
  if (rows) qq_json_bytes(&steps, 0, text.s, text.len);
  else qq_demand_memory(stralloc_cats(&out, "  ") && qq_safe(&out, text.s, text.len)
      && stralloc_append(&out, '\n'));
  stralloc_free(&text);
}

static void fail(char const *why)
{
  say("%s", why);
  fails = 1;
}

#define SHOWN(p) (int)(p).n, (p).s

/* ---- the last step: .qmail ---- */

#define REFUSED N_("this is refused in a file that may only forward (its execute bit is set, or " \
  "+list stands above), and qmail-local defers%b")

static char const *const words[QQ_VERDICTS] = {
  [QQ_VERDICT_PASSED] =
    N_("%h/%w is not a regular file, or leads to none, and qmail-local passes over it"),
  [QQ_VERDICT_HOME_FOREIGN] = N_("%h belongs to uid %O, not %u"),
  [QQ_VERDICT_READS] = N_("reads %f"),
  [QQ_VERDICT_PROGRAM] = N_("runs the program: %w"),
  [QQ_VERDICT_MAILDIR] = N_("delivers to the maildir: %w"),
  [QQ_VERDICT_MBOX] = N_("delivers to the mbox: %w"),
  [QQ_VERDICT_FORWARD] = N_("forwards to: %w"),
  [QQ_VERDICT_STOPS] = N_("this is the end: the lines below are not carried out"),
  [QQ_VERDICT_OTHER] = N_("instruction: %w"),
  [QQ_VERDICT_EMPTY] = N_("it is empty: the default instructions count (the argument of "
    "qmail-start, or control/defaultdelivery)"),
  [QQ_VERDICT_NOTHING] = N_("there is nothing in it but comments: the mail is thrown away"),
  [QQ_VERDICT_DEFAULT] =
    N_("there is no .qmail file: the default instructions count (the argument of qmail-start, or "
      "control/defaultdelivery)"),
  [QQ_VERDICT_STRANGER] = N_("%h is not looked at: unable to become uid %u: %e"),
  [QQ_VERDICT_HOME_HIDDEN] = N_("%h cannot be entered by you: %e"),
  [QQ_VERDICT_HIDDEN] = N_("%f cannot be read by you: %e"),
  [QQ_VERDICT_UNSHOWN] = N_("%f is not shown: %w"),
  [QQ_VERDICT_UNSEEN] = N_("%w%p cannot be looked at by you: %e"),
  [QQ_VERDICT_TARGET_FOREIGN] = N_("%w does not belong to uid %u"),
  [QQ_VERDICT_NO_CUR] = N_("%w has no cur, and mail readers need that"),
  [QQ_VERDICT_ODD] = N_("this is hardly meant: a line is |PROGRAM, ./MAILDIR/, ./MBOX or an "
    "address, with nothing around it"),
  [QQ_VERDICT_BOUNCED] =
    N_("this bounces the mail%b: lines below it are not carried out"),
  [QQ_VERDICT_BOUNCES] =
    N_("there is no .qmail file for it: it bounces, \"Sorry, no mailbox here by that name\""),
  [QQ_VERDICT_HOME_RELATIVE] =
    N_("%h does not begin with /: qmail-local refuses it, and it bounces"),
  [QQ_VERDICT_HOMELESS] = N_("%h cannot be entered (%e), and qmail-local defers"),
  [QQ_VERDICT_HOME_SHUT] = N_("%h cannot be entered by uid %u, and qmail-local defers"),
  [QQ_VERDICT_HOME_WRITABLE] = N_("%h is writable by others (mode %M), and qmail-local defers"),
  [QQ_VERDICT_HOME_STICKY] = N_("%h has its sticky bit set, and qmail-local defers"),
  [QQ_VERDICT_WRITABLE] = N_("it is writable by others (mode %m), and qmail-local defers"),
  [QQ_VERDICT_UNREADABLE] = N_("%f cannot be read by uid %u, and qmail-local defers"),
  [QQ_VERDICT_BLANK] = N_("its first line is blank, and qmail-local defers"),
  [QQ_VERDICT_MISSING] = N_("%w is not there, and mail is deferred%b"),
  [QQ_VERDICT_FORBIDDEN] = N_("%w cannot be run by uid %u, and mail is deferred%b"),
  [QQ_VERDICT_DEFERRED] =
    N_("this defers the mail%b: lines below it are not carried out"),
  [QQ_VERDICT_NO_DIRECTORY] = N_("%w%p is not an existing directory, and mail is deferred%b"),
  [QQ_VERDICT_NO_PLACE] =
    N_("%w is not there and cannot be made (%e), and mail is deferred%b"),
  [QQ_VERDICT_TARGET_SHUT] = N_("%w%p cannot be written to by uid %u, and mail is deferred%b"),
  [QQ_VERDICT_NO_FILE] = N_("%w is not a regular file, and mail is deferred%b"),
  [QQ_VERDICT_REFUSED] = REFUSED,
  [QQ_VERDICT_REFUSED_LIST] = REFUSED
};

static void tell_verdict(qq_dotqmail const *q, qq_verdict const *v)
{
  stralloc text = STRALLOC_ZERO;
  if (!words[v->kind]) return;
  qq_demand_memory(qq_dotqmail_say(&text, _(words[v->kind]), q, v));
  say("%.*s", (int)text.len, text.s);
  stralloc_free(&text);
  fails |= QQ_VERDICT_FAILS(v->kind);
  unknown |= QQ_VERDICT_IS_UNKNOWN(v->kind);
}

static void tell_delivery(qq_lookup *l)
{
  qq_dotqmail *q = &l->delivery;
  size_t i;
  l->is_judged = 1;
  if (!qq_dotqmail_judge(q, l->taker.fields, built.patrn))
    qq_die_unable("%s", _("unable to look at a home"));
  for (i = 0; i < genalloc_len(qq_verdict, &q->verdicts); i++)
    tell_verdict(q, &genalloc_s(qq_verdict, &q->verdicts)[i]);
  if (!built.is_asked && (q->home_stat.st_mode | q->stat.st_mode) & 020)
    say(_("its group may write to it, and qmail-local is assumed to allow that: bin/qmail-showctl "
      "cannot be asked"));
}

/* ---- who gets a local part ---- */

/* As a uid or gid: `no change', which setuid(2) and its like refuse. */
#define NOBODY 4294967295UL

static void tell_user(qq_lookup *l)
{
  qq_piece const *f = l->taker.fields;
  unsigned long const uid = qq_assign_id(&f[QQ_ASSIGN_UID]), gid = qq_assign_id(&f[QQ_ASSIGN_GID]);
  say(_("delivered as user %.*s (uid %lu), home %.*s, dash \"%.*s\", extension \"%.*s\""),
    SHOWN(f[QQ_ASSIGN_USER]), uid, SHOWN(f[QQ_ASSIGN_HOME]), SHOWN(f[QQ_ASSIGN_DASH]),
    SHOWN(f[QQ_ASSIGN_EXT]));
  if (!uid) fail(_("qmail-lspawn does not deliver as root, and defers"));
  else if (uid == NOBODY || gid == NOBODY)
    fail(_("no process can have that uid or gid, and qmail-lspawn defers"));
  else tell_delivery(l);
}

static void tell_taker(qq_lookup *l)
{
  qq_taker const *t = &l->taker;
  if (t->kind != QQ_TAKER_ASSIGNED)
    say(site.users.has_cdb ? _("users/cdb assigns it to nobody") : _("there is no users/cdb"));
  switch (t->kind) {
    case QQ_TAKER_ASSIGNED:
      say(t->found.is_wildcard ? _("users/cdb: the longest prefix of it that is assigned is +%.*s")
        : _("users/cdb assigns =%.*s"), (int)t->found.taken,
        l->route.recipient.s);
      break;
    case QQ_TAKER_NOBODY:
      fail(_("no user takes it, and there is no user alias: it is deferred"));
      return;
    case QQ_TAKER_USER: say(_("the password database has the user")); break;
    case QQ_TAKER_ALIAS: say(_("there is no such user: alias gets it"));
  }
  tell_user(l);
}

/* Said where it may count: what could be a delimiter is in the local part. */
static void tell_assumed(char const *local, size_t n)
{
  size_t i;
  for (i = 0; i < n; i++)
    if (ispunct((unsigned char)local[i]) && !strchr("._", local[i])) break;
  if (i < n && !built.is_asked)
    say(_("between a user and an extension a dash is assumed: bin/qmail-showctl cannot be asked"));
}

static void tell_local(qq_lookup *l)
{
  stralloc const *recipient = &l->route.recipient;
  size_t const n = byte_rchr(recipient->s, recipient->len, '@');
  stralloc why = STRALLOC_ZERO;
  qq_demand_done(qq_taker_find(&l->taker, &site.users, &built, recipient->s, n, &why), &why);
  if (l->taker.kind != QQ_TAKER_ASSIGNED) tell_assumed(recipient->s, n);
  tell_taker(l);
}

static void tell_route(qq_route const *r)
{
  int const n = (int)r->address.len;
  if (r->is_completed) say(_("control/envnoathost makes it %.*s"), n, r->address.s);
  if (r->hacked) say(_("control/percenthack makes it %.*s"), n, r->address.s);
  switch (r->kind) {
    case QQ_ROUTE_LOCAL: say(_("its domain is in control/locals: local")); break;
    case QQ_ROUTE_VIRTUAL:
      say(_("control/virtualdomains has %.*s: local, as %.*s"), SHOWN(r->entry),
        (int)r->recipient.len, r->recipient.s);
      break;
    case QQ_ROUTE_EXCEPTION:
      say(_("control/virtualdomains has %.*s, an exception: remote"), SHOWN(r->entry));
      break;
    default: say(_("neither in control/locals nor in control/virtualdomains: remote"));
  }
}

static void begin(char const *address)
{
  size_t const n = strlen(address);
  if (rows) {
    qq_json_object(&steps, 0);
    qq_json_bytes(&steps, "address", address, n);
    qq_json_array(&steps, "steps");
  }
  else qq_demand_memory(qq_safe(&out, address, n) && stralloc_append(&out, '\n'));
}

static void end(qq_lookup const *l)
{
  if (rows) {
    qq_json_array_end(&steps);
    qq_lookup_json(&steps, l);
    qq_json_end(&steps);
  }
  qq_output_batch(&out, 1);
}

static void tell(char const *address)
{
  qq_lookup l = { QQ_ROUTE_ZERO, QQ_TAKER_ZERO, { .home_fd = -1 }, 0 };
  qq_demand_memory(qq_route_find(&l.route, &site.live, address) > 0);
  begin(address);
  tell_route(&l.route);
  if (qq_route_is_here(&l.route)) tell_local(&l);
  end(&l);
  qq_route_free(&l.route);
  qq_taker_free(&l.taker);
  qq_dotqmail_free(&l.delivery);
}

/* What qmail-send could not begin without either. */
static void read_control(void)
{
  static char const *const names[] = { "envnoathost", "locals", "percenthack", "virtualdomains" };
  stralloc why = STRALLOC_ZERO;
  size_t i;
  qq_demand_done(qq_site_load(&site, 0, &why), &why);
  for (i = 0; i < sizeof names / sizeof *names; i++)
    qq_demand_done(qq_site_can_read(&site, names[i], &why), &why);
}

int main(int argc, char *const *argv)
{
  char const *const *o;
  qq_start(&program, argc, argv);
  o = qq_operands();
  if (!*o) qq_die_usage("%s", _("expected ADDRESS"));
  qq_qusers_open_cdb(&site);
  qq_built_ask(&built, site.home.s);
  read_control();
  qq_rows_begin(rows, QQ_LOOKUP_TITLES);
  for (; *o; o++) tell(*o);
  qq_exit(unknown ? QQ_EXIT_TROUBLE : fails ? QQ_EXIT_NONE : 0);
}
