/* Counts against age buckets, as Postfix's qshape made usual. */

#include <string.h>
#include <qq/diagnostic.h>
#include <qq/json.h>
#include <qq/output.h>
#include <qq/text.h>
#include "stat.h"

/* Cells of the key column at most. */
#define KEY_MAX 50

static void check(int good)
{
  if (!good) qq_die_memory();
}

static void row(stralloc *out, char const *key, size_t n, size_t width, qq_count const *c)
{
  unsigned int i;
  qq_cell_right(out, key, n, width);
  check(qq_say(out, " %7llu", (unsigned long long)c->total));
  for (i = 0; i < QQ_TALLY_AGES; i++) check(qq_say(out, " %6llu", (unsigned long long)c->ages[i]));
  check(stralloc_append(out, '\n'));
}

static void heading(stralloc *out, size_t width)
{
  unsigned int i;
  check(qq_say(out, "%*s %7s", (int)width, "", "T"));
  for (i = 0; i + 1 < QQ_TALLY_AGES; i++) check(qq_say(out, " %6u", QQ_TALLY_FIRST_MINUTES << i));
  check(qq_say(out, " %5u+\n", QQ_TALLY_FIRST_MINUTES << (i - 1)));
}

/* Cells that the key takes when it is made safe. */
static size_t cells(qq_count const *c)
{
  stralloc safe = STRALLOC_ZERO;
  size_t n;
  check(qq_safe(&safe, c->key, c->length));
  n = qq_cells(safe.s, safe.len);
  stralloc_free(&safe);
  return n;
}

void qq_ages_text(stralloc *out, qq_count const *total, qq_count const **counts, size_t n)
{
  size_t width = strlen(_("TOTAL")), i;
  for (i = 0; i < n; i++)
    if (cells(counts[i]) > width) width = cells(counts[i]);
  if (width > KEY_MAX) width = KEY_MAX;
  heading(out, width);
  if (total) row(out, _("TOTAL"), strlen(_("TOTAL")), width, total);
  for (i = 0; i < n; i++) row(out, counts[i]->key, counts[i]->length, width, counts[i]);
}

void qq_ages_json(stralloc *out, qq_count const **counts, size_t n)
{
  qq_json j = QQ_JSON(out);
  size_t i;
  unsigned int k;
  for (i = 0; i < n; i++) {
    qq_json_object(&j, 0);
    qq_json_text(&j, "key", counts[i]->key, counts[i]->length, counts[i]->key, counts[i]->length);
    qq_json_number(&j, "messages", counts[i]->total);
    qq_json_array(&j, "ages");
    for (k = 0; k < QQ_TALLY_AGES; k++) qq_json_number(&j, 0, counts[i]->ages[k]);
    qq_json_array_end(&j);
    qq_json_object_end(&j);
    qq_json_line(&j);
  }
}
