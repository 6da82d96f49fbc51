/* Lists the assignments of users/assign, or of users/cdb. */

#include <errno.h>
#include <string.h>
#include <qq/diagnostic.h>
#include <qq/output.h>
#include "qusers.h"

static int cdb, rows;

static qq_option const options[] = {
  { 0, "cdb", 0, N_("read users/cdb, which is what is in force"), QQ_SETS(cdb) },
  QQ_OPTIONS_ROWS(rows, N_("a JSON object for each")),
  QQ_OPTIONS_HOME,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qusers-list", "", N_("List which local parts and prefixes are assigned to whom."), options,
  N_("0 done; 100 wrong use, or a line that qmail-newu refuses; 111 trouble of the system.")
};

enum { COLUMNS = 1 + QQ_ASSIGN_FIELDS };
static char const *const names[COLUMNS] =
  { "address", "user", "uid", "gid", "home", "dash", "ext" };

static qq_site site;
static stralloc out = STRALLOC_ZERO;

static void add_json(qq_assignment const *one)
{
  qq_json j = qq_json_begin(&out);
  unsigned int i;
  qq_json_word(&j, "type", one->is_wildcard ? "prefix" : "local");
  qq_json_bytes(&j, names[0], one->address.s, one->address.n);
  for (i = 0; i < QQ_ASSIGN_FIELDS; i++)
    qq_json_bytes(&j, names[i + 1], one->fields[i].s, one->fields[i].n);
  if (one->line) qq_json_number(&j, "line", one->line);
  else qq_json_null(&j, "line");
  qq_json_end(&j);
  qq_output_batch(&out, QQ_OUTPUT_BATCH);
}

/* Row by row, each cell with a NUL behind it: everything is kept until the widths are known. */
static stralloc cells = STRALLOC_ZERO;
static size_t widths[COLUMNS];

static void add_cell(unsigned int column, char const *sign, char const *s, size_t n)
{
  size_t const start = cells.len;
  size_t width;
  qq_demand_memory(stralloc_cats(&cells, sign) && qq_safe(&cells, s, n) && stralloc_0(&cells));
  width = qq_cells(cells.s + start, cells.len - start - 1);
  if (width > widths[column]) widths[column] = width;
}

static void add(qq_assignment const *one)
{
  unsigned int i;
  if (rows) {
    add_json(one);
    return;
  }
  add_cell(0, one->is_wildcard ? "+" : "=", one->address.s, one->address.n);
  for (i = 0; i < QQ_ASSIGN_FIELDS; i++) add_cell(i + 1, "", one->fields[i].s, one->fields[i].n);
}

static void print_cells(void)
{
  unsigned int column = 0;
  size_t at, n;
  for (at = 0; at < cells.len; at += n + 1) {
    n = strlen(cells.s + at);
    qq_cell(&out, cells.s + at, n, widths[column]);
    column = (column + 1) % COLUMNS;
    while (!column && out.s[out.len - 1] == ' ') out.len--;
    qq_demand_memory(stralloc_append(&out, column ? ' ' : '\n'));
    if (!column) qq_output_batch(&out, QQ_OUTPUT_BATCH);
  }
}

static void list_assign(void)
{
  qq_assignment one;
  qq_assign a;
  int r;
  qq_qusers_open(&site);
  qq_assign_begin(&a, site.users.text.s, site.users.text.len);
  while ((r = qq_assign_next(&a, &one)) > 0) add(&one);
  if (r < 0) qq_qusers_refuse(&site, &a);
}

/* The record with the empty key is no assignment. */
static int list_record(void *unused, char const *key, size_t key_length, char const *data,
  size_t data_length)
{
  qq_assignment one;
  (void)unused;
  if (!key_length) return 1;
  one.line = 0;
  one.is_wildcard = key[key_length - 1] != 0;
  one.address.s = key + 1;
  one.address.n = key_length - 1 - !one.is_wildcard;
  qq_usercdb_split(one.fields, data, data_length);
  add(&one);
  return 1;
}

static void list_cdb(void)
{
  char const *why = 0;
  int fd;
  qq_qusers_open_cdb(&site);
  fd = qq_users_cdb(&site.users);
  if (fd < 0 && errno == ENOENT)
    qq_die(QQ_EXIT_USAGE, _("there is no %s/users/cdb: all mail goes by the password database and "
      "alias"), site.home.s);
  if (fd >= 0 && qq_usercdb_each(fd, list_record, 0, &why) >= 0) return;
  if (why) qq_die(QQ_EXIT_TROUBLE, _("%s/users/cdb: %s; run qusers-compile"), site.home.s, why);
  qq_die_unable(_("unable to read %s/users/cdb"), site.home.s);
}

int main(int argc, char *const *argv)
{
  unsigned int c;
  qq_start(&program, argc, argv);
  if (*qq_operands()) qq_die_usage(_("operand \"%s\": expected none"), *qq_operands());
  for (c = 0; c < COLUMNS && !rows; c++) add_cell(c, "", names[c], strlen(names[c]));
  qq_rows_begin(rows, "type\taddress\tuser\tuid\tgid\thome\tdash\text\tline");
  if (cdb) list_cdb();
  else list_assign();
  print_cells();
  qq_output(out.s, out.len);
  qq_exit(0);
}
