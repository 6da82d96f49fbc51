/* Lists virtual domains. */

#include <string.h>
#include <skalibs/bytestr.h>
#include <qq/assign.h>
#include <qq/diagnostic.h>
#include <qq/json.h>
#include <qq/output.h>
#include <qq/text.h>
#include "qdom.h"

static qq_dom_place place;
static int json;

static qq_option const options[] = {
  { 0, "json", 0, N_("a JSON object for each"), QQ_SETS(json) },
  QQ_OPTIONS_DOM_LIST(place),
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qdom-list", "", N_("List the virtual domains: prefix, mailboxes and aliases, and what is inconsistent."), options,
  N_("0 done; 1 something is inconsistent; 100 wrong use; 111 trouble of the system.")
};

static int inconsistent;

typedef struct census { uint64_t boxes, aliases; int has_prefix; stralloc home; } census;

static void count(census *c, qq_dom_index const *x, qq_domain const *d)
{
  static genalloc keys = GENALLOC_ZERO;         /* of qq_assign_key */
  size_t i;
  c->boxes = c->aliases = 0;
  c->has_prefix = 0;
  c->home.len = 0;
  qq_dom_index_find(x, d, &keys);
  for (i = 0; i < genalloc_len(qq_assign_key, &keys); i++) {
    qq_assignment one;
    qq_piece const *home = &one.fields[QQ_ASSIGN_HOME];
    qq_piece user;
    qq_dom_index_line(x, &genalloc_s(qq_assign_key, &keys)[i], &one);
    user.s = one.address.s + d->prefix_length + 1;
    user.n = one.address.n - d->prefix_length - 1;
    if (one.is_wildcard && !c->has_prefix) {
      c->has_prefix = 1;
      qq_demand_memory(qq_append(&c->home, home->s, home->n) && stralloc_0(&c->home));
    }
    if (one.is_wildcard) continue;
    if (qq_dom_is_box(&place, d, &user, home)) c->boxes++;
    else c->aliases++;
  }
}

/* What the assignment of the prefix lacks. */
static void find_fault_of_prefix(stralloc *fault, qq_domain const *d, census const *c)
{
  qq_piece home;
  int const n = (int)d->prefix_length;
  if (!c->has_prefix) {
    qq_demand_memory(place.user ? qq_say(fault, _("users/assign has no +%.*s of the user %s; "), n, d->prefix, place.user) : qq_say(fault, _("users/assign has no +%.*s; "), n, d->prefix));
    return;
  }
  home.s = c->home.s;
  home.n = c->home.len - 1;
  if (!qq_dom_is_there(c->home.s)) qq_demand_memory(qq_say(fault, _("%s is no directory that is there; "), c->home.s));
  else if (!qq_dom_is_directory(&place, d, &home))
    qq_demand_memory(qq_say(fault, _("+%.*s leads to %s, not below %s (--mailnames); "), n, d->prefix, c->home.s, place.mailnames.s));
}

/* What does not fit, in words; empty: nothing. */
static void find_fault(stralloc *fault, qq_dom_index const *x, qq_domain const *d, census const *c)
{
  qq_setting const *hosts = qq_settings_find(&place.site.live, "rcpthosts");
  fault->len = 0;
  find_fault_of_prefix(fault, d, c);
  if (!hosts || !hosts->exists) qq_demand_memory(stralloc_cats(fault, _("control/rcpthosts is missing, an open relay; ")));
  else if (!qq_dom_index_is_accepted(x, d)) qq_demand_memory(stralloc_cats(fault, _("the SMTP server takes no mail for it (rcpthosts); ")));
  if (fault->len) {
    fault->len -= 2;
    inconsistent = 1;
  }
}

static void tell(qq_domain const *d, census const *c, stralloc const *fault, stralloc *out)
{
  qq_demand_memory(qq_safe(out, d->name, d->name_length) && stralloc_append(out, ' ') && qq_safe(out, d->prefix, d->prefix_length)
    && qq_say(out, ngettext(" %llu mailbox", " %llu mailboxes", (unsigned long)c->boxes), (unsigned long long)c->boxes)
    && qq_say(out, ngettext(", %llu alias", ", %llu aliases", (unsigned long)c->aliases), (unsigned long long)c->aliases)
    && (!fault->len || (stralloc_cats(out, ": ") && qq_safe(out, fault->s, fault->len))) && stralloc_append(out, '\n'));
}

