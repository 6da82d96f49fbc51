/* Checks users/assign, users/cdb and what they lead to. */

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <skalibs/bytestr.h>
#include <qq/diagnostic.h>
#include <qq/dotqmail.h>
#include <qq/os.h>
#include <qq/output.h>
#include <qq/text.h>
#include "qusers.h"

static qq_finding_output told;

static qq_option const options[] = {
  QQ_OPTIONS_ROWS(told.rows, N_("a JSON object for each finding")),
  QQ_OPTIONS_HOME,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qusers-check", "",
  N_("Check users/assign, users/cdb, and the homes and .qmail files that they lead to."), options,
  N_("0 nothing found; 1 errors, warnings or hints; 100 wrong use; 111 trouble of the system, or "
    "you may not read what decides.")
};

#define ASSIGN "users/assign"
#define CDB "users/cdb"
#define SHOWN(p) (int)(p).n, (p).s

static qq_site site;
static qq_built built;
static qq_findings const findings = { qq_output_finding, &told };

#define ERROR QQ_SEVERITY_ERROR
#define WARNING QQ_SEVERITY_WARNING
#define HINT QQ_SEVERITY_HINT

/* About a line of users/assign. */
#define SAY(severity, line, ...) \
  qq_demand_memory(qq_finding_say(&findings, severity, ASSIGN, line, __VA_ARGS__) > 0)

/* ---- one line ---- */

#define UNSAFE N_("the home %h is sticky or writable by others (mode %M), and qmail-local defers")

/* What is said of verdicts; of the others, nothing. */
static struct { qq_severity severity; char const *words; } const said[QQ_VERDICTS] = {
  [QQ_VERDICT_HOME_FOREIGN] = { WARNING, N_("the home %h belongs to uid %O, not %u") },
  [QQ_VERDICT_PASSED] = { WARNING, N_("%h/%w is not a regular file, or leads to none, and "
    "qmail-local "
    "passes over it") },
  [QQ_VERDICT_STRANGER] =
    { WARNING, N_("the home %h is not looked at: unable to become uid %u: %e") },
  [QQ_VERDICT_HOME_HIDDEN] = { WARNING, N_("the home %h cannot be entered by you: %e") },
  [QQ_VERDICT_HIDDEN] = { WARNING, N_("%f cannot be read by you: %e") },
  [QQ_VERDICT_UNSHOWN] = { WARNING, N_("%f is not looked at: %w") },
  [QQ_VERDICT_UNSEEN] = { WARNING, N_("%f names %w%p, which cannot be looked at by you: %e") },
  [QQ_VERDICT_TARGET_FOREIGN] =
    { WARNING, N_("%f delivers to %w, which does not belong to uid %u") },
  [QQ_VERDICT_NO_CUR] =
    { WARNING, N_("%f delivers to %w, which has no cur, and mail readers need that") },
  [QQ_VERDICT_ODD] = { WARNING, N_("%f says \"%w\", which is hardly meant: a line is |PROGRAM, "
    "./MAILDIR/, ./MBOX or an address, with nothing around it") },
  [QQ_VERDICT_HOMELESS] =
    { ERROR, N_("the home %h is not an existing directory, and mail is deferred") },
  [QQ_VERDICT_HOME_SHUT] =
    { ERROR, N_("the home %h cannot be entered by uid %u, and mail is deferred") },
  [QQ_VERDICT_HOME_WRITABLE] = { ERROR, UNSAFE },
  [QQ_VERDICT_HOME_STICKY] = { ERROR, UNSAFE },
  [QQ_VERDICT_DEFAULT] = { WARNING, N_("there is no .qmail-default in %h, and with its empty dash "
    "mail for nobody is delivered there by default") },
  [QQ_VERDICT_BOUNCES] = { WARNING, N_("there is no .qmail file for it in %h, and mail bounces") },
  [QQ_VERDICT_WRITABLE] =
    { ERROR, N_("%f is writable by others (mode %m), and qmail-local defers") },
  [QQ_VERDICT_UNREADABLE] = { ERROR, N_("%f cannot be read by uid %u, and qmail-local defers") },
  [QQ_VERDICT_BLANK] = { ERROR, N_("%f begins with a blank line, and qmail-local defers") },
  [QQ_VERDICT_MISSING] = { WARNING, N_("%f runs %w, which is not there, and mail is deferred%b") },
  [QQ_VERDICT_FORBIDDEN] =
    { WARNING, N_("%f runs %w, which uid %u cannot run, and mail is deferred%b") },
  [QQ_VERDICT_DEFERRED] = { WARNING, N_("%f runs %w, and mail is deferred%b") },
  [QQ_VERDICT_NO_DIRECTORY] = { ERROR, N_("%f delivers to %w%p, which is not an existing "
    "directory, and mail is deferred%b") },
  [QQ_VERDICT_NO_PLACE] = { ERROR, N_("%f delivers to %w, which is not there and cannot be made "
    "(%e), and mail is deferred%b") },
  [QQ_VERDICT_TARGET_SHUT] = { ERROR, N_("%f delivers to %w%p, which cannot be written to by uid "
    "%u, and mail is deferred%b") },
  [QQ_VERDICT_NO_FILE] =
    { ERROR, N_("%f delivers to %w, which is not a regular file, and mail is deferred%b") },
  [QQ_VERDICT_REFUSED] =
    { ERROR, N_("%f has its execute bit set and does more than forward: qmail-local defers") },
  [QQ_VERDICT_REFUSED_LIST] =
    { ERROR, N_("%f does more than forward below +list: qmail-local defers%b") }
};

