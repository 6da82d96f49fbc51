/* Lists the mailboxes of virtual domains. */

#include <errno.h>
#include <string.h>
#include <skalibs/bytestr.h>
#include <qq/diagnostic.h>
#include <qq/dotqmail.h>
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

/* directory: what the mail goes to, or of a file what that is in; file: null, or the file. */
static void show_address(stralloc *out, qq_domain const *d, qq_piece const *user,
  char const *type, qq_piece const *directory, char const *file)
{
  stralloc address = STRALLOC_ZERO;
  qq_json j = QQ_JSON(out);
  qq_must_fmt(&address, "%.*s@%.*s", (int)user->n, user->s, (int)d->name.n, d->name.s);
  if (!rows)
    qq_demand_memory(qq_safe(out, address.s, address.len) && stralloc_append(out, ' ')
      && qq_safe(out, directory->s, directory->n)
      && (!file || (stralloc_append(out, '/') && qq_safe(out, file, strlen(file))))
      && stralloc_append(out, '\n'));
  else {
    qq_json_object(&j, 0);
    qq_json_bytes(&j, "address", address.s, address.len);
    qq_json_word(&j, "type", type);
    qq_json_bytes(&j, "directory", directory->s, directory->n);
    if (file) qq_json_bytes(&j, "file", file, strlen(file));
    else qq_json_null(&j, "file");
    qq_json_end(&j);
  }
  qq_output_batch(out, QQ_OUTPUT_BATCH);
  stralloc_free(&address);
}

/* ---- what users/assign has ---- */

static void list_assigned(stralloc *out, qq_dom_index *x, qq_domain const *d)
{
  qq_assignment one;
  qq_piece user;
  qq_dom_index_begin(x, d);
  while (qq_dom_index_next(x, &one, &user)) {
    qq_piece const *home = &one.fields[QQ_ASSIGN_HOME];
    if (!one.is_wildcard)
      show_address(out, d, &user, qq_dom_is_box(&place, d, &user, home) ? "mailbox" : "alias", home,
        0);
  }
}

/* ---- .qmail files of addresses, in the home of who gets the mail of the domain ---- */

/* The user that a name is a file of: what follows the beginning, with dots for colons. What ends
   with default is for all the rest. */
static int is_for_user(char const *name, stralloc const *beginning, stralloc *user)
{
  static char const rest[] = "default";
  size_t const n = strlen(name), length = sizeof rest - 1;
  size_t i;
  if (n <= beginning->len || memcmp(name, beginning->s, beginning->len)) return 0;
  if (n - beginning->len >= length && !strcmp(name + n - length, rest)
    && name[n - length - 1] == '-') return 0;
  qq_demand_memory(qq_copy(user, name + beginning->len, n - beginning->len));
  for (i = 0; i < user->len; i++) if (user->s[i] == ':') user->s[i] = '.';
  return 1;
}

/* Appends the names in the directory, each with a NUL behind it. Said once: it cannot be read. */
static void read_names(qq_piece const *home, stralloc *names)
{
  static int is_said;
  stralloc path = STRALLOC_ZERO;
  qq_directory d;
  int r;
  qq_must_fmt(&path, "%.*s", (int)home->n, home->s);
  r = qq_directory_begin(&d, qq_path_open(path.s));
  if (r > 0) {
    while ((r = qq_directory_next(&d)) > 0)
      qq_demand_memory(qq_append(names, d.entry->d_name, strlen(d.entry->d_name) + 1));
    qq_directory_end(&d);
  }
  if (r < 0 && errno != ENOENT && !is_said++)
    qq_trouble(_("unable to read %s, and addresses that have a .qmail file may be missing: %s"),
      path.s, strerror(errno));
  stralloc_free(&path);
}

static void show_files(stralloc *out, qq_domain const *d, qq_piece const *home,
  stralloc const *beginning)
{
  stralloc names = STRALLOC_ZERO, user = STRALLOC_ZERO;
  genalloc sorted = GENALLOC_ZERO;      /* of qq_piece */
  size_t i, n;
  read_names(home, &names);
  for (i = 0; i < names.len; i += n + 1) {
    qq_piece const one = { names.s + i, n = strlen(names.s + i) };
    qq_demand_memory(genalloc_append(qq_piece, &sorted, &one));
  }
  qq_pieces_sort(&sorted, qq_piece_compare);
  for (i = 0; i < genalloc_len(qq_piece, &sorted); i++) {
    char const *name = genalloc_s(qq_piece, &sorted)[i].s;
    if (is_for_user(name, beginning, &user)) {
      qq_piece const one = { user.s, user.len };
      show_address(out, d, &one, "file", home, name);
    }
  }
  genalloc_free(qq_piece, &sorted);
  stralloc_free(&names);
  stralloc_free(&user);
}

static void list_files(stralloc *out, qq_built const *built, qq_domain const *d)
{
  stralloc why = STRALLOC_ZERO, beginning = STRALLOC_ZERO;
  qq_taker taker = QQ_TAKER_ZERO;
  int const r = qq_domain_taker(&taker, &place.site.users, built, d, &why);
  qq_piece *f = taker.fields;
  qq_piece const *home = &f[QQ_ASSIGN_HOME];
  qq_demand_done(r, &why);
  if (r && (!place.user || qq_piece_is(f[QQ_ASSIGN_USER], place.user))) {
    f[QQ_ASSIGN_EXT].n -= QQ_DOMAIN_WORD;
    qq_demand_memory(qq_dotqmail_name(&beginning, f));
    show_files(out, d, home, &beginning);
  }
  stralloc_free(&beginning);
  qq_taker_free(&taker);
}

int main(int argc, char *const *argv)
{
  stralloc out = STRALLOC_ZERO;
  char const *const *o;
  qq_dom_index x;
  qq_domains all;
  qq_domain d;
  qq_built built;
  qq_start(&program, argc, argv);
  qq_dom_open_to_read(&place);
  for (o = qq_operands(); *o; o++) qq_dom_find(&place, *o, &d);
  qq_dom_index_make(&x, &place);
  qq_built_ask(&built, place.site.home.s);
  qq_rows_begin(rows, "address\ttype\tdirectory\tfile");
  qq_domains_begin(&all, &place.site.live);
  while (qq_domains_next(&all, &d)) {
    if (!is_wanted(&d)) continue;
    list_assigned(&out, &x, &d);
    list_files(&out, &built, &d);
  }
  qq_output(out.s, out.len);
  qq_exit(0);
}