static void tell_json(qq_domain const *d, census const *c, stralloc const *fault, stralloc *out)
{
  qq_json j = QQ_JSON(out);
  qq_json_object(&j, 0);
  qq_json_text(&j, "domain", d->name, d->name_length, d->name, d->name_length);
  qq_json_text(&j, "prefix", d->prefix, d->prefix_length, d->prefix, d->prefix_length);
  qq_json_number(&j, "mailboxes", c->boxes);
  qq_json_number(&j, "aliases", c->aliases);
  if (c->has_prefix) qq_json_text(&j, "directory", c->home.s, c->home.len - 1, c->home.s, c->home.len - 1);
  else qq_json_null(&j, "directory");
  if (fault->len) qq_json_text(&j, "inconsistent", fault->s, fault->len, fault->s, fault->len);
  else qq_json_null(&j, "inconsistent");
  qq_json_object_end(&j);
  qq_json_line(&j);
}

/* ---- what is left of a domain, or was begun ---- */

static int is_digits(qq_piece const *p)
{
  size_t i;
  for (i = 0; i < p->n; i++) if (p->s[i] < '0' || p->s[i] > '9') return 0;
  return p->n > 0;
}

static void tell_orphan(qq_assignment const *one, stralloc *out)
{
  qq_piece const *home = &one->fields[QQ_ASSIGN_HOME];
  qq_json j = QQ_JSON(out);
  inconsistent = 1;
  if (!json) {
    qq_demand_memory(stralloc_append(out, '+') && qq_safe(out, one->address.s, one->address.n) && stralloc_append(out, ' ') && qq_safe(out, home->s, home->n)
      && stralloc_cats(out, _(": no domain in control/virtualdomains has that prefix: the same qdom-add or qdom-rm again ends what was begun\n")));
    return;
  }
  qq_json_object(&j, 0);
  qq_json_null(&j, "domain");
  qq_json_text(&j, "prefix", one->address.s, one->address.n, one->address.s, one->address.n);
  qq_json_text(&j, "directory", home->s, home->n, home->s, home->n);
  qq_json_word(&j, "inconsistent", _("no domain in control/virtualdomains has that prefix"));
  qq_json_object_end(&j);
  qq_json_line(&j);
}

/* Prefixes of digits, as domains have them, and those whose home is in the directory of domains. */
static void list_orphans(qq_dom_index const *x, stralloc *out)
{
  size_t const n = place.mailnames.len - 1;
  qq_assignment one;
  qq_assign a;
  qq_assign_begin(&a, place.site.users.text.s, place.site.users.text.len);
  while (qq_assign_next(&a, &one) > 0) {
    qq_piece const *home = &one.fields[QQ_ASSIGN_HOME];
    int const is_below = home->n > n && !memcmp(home->s, place.mailnames.s, n) && home->s[n] == '/' && !memchr(home->s + n + 1, '/', home->n - n - 1);
    if (!one.is_wildcard || !(is_below || is_digits(&one.address)) || !qq_dom_is_wanted(&place, &one)) continue;
    if (!qq_dom_index_has(x, &one.address)) tell_orphan(&one, out);
  }
}

static void check_cdb(void)
{
  stralloc why = STRALLOC_ZERO;
  int const r = place.site.users.has_assign ? qq_users_is_current(&place.site.users, &why) : 1;
  if (r < 0) qq_die(QQ_EXIT_TROUBLE, "%.*s", (int)why.len, why.s);
  if (r) return;
  inconsistent = 1;
  qq_warn("%s", _("users/cdb does not match users/assign: the next change mends that, and so does qusers-compile"));
}

int main(int argc, char *const *argv)
{
  stralloc out = STRALLOC_ZERO, fault = STRALLOC_ZERO;
  census c = { 0, 0, 0, STRALLOC_ZERO };
  qq_dom_index x;
  qq_domains all;
  qq_domain d;
  qq_start(&program, argc, argv);
  if (*qq_operands()) qq_die_usage(_("operand \"%s\": expected none"), *qq_operands());
  qq_dom_open_to_read(&place);
  qq_dom_index_make(&x, &place);
  qq_domains_begin(&all, &place.site.live);
  while (qq_domains_next(&all, &d)) {
    count(&c, &x, &d);
    find_fault(&fault, &x, &d, &c);
    if (json) tell_json(&d, &c, &fault, &out);
    else tell(&d, &c, &fault, &out);
    qq_output_batch(&out, QQ_OUTPUT_BATCH);
  }
  list_orphans(&x, &out);
  qq_output(out.s, out.len);
  check_cdb();
  qq_exit(inconsistent ? QQ_EXIT_NONE : 0);
}
