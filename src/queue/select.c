#include <strings.h>
#include <qq/select.h>

qq_given *qq_select_give(qq_select *s, qq_criterion criterion, char *field)
{
  static qq_given const none;
  qq_given *g = genalloc_s(qq_given, &s->given);
  size_t const n = genalloc_len(qq_given, &s->given);
  size_t i;
  for (i = 0; i < n; i++)
    if (g[i].criterion == criterion && (!field || !strcasecmp(g[i].field, field))) return &g[i];
  if (!genalloc_append(qq_given, &s->given, &none)) return 0;
  g = &genalloc_s(qq_given, &s->given)[n];
  g->criterion = criterion;
  g->field = field;
  return g;
}

int qq_select_value(qq_select *s, qq_criterion criterion, uint64_t value)
{
  qq_given *g = qq_select_give(s, criterion, 0);
  return g && genalloc_append(uint64_t, &g->values, &value);
}

int qq_select_has(qq_select const *s, qq_criterion criterion)
{
  qq_given const *g = genalloc_s(qq_given, &s->given);
  size_t i;
  for (i = 0; i < genalloc_len(qq_given, &s->given); i++)
    if (g[i].criterion == criterion) return 1;
  return 0;
}

int qq_select_ready(qq_select *s)
{
  qq_given *g = genalloc_s(qq_given, &s->given);
  size_t i;
  for (i = 0; i < genalloc_len(qq_given, &s->given); i++)
    if (qq_patterns_ready(&g[i].patterns) < 0) return -1;
  return 1;
}
