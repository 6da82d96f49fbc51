/* Lists the mailboxes of virtual domains. */

#include <string.h>
#include <skalibs/bytestr.h>
#include <qq/diagnostic.h>
#include <qq/json.h>
#include <qq/output.h>
#include "qdom.h"

static qq_dom_place place;
static int json;

static qq_option const options[] = {
  { 0, "json", 0, N_("a JSON object for each"), QQ_SETS(json) },
  QQ_OPTIONS_DOM_LIST(place),
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qmbox-list", "[DOMAIN ...]",
  N_("List the mailboxes and aliases of the virtual domains: the address, and the directory that "
    "its mail goes to."), options,
  N_("0 done; 100 wrong use; 111 trouble of the system.")
};

static int is_wanted(qq_domain const *d)
{
  char const *const *o = qq_operands();
  if (!*o) return 1;
  for (; *o; o++)
    if (strlen(*o) == d->name.n && !case_diffb(*o, d->name.n, d->name.s)) return 1;
  return 0;
}

static void show_address(stralloc *out, qq_domain const *d, qq_piece const *user,
  qq_piece const *home)
{
  stralloc address = STRALLOC_ZERO;
  qq_json j = QQ_JSON(out);
  qq_must_fmt(&address, "%.*s@%.*s", (int)user->n, user->s, (int)d->name.n, d->name.s);
  if (!json)
    qq_demand_memory(qq_safe(out, address.s, address.len) && stralloc_append(out, ' ')
      && qq_safe(out, home->s, home->n) && stralloc_append(out, '\n'));
  else {
    qq_json_object(&j, 0);
    qq_json_bytes(&j, "address", address.s, address.len);
    qq_json_word(&j, "type", qq_dom_is_box(&place, d, user, home) ? "mailbox" : "alias");
    qq_json_bytes(&j, "directory", home->s, home->n);
    qq_json_object_end(&j);
    qq_json_line(&j);
  }
  qq_output_batch(out, QQ_OUTPUT_BATCH);
  stralloc_free(&address);
}

int main(int argc, char *const *argv)
{
  stralloc out = STRALLOC_ZERO;
  char const *const *o;
  qq_assignment one;
  qq_dom_index x;
  qq_domains all;
  qq_domain d;
  qq_piece user;
  qq_start(&program, argc, argv);
  qq_dom_open_to_read(&place);
  for (o = qq_operands(); *o; o++) qq_dom_find(&place, *o, &d);
  qq_dom_index_make(&x, &place);
  qq_domains_begin(&all, &place.site.live);
  while (qq_domains_next(&all, &d)) {
    if (!is_wanted(&d)) continue;
    qq_dom_index_begin(&x, &d);
    while (qq_dom_index_next(&x, &one, &user))
      if (!one.is_wildcard) show_address(&out, &d, &user, &one.fields[QQ_ASSIGN_HOME]);
  }
  qq_output(out.s, out.len);
  qq_exit(0);
}
