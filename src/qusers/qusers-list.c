/* Lists the assignments of users/assign, or of users/cdb. */

#include <errno.h>
#include <string.h>
#include <qq/diagnostic.h>
#include <qq/json.h>
#include <qq/output.h>
#include <qq/users.h>
#include "qusers.h"

static int cdb, json;

static qq_option const options[] = {
  { 0, "cdb", 0, N_("read users/cdb, which is what is in force"), QQ_SETS(cdb) },
  { 0, "json", 0, N_("a JSON object for each"), QQ_SETS(json) },
  QQ_OPTIONS_HOME,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qusers-list", "", N_("List which local parts and prefixes are assigned to whom."), options,
  N_("0 done; 100 wrong use, or a line that qmail-newu refuses; 111 trouble of the system.")
};

static char const *const names[QQ_ASSIGN_FIELDS] = { "user", "uid", "gid", "home", "dash", "ext" };

/* Everything is kept until the widths are known. */
typedef struct row { size_t start[QQ_ASSIGN_FIELDS + 2]; } row;         /* of the cells in text; each ends where the next begins */
static genalloc rows = GENALLOC_ZERO;
static stralloc text = STRALLOC_ZERO;

static void add_json(int is_wildcard, qq_piece const *address, qq_piece const *fields, size_t line, stralloc *out)
{
  qq_json j = QQ_JSON(out);
  unsigned int i;
  qq_json_object(&j, 0);
  qq_json_word(&j, "type", is_wildcard ? "prefix" : "local");
  qq_json_text(&j, "address", address->s, address->n, address->s, address->n);
  for (i = 0; i < QQ_ASSIGN_FIELDS; i++) qq_json_text(&j, names[i], fields[i].s, fields[i].n, fields[i].s, fields[i].n);
  if (line) qq_json_number(&j, "line", line);
  qq_json_object_end(&j);
  qq_json_line(&j);
}

static void add_row(int is_wildcard, qq_piece const *address, qq_piece const *fields)
{
  unsigned int i;
  row r;
  r.start[0] = text.len;
  if (!stralloc_append(&text, is_wildcard ? '+' : '=') || !qq_safe(&text, address->s, address->n)) qq_die_memory();
  for (i = 0; i < QQ_ASSIGN_FIELDS; i++) {
    r.start[i + 1] = text.len;
    if (!qq_safe(&text, fields[i].s, fields[i].n)) qq_die_memory();
  }
  r.start[QQ_ASSIGN_FIELDS + 1] = text.len;
  if (!genalloc_append(row, &rows, &r)) qq_die_memory();
}

static void add(int is_wildcard, qq_piece const *address, qq_piece const *fields, size_t line, stralloc *out)
{
  if (!json) add_row(is_wildcard, address, fields);
  else {
    add_json(is_wildcard, address, fields, line, out);
    qq_output_batch(out, QQ_OUTPUT_BATCH);
  }
}

static void print_rows(stralloc *out)
{
  static char const *const heads[QQ_ASSIGN_FIELDS + 1] = { "address", "user", "uid", "gid", "home", "dash", "ext" };
  size_t widths[QQ_ASSIGN_FIELDS + 1], n = genalloc_len(row, &rows), i, c;
  row const *s = genalloc_s(row, &rows);
  for (c = 0; c <= QQ_ASSIGN_FIELDS; c++) {
    widths[c] = strlen(heads[c]);
    for (i = 0; i < n; i++) {
      size_t const cells = qq_cells(text.s + s[i].start[c], s[i].start[c + 1] - s[i].start[c]);
      if (cells > widths[c]) widths[c] = cells;
    }
  }
  for (i = 0; i <= n; i++) {
    for (c = 0; c <= QQ_ASSIGN_FIELDS; c++) {
      char const *cell = i ? text.s + s[i - 1].start[c] : heads[c];
      qq_cell(out, cell, i ? s[i - 1].start[c + 1] - s[i - 1].start[c] : strlen(heads[c]), widths[c]);
      if (!stralloc_append(out, ' ')) qq_die_memory();
    }
    while (out->len && out->s[out->len - 1] == ' ') out->len--;
    if (!stralloc_append(out, '\n')) qq_die_memory();
    qq_output_batch(out, QQ_OUTPUT_BATCH);
  }
}

static void list_assign(qq_site const *site, stralloc *out)
{
  qq_assignment one;
  qq_assign a;
  qq_assign_begin(&a, site->users.text.s, site->users.text.len);
  while (qq_qusers_next(site, &a, &one)) add(one.is_wildcard, &one.address, one.fields, one.line, out);
}

/* The record with the empty key is no assignment. */
static int list_record(void *out, char const *key, size_t key_length, char const *data,
  size_t data_length)
{
  qq_piece address, fields[QQ_ASSIGN_FIELDS];
  int const is_wildcard = key_length && key[key_length - 1];
  if (!key_length) return 1;
  address.s = key + 1;
  address.n = key_length - 1 - !is_wildcard;
  qq_usercdb_split(fields, data, data_length);
  add(is_wildcard, &address, fields, 0, out);
  return 1;
}

static void list_cdb(qq_site const *site, stralloc *out)
{
  int const fd = qq_users_cdb(&site->users);
  char const *why = 0;
  if (fd < 0 && errno == ENOENT) qq_die(QQ_EXIT_USAGE, _("there is no %s/users/cdb: all mail goes by the password database and alias"), site->home.s);
  if (fd >= 0 && qq_usercdb_each(fd, list_record, out, &why) >= 0) return;
  if (why) qq_die(QQ_EXIT_TROUBLE, _("%s/users/cdb %s: run qusers-compile"), site->home.s, why);
  qq_die(QQ_EXIT_TROUBLE, errno == EACCES ? _("unable to read %s/users/cdb: %s (run it as root)") : _("unable to read %s/users/cdb: %s"), site->home.s, strerror(errno));
}

int main(int argc, char *const *argv)
{
  stralloc out = STRALLOC_ZERO;
  qq_site site;
  qq_start(&program, argc, argv);
  if (*qq_operands()) qq_die_usage(_("operand \"%s\": expected none"), *qq_operands());
  (cdb ? qq_qusers_open_cdb : qq_qusers_open)(&site);
  if (cdb) list_cdb(&site, &out);
  else list_assign(&site, &out);
  if (!json) print_rows(&out);
  qq_output(out.s, out.len);
  qq_exit(0);
}
