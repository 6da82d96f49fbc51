/* Lists virtual domains. */

#include <errno.h>
#include <string.h>
#include <qq/diagnostic.h>
#include <qq/file.h>
#include <qq/output.h>
#include "qdom.h"

static qq_dom_place place;
static int rows;

static qq_option const options[] = {
  QQ_OPTIONS_ROWS(rows, N_("a JSON object for each")),
  QQ_OPTIONS_DOM_LIST(place),
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qdom-list", "",
  N_("List the virtual domains: prefix, mailboxes and aliases, and what is inconsistent."), options,
  N_("0 done; 1 something is inconsistent; 100 wrong use; 111 trouble of the system.")
};

static int inconsistent, unreadable;
static qq_built built;
static qq_piece wanted_user;            /* --user */
static genalloc prefixes = GENALLOC_ZERO, hosts = GENALLOC_ZERO;       /* of qq_piece, sorted */

/* A domain, or what is left of one. A piece without s is none. */
typedef struct row {
  qq_piece domain, prefix, home;        /* home: that of who gets the mail */
  qq_piece user;                        /* who gets it, where that is not the line of qdom-add */
  uint64_t boxes, aliases;
  stralloc fault;                       /* what does not fit, in words; empty: nothing */
  qq_taker taker;                       /* what home and user lie in */
} row;

static void append_piece(stralloc *out, char const *before, qq_piece const *p)
{
  qq_demand_memory(stralloc_cats(out, before) && qq_safe(out, p->s, p->n));
}

static void show_counts(row const *r, stralloc *out)
{
  unsigned long long const boxes = r->boxes, aliases = r->aliases;
  qq_must_fmt(out, ngettext(" %llu mailbox", " %llu mailboxes", (unsigned long)boxes), boxes);
  qq_must_fmt(out, ngettext(", %llu alias", ", %llu aliases", (unsigned long)aliases), aliases);
}

static void show_taker(row const *r, stralloc *out)
{
  stralloc text = STRALLOC_ZERO;
  qq_must_fmt(&text, _("delivered as %.*s %.*s"), (int)r->user.n, r->user.s, (int)r->home.n,
    r->home.s);
  qq_must_fmt(out, " ");
  qq_demand_memory(qq_safe(out, text.s, text.len));
  stralloc_free(&text);
}

static void show_text(row const *r, stralloc *out)
{
  qq_piece const fault = { r->fault.s, r->fault.len };
  if (r->domain.s) {
    append_piece(out, "", &r->domain);
    append_piece(out, " ", &r->prefix);
    if (!r->user.s || r->boxes || r->aliases) show_counts(r, out);
    if (r->user.s) show_taker(r, out);
  }
  else {
    append_piece(out, "+", &r->prefix);
    append_piece(out, " ", &r->home);
  }
  if (fault.n) append_piece(out, ": ", &fault);
  if (!r->domain.s)
    qq_must_fmt(out, ": %s", _("run the same qdom-add or qdom-rm again to finish it"));
  qq_must_fmt(out, "\n");
}

static void say_count(qq_json *j, char const *name, row const *r, uint64_t n)
{
  if (r->domain.s) qq_json_number(j, name, n);
  else qq_json_null(j, name);
}

static void show_json(row const *r, stralloc *out)
{
  qq_piece const fault = { r->fault.len ? r->fault.s : 0, r->fault.len };
  qq_json j = qq_json_begin(out);
  qq_json_piece(&j, "domain", &r->domain);
  qq_json_piece(&j, "prefix", &r->prefix);
  say_count(&j, "mailboxes", r, r->boxes);
  say_count(&j, "aliases", r, r->aliases);
  qq_json_piece(&j, "directory", &r->home);
  qq_json_piece(&j, "user", &r->user);
  qq_json_piece(&j, "inconsistent", &fault);
  qq_json_end(&j);
}

static void show_row(row const *r, stralloc *out)
{
  if (r->fault.len) inconsistent = 1;
  (rows ? show_json : show_text)(r, out);
  qq_output_batch(out, QQ_OUTPUT_BATCH);
}

/* ---- domains ---- */

static void read_assignments(row *r, qq_dom_index *x, qq_domain const *d)
{
  qq_assignment one;
  qq_piece const *home = &one.fields[QQ_ASSIGN_HOME];
  qq_piece user;
  qq_dom_index_begin(x, d);
  while (qq_dom_index_next(x, &one, &user)) {
    if (!one.is_wildcard) ++*(qq_dom_is_box(&place, d, &user, home) ? &r->boxes : &r->aliases);
    else if (!r->home.s) r->home = *home;
  }
}

/* Who else gets the mail: the line of a domain of vpopmail, a user, or alias. */
static void find_taker(row *r, qq_domain const *d)
{
  stralloc why = STRALLOC_ZERO;
  qq_piece const *f = r->taker.fields, *user = &f[QQ_ASSIGN_USER];
  int const is_taken = qq_domain_taker(&r->taker, &place.site.users, &built, d, &why);
  qq_demand_done(is_taken, &why);
  if (!is_taken || qq_domain_is_ours(d, &r->taker)
    || (place.user && qq_piece_compare(user, &wanted_user))) return;
  r->user = *user;
  r->home = f[QQ_ASSIGN_HOME];
}

