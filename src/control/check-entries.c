#include <stdlib.h>
#include <string.h>
#include <qq/home.h>
#include "check-private.h"

static int has_comment(char const *s, size_t n)
{
  size_t i;
  for (i = 1; i < n; i++) if (s[i] == '#' && qq_is_blank(s[i - 1])) return 1;
  return 0;
}

static int check_entry(qq_checked const *f, size_t line, char const *s, size_t n)
{
  if (has_comment(s, n))
    return ERROR(f, line, _("has a comment after the entry, which qmail takes as part of it; a "
      "comment needs a line of its own"));
  if (qq_is_blank(*s))
    return ERROR(f, line, _("begins with a blank, which qmail takes as part of it"));
  if (f->control->kind == QQ_CONTROL_MAP && !memchr(s, ':', n))
    return ERROR(f, line, _("\"%.*s\" has no colon: qmail ignores the line"), SHOWN(s, n));
  return s[n - 1] != '\r' ? qq_check_meaning(f, line, s, n) : 1;
}

typedef struct key { qq_piece text; size_t line; } key;

/* By key without case, then by line. */
static int compare_keys(void const *p, void const *q)
{
  key const *a = p, *b = q;
  int const r = qq_piece_compare_case(&a->text, &b->text);
  return r ? r : a->line < b->line ? -1 : a->line > b->line;
}

static int report_duplicates(qq_checked const *f, genalloc *keys)
{
  key *k = genalloc_s(key, keys);
  size_t const n = genalloc_len(key, keys);
  size_t i;
  if (n) qsort(k, n, sizeof *k, compare_keys);
  for (i = 1; i < n; i++) {
    qq_piece const *text = &k[i].text;
    int const is_map = f->control->kind == QQ_CONTROL_MAP;
    if (qq_piece_compare_case(&k[i - 1].text, text)) continue;
    if (qq_finding_say(f->to, is_map ? QQ_SEVERITY_WARNING : QQ_SEVERITY_HINT, f->name, k[i].line,
      is_map ? _("\"%.*s\" is also in line %zu: the later one wins")
      : _("\"%.*s\" is also in line %zu"), SHOWN(text->s, text->n), k[i - 1].line) < 0)
      return -1;
  }
  return 1;
}

int qq_check_entries(qq_checked const *f)
{
  genalloc keys = GENALLOC_ZERO;        /* of key */
  qq_entries e;
  int r = 1;
  qq_entries_begin(&e, f->s, f->n);
  while (r > 0 && qq_entries_next(&e)) {
    char const *s = e.entry.s;
    size_t const n = e.entry.n;
    key const k = { { s, qq_edit_key(f->control->kind, s, n) }, e.line };
    if (!n) continue;
    r = check_entry(f, e.line, s, n);
    if (r > 0 && !genalloc_append(key, &keys, &k)) r = -1;
  }
  if (r > 0) r = report_duplicates(f, &keys);
  genalloc_free(key, &keys);
  return r;
}
