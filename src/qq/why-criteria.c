/* Which recipients are meant, and in which order. */

#include <stdlib.h>
#include <qq/diagnostic.h>
#include <qq/qsbmf.h>
#include "why.h"

uint64_t qq_why_min_attempts;

static genalloc kept = GENALLOC_ZERO;   /* of qq_kept */
static qq_patterns patterns[QQ_WHY_PATTERNS];
static qq_matcher matchers[QQ_WHY_PATTERNS];

void qq_why_take_pattern(qq_option const *o, char const *value)
{
  qq_pattern_keep(&kept, o, value);
}

void qq_why_criteria_ready(void)
{
  qq_kept const *k = genalloc_s(qq_kept, &kept);
  size_t i;
  patterns[QQ_WHY_TO].idn = patterns[QQ_WHY_HOST].idn = 1;
  for (i = 0; i < genalloc_len(qq_kept, &kept); i++)
    qq_pattern_read(&patterns[k[i].option->value], &k[i]);
  for (i = 0; i < QQ_WHY_PATTERNS; i++) {
    qq_matcher const m = QQ_MATCHER_ZERO(&patterns[i]);
    qq_demand_memory(qq_patterns_ready(&patterns[i]) > 0);
    matchers[i] = m;
  }
}

qq_piece qq_why_host(qq_waiting const *w)
{
  qq_piece const none = { "", 0 };
  qq_reply reply;
  qq_reply_scan(&reply, w->reason);
  if (reply.host.n) return reply.host;
  return w->channel > 0 ? qq_address_domain(w->address.s, w->address.n) : none;
}

static int matches(unsigned int by, qq_piece text)
{
  int const r = qq_match(&matchers[by], text.s ? text.s : "", text.n);
  qq_demand_memory(r >= 0);
  return r;
}

/* A pattern may be a person's, with blanks, or copied from a log. */
static int has_reason(qq_waiting const *w)
{
  static stralloc text = STRALLOC_ZERO;
  if (!w->reason.n) return 0;
  if (matches(QQ_WHY_REASON, w->reason)) return 1;
  text.len = 0;
  qq_demand_memory(qq_reason_readable(&text, w->reason));
  return matches(QQ_WHY_REASON, qq_piece_of(&text));
}

static int asks(unsigned int by)
{
  return qq_patterns_count(&patterns[by]) != 0;
}

static int is_meant(qq_waiting const *w)
{
  return !w->is_over && w->attempts >= qq_why_min_attempts
    && (!asks(QQ_WHY_TO) || matches(QQ_WHY_TO, w->plain))
    && (!asks(QQ_WHY_HOST) || matches(QQ_WHY_HOST, qq_why_host(w)))
    && (!asks(QQ_WHY_REASON) || has_reason(w));
}

static int compare(void const *a, void const *b)
{
  qq_waiting const *x = *(qq_waiting *const *)a, *y = *(qq_waiting *const *)b;
  qq_why_message const *m = x->message, *n = y->message;
  if (x->attempts != y->attempts) return x->attempts < y->attempts ? -1 : 1;
  if (m != n) return m->id.id < n->id.id ? -1 : 1;
  return x < y ? -1 : x > y;
}

static void choose_of(qq_why_message *m)
{
  size_t i;
  for (i = 0; i < m->count; i++) {
    qq_waiting *w = &m->recipients[i];
    if (is_meant(w)) qq_demand_memory(genalloc_append(qq_waiting *, &qq_why_is.meant, &w));
  }
}

void qq_why_choose(void)
{
  qq_why_message **m = genalloc_s(qq_why_message *, &qq_why_is.messages);
  size_t const n = genalloc_len(qq_why_message *, &qq_why_is.messages);
  genalloc *meant = &qq_why_is.meant;
  size_t i;
  for (i = 0; i < n; i++) if (!m[i]->is_over) choose_of(m[i]);
  if (meant->len) qsort(meant->s, genalloc_len(qq_waiting *, meant), sizeof(qq_waiting *), compare);
}

/* ---- by message ---- */

typedef struct group { qq_waiting *const *first; size_t count; uint32_t most; } group;

static int compare_groups(void const *a, void const *b)
{
  group const *x = a, *y = b;
  if (x->most != y->most) return x->most < y->most ? -1 : 1;
  return x->first < y->first ? -1 : x->first > y->first;
}

static int compare_messages(void const *a, void const *b)
{
  qq_waiting const *x = *(qq_waiting *const *)a, *y = *(qq_waiting *const *)b;
  uint64_t const i = x->message->id.id, j = y->message->id.id;
  return i < j ? -1 : i > j ? 1 : x < y ? -1 : x > y;
}

/* all is sorted by message. */
static size_t find_groups(group *groups, qq_waiting *const *all, size_t n)
{
  size_t i, count = 0;
  for (i = 0; i < n; i++) {
    group *g = &groups[count];
    if (i && all[i]->message == all[i - 1]->message) g = &groups[count - 1];
    else groups[count++].first = &all[i];
    g->count++;
    if (all[i]->attempts > g->most) g->most = all[i]->attempts;
  }
  return count;
}

void qq_why_each(stralloc *out, void (*print)(stralloc *, qq_waiting *const *, size_t))
{
  qq_waiting **all = genalloc_s(qq_waiting *, &qq_why_is.meant);
  size_t const n = genalloc_len(qq_waiting *, &qq_why_is.meant);
  group *groups = calloc(n + 1, sizeof *groups);
  size_t i, count;
  qq_demand_memory(groups != 0);
  if (n) qsort(all, n, sizeof *all, compare_messages);
  count = find_groups(groups, all, n);
  if (count) qsort(groups, count, sizeof *groups, compare_groups);
  for (i = 0; i < count; i++) print(out, groups[i].first, groups[i].count);
  free(groups);
}