static void find_fault_of_taker(row *r, qq_domain const *d)
{
  int const n = (int)d->prefix.n;
  qq_piece const *user = &r->taker.fields[QQ_ASSIGN_USER];
  if (place.user)
    qq_must_fmt(&r->fault, _("users/assign has no +%.*s of the user %s"), n, d->prefix.s,
      place.user);
  else if (r->taker.kind == QQ_TAKER_USER)
    qq_must_fmt(&r->fault, _("the user %.*s has no .qmail file for it"), (int)user->n, user->s);
  else qq_must_fmt(&r->fault, _("users/assign has no +%.*s"), n, d->prefix.s);
}

static void find_fault_of_home(row *r, qq_domain const *d)
{
  stralloc home = STRALLOC_ZERO;
  int there;
  qq_must_fmt(&home, "%.*s", (int)r->home.n, r->home.s);
  there = qq_path_is_directory(home.s);
  if (there < 0) {
    unreadable = 1;
    qq_must_fmt(&r->fault, _("%s cannot be opened (%s)"), home.s, strerror(errno));
  }
  else if (!there)
    qq_must_fmt(&r->fault, _("%s is not an existing directory"), home.s);
  else if (!r->user.s && !qq_dom_is_directory(&place, d, &r->home))
    qq_must_fmt(&r->fault, _("+%.*s leads to %s, not below %s (--mailnames)"),
      (int)d->prefix.n, d->prefix.s, home.s, place.mailnames.s);
  stralloc_free(&home);
}

static void find_fault(row *r, qq_domain const *d)
{
  char const *other = 0;
  (r->home.s ? find_fault_of_home : find_fault_of_taker)(r, d);
  if (!qq_settings_get(&place.site.live, "rcpthosts")->exists)
    other = _("control/rcpthosts is missing, an open relay");
  else if (!qq_dom_is_listed(&hosts, d->name.s, d->name.n))
    other = _("the SMTP server takes no mail for it (rcpthosts)");
  if (other) qq_must_fmt(&r->fault, r->fault.len ? "; %s" : "%s", other);
}

static void list_domains(stralloc *out)
{
  qq_dom_index x;
  qq_domains all;
  qq_domain d;
  qq_dom_index_make(&x, &place);
  qq_domains_begin(&all, &place.site.live);
  while (qq_domains_next(&all, &d)) {
    row r = { .domain = d.name, .prefix = d.prefix };
    qq_demand_memory(genalloc_append(qq_piece, &prefixes, &d.prefix));
    read_assignments(&r, &x, &d);
    if (!r.home.s) find_taker(&r, &d);
    find_fault(&r, &d);
    show_row(&r, out);
    stralloc_free(&r.fault);
    qq_taker_free(&r.taker);
  }
  qq_pieces_sort(&prefixes, qq_piece_compare_case);
}

/* ---- what is left of a domain, or was begun ---- */

static int is_number(qq_piece const *p)
{
  size_t i;
  for (i = 0; i < p->n; i++) if (p->s[i] < '0' || p->s[i] > '9') return 0;
  return p->n > 0;
}

/* Prefixes of digits, as domains have them, and those whose home is right in the directory of
   domains; with a dash behind them, as vpopmail has them. */
static int is_orphan(qq_assignment const *one)
{
  qq_piece prefix = one->address, rest;
  if (!one->is_wildcard || !qq_dom_is_wanted(&place, one)) return 0;
  if (!is_number(&one->address)
    && (!qq_dom_is_in_mailnames(&place, &one->fields[QQ_ASSIGN_HOME], &rest)
      || memchr(rest.s + 1, '/', rest.n - 1))) return 0;
  if (prefix.n && prefix.s[prefix.n - 1] == '-') prefix.n--;
  return !qq_pieces_have(&prefixes, &prefix, qq_piece_compare_case);
}

static void list_orphans(stralloc *out)
{
  row r = { .boxes = 0 };
  qq_assignment one;
  qq_assign a;
  qq_must_fmt(&r.fault, _("no domain in control/virtualdomains has that prefix"));
  qq_assign_begin(&a, place.site.users.text.s, place.site.users.text.len);
  while (qq_assign_next(&a, &one) > 0) {
    if (!is_orphan(&one)) continue;
    r.prefix = one.address;
    r.home = one.fields[QQ_ASSIGN_HOME];
    show_row(&r, out);
  }
  stralloc_free(&r.fault);
}

static void check_cdb(void)
{
  stralloc why = STRALLOC_ZERO;
  int const r = place.site.users.has_assign ? qq_users_is_current(&place.site.users, &why) : 1;
  if (r < 0) qq_die(QQ_EXIT_TROUBLE, "%.*s", (int)why.len, why.s);
  if (r) return;
  inconsistent = 1;
  qq_warn("%s", _("users/cdb does not match users/assign: the next change mends that, and so does "
    "qusers-compile"));
}

int main(int argc, char *const *argv)
{
  stralloc out = STRALLOC_ZERO;
  qq_start(&program, argc, argv);
  if (*qq_operands()) qq_die_usage(_("operand \"%s\": expected none"), *qq_operands());
  qq_dom_open_to_read(&place);
  qq_built_ask(&built, place.site.home.s);
  if (place.user) wanted_user = (qq_piece){ place.user, strlen(place.user) };
  qq_dom_read_list(&place, "rcpthosts", &hosts);
  qq_dom_read_list(&place, "morercpthosts", &hosts);
  qq_rows_begin(rows, "domain\tprefix\tmailboxes\taliases\tdirectory\tuser\tinconsistent");
  list_domains(&out);
  list_orphans(&out);
  qq_output(out.s, out.len);
  check_cdb();
  qq_exit(unreadable ? QQ_EXIT_TROUBLE : inconsistent ? QQ_EXIT_NONE : 0);
}