/* The same user stands in many lines: the password database is asked once for each run of them. */
static void check_user(qq_assignment const *one)
{
  static stralloc last = STRALLOC_ZERO, name = STRALLOC_ZERO;
  qq_piece const *user = &one->fields[QQ_ASSIGN_USER], *field = &one->fields[QQ_ASSIGN_UID];
  uid_t const uid = qq_assign_id(field);
  size_t const both = (size_t)(field->s - user->s) + field->n;
  struct passwd const *pw;
  int r;
  if (last.len == both && !memcmp(last.s, user->s, both)) return;
  qq_demand_memory(qq_copy(&last, user->s, both) && qq_copy(&name, user->s, user->n)
    && stralloc_0(&name));
  r = qq_getpw_name(&pw, name.s);
  if (r < 0)
    qq_trouble(_("%s: line %zu: unable to look for the user \"%s\": %s"), ASSIGN, one->line, name.s,
      strerror(errno));
  else if (!r)
    SAY(HINT, one->line,
      _("there is no user \"%s\"; mail is delivered with the uid all the same"), name.s);
  else if (pw->pw_uid != uid)
    SAY(WARNING, one->line, _("the user \"%s\" has uid %lu, not %lu"), name.s,
      (unsigned long)pw->pw_uid, (unsigned long)uid);
}

/* Mail for an address is not to bounce, and that for a prefix not to be delivered by default. A
   home that is sticky and writable is told once. */
static void tell_verdict(qq_assignment const *one, qq_dotqmail const *q, qq_verdict const *v)
{
  stralloc text = STRALLOC_ZERO;
  if (!said[v->kind].words || (v->kind == QQ_VERDICT_BOUNCES && one->is_wildcard)
    || (v->kind == QQ_VERDICT_DEFAULT && !one->is_wildcard)
    || (v->kind == QQ_VERDICT_HOME_STICKY && q->home_stat.st_mode & q->patrn)) return;
  qq_demand_memory(qq_dotqmail_say(&text, _(said[v->kind].words), q, v));
  if (QQ_VERDICT_IS_UNKNOWN(v->kind))
    qq_trouble(_("%s: line %zu: %.*s"), ASSIGN, one->line, (int)text.len, text.s);
  else SAY(said[v->kind].severity, one->line, "%.*s", (int)text.len, text.s);
  stralloc_free(&text);
}

/* The extension; of a prefix, with what an address behind it would add. */
static void add_ext(stralloc *ext, qq_assignment const *one)
{
  qq_piece const *f = &one->fields[QQ_ASSIGN_EXT], *a = &one->address;
  int const ends = a->n && a->s[a->n - 1] == '-';
  qq_demand_memory(qq_append(ext, f->s, f->n)
    && (!one->is_wildcard || stralloc_cats(ext, a->n && !ends ? "-anybody" : "anybody")));
}

/* By the file of the address itself; of a prefix, by that for what has no file of its own. Of
   lines that are refused the first is told. */
static void check_delivery(qq_assignment one)
{
  stralloc ext = STRALLOC_ZERO;
  int refused = 0;
  qq_dotqmail q;
  size_t i;
  add_ext(&ext, &one);
  one.fields[QQ_ASSIGN_EXT].s = ext.s;
  one.fields[QQ_ASSIGN_EXT].n = ext.len;
  if (!qq_dotqmail_judge(&q, one.fields, built.patrn))
    qq_die_unable("%s", _("unable to look at a home"));
  for (i = 0; i < genalloc_len(qq_verdict, &q.verdicts); i++) {
    qq_verdict const *v = &genalloc_s(qq_verdict, &q.verdicts)[i];
    if (v->kind < QQ_VERDICT_REFUSED || !refused++) tell_verdict(&one, &q, v);
  }
  qq_dotqmail_free(&q);
  stralloc_free(&ext);
}

/* Said once: a file has them in all of its lines, or somebody has pasted one. */
static void check_return(qq_assignment const *one)
{
  static int is_said;
  if (is_said || !memchr(one->whole.s, '\r', one->whole.n)) return;
  SAY(HINT, one->line, _("has a carriage return (CRLF), which is part of the field it stands in; "
    "nothing after the sixth colon counts"));
  is_said = 1;
}

static void check_line(qq_assignment const *one)
{
  char const *fault = qq_assign_fault(one);
  check_return(one);
  if (fault) SAY(ERROR, one->line, "%s", fault);
  else {
    check_user(one);
    check_delivery(*one);
  }
}

/* ---- lines together ---- */

/* A domain's prefix such as +1 takes what +10 had, once +10 is gone. Keys are sorted: those that
   begin with one follow it. */
static void check_overlap(qq_assign_key const *s, size_t i, size_t n)
{
  qq_piece const *a = &s[i].address;
  size_t k;
  if (!s[i].is_wildcard || !qq_assign_is_digits(a)) return;
  for (k = i + 1; k < n; k++) {
    qq_piece const *other = &s[k].address;
    if (other->n < a->n || memcmp(other->s, a->s, a->n)) return;
    if (!s[k].is_wildcard || other->n == a->n || !isdigit((unsigned char)other->s[a->n])) continue;
    SAY(WARNING, s[i].line,
      _("+%.*s is the beginning of +%.*s (line %zu): if that one goes, this one gets its "
        "mail"), SHOWN(*a),
      SHOWN(*other), s[k].line);
    return;
  }
}

static void check_together(void)
{
  genalloc keys = GENALLOC_ZERO;        /* of qq_assign_key */
  qq_assign_key const *s;
  size_t i, n, first = 0;
  qq_demand_memory(qq_assign_keys_read(&keys, &site.users.text));
  s = genalloc_s(qq_assign_key, &keys);
  n = genalloc_len(qq_assign_key, &keys);
  for (i = 0; i < n; i++) {
    if (i && qq_assign_key_same(&s[first], &s[i]))
      SAY(WARNING, s[i].line,
        _("%c%.*s is assigned in line %zu too: the first one wins"), s[i].is_wildcard ? '+' : '=',
        SHOWN(s[i].address), s[first].line);
    else {
      first = i;
      check_overlap(s, i, n);
    }
  }
  genalloc_free(qq_assign_key, &keys);
}

/* ---- the compiled file ---- */

static void say_of_cdb(qq_severity severity, char const *what)
{
  qq_demand_memory(qq_finding_say(&findings, severity, CDB, 0, "%s", what) > 0);
}

static void check_cdb(void)
{
  stralloc why = STRALLOC_ZERO;
  int const has_assign = site.users.has_assign, has_cdb = site.users.has_cdb;
  int const r = has_assign ? qq_users_is_current(&site.users, &why) : 1;
  qq_demand_done(r, &why);
  if (has_cdb && !has_assign)
    say_of_cdb(WARNING, _("is in force, but users/assign, which it was made from, is missing"));
  if (!r)
    say_of_cdb(ERROR, has_cdb
      ? _("does not match users/assign: changes there are not in force; run qusers-compile")
      : _("is missing: nothing in users/assign is in force; run qusers-compile"));
}

/* qmail-newu.c:main stops at the line with the dot. Somebody has appended to the file. */
static void check_behind_dot(qq_assign const *a)
{
  char const *dot = site.users.text.s + a->end;
  size_t const n = site.users.text.len - a->end, line = byte_chr(dot, n, '\n');
  if (line + 1 < n)
    SAY(ERROR, a->line + 2, "%s", _("comes after the line with the dot, where qmail-newu stops: "
      "nothing from here on is in force"));
}

/* Says whether qmail-newu takes the file. What follows a line that it refuses is looked at all the
   same: once that is mended it counts. */
static int check_lines(void)
{
  qq_assignment one;
  int is_taken = 1;
  qq_assign a;
  qq_assign_begin(&a, site.users.text.s, site.users.text.len);
  while (!a.is_over) {
    int const r = qq_assign_next(&a, &one);
    if (r > 0) check_line(&one);
    else if (r < 0) {
      SAY(ERROR, a.line, _("%s; qmail-newu refuses the file"), a.why);
      is_taken = 0;
    }
  }
  check_behind_dot(&a);
  return is_taken;
}

int main(int argc, char *const *argv)
{
  int is_taken;
  qq_start(&program, argc, argv);
  if (*qq_operands()) qq_die_usage(_("operand \"%s\": expected none"), *qq_operands());
  qq_qusers_open(&site);
  qq_built_ask(&built, site.home.s);
  qq_rows_begin(told.rows, QQ_FINDING_TITLES);
  is_taken = check_lines();
  check_together();
  if (is_taken) check_cdb();
  qq_exit(told.errors || told.warnings || told.hints ? QQ_EXIT_NONE : 0);
}
