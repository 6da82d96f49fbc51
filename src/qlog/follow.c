/* What came of a message: the messages that its local deliveries have forwarded, by the qp that
   they told, and the bounce that went out for it; and what came of these. */

#include <stdlib.h>
#include <qq/diagnostic.h>
#include "qlog.h"

/* A message that was queued: by whom, and in which line of the log. */
typedef struct node { uint32_t qp; uint64_t line, serial; } node;

/* What a life tells of another. */
typedef struct edge { uint64_t serial, line; uint32_t qp; int is_bounce; } edge;

/* Of all messages, and of bounces. */
static genalloc nodes = GENALLOC_ZERO, bounces = GENALLOC_ZERO;
static genalloc edges = GENALLOC_ZERO, waiting = GENALLOC_ZERO;
static uint64_t lines;

static void add_node(qq_life const *l)
{
  node const n = { l->qp, lines, l->serial };
  qq_demand_memory(genalloc_append(node, &nodes, &n)
    && (l->from_length || genalloc_append(node, &bounces, &n)));
}

static void add_edge(qq_life const *l, uint32_t qp, int is_bounce)
{
  edge const e = { l->serial, lines, qp, is_bounce };
  qq_demand_memory(genalloc_append(edge, &edges, &e));
}

static void add_child(qq_life const *l, qq_served const *r)
{
  uint32_t const qp = qq_served_child(r);
  if (qp) add_edge(l, qp, 0);
}

void qlog_follow_line(qq_lives *lives, qq_life *l, qq_log_line const *line)
{
  lines++;
  if (!l) return;
  if (line->event == QQ_LOG_INFO) add_node(l);
  else if (line->event == QQ_LOG_BOUNCE) add_edge(l, l->bounce_qp, 1);
  else if (line->event == QQ_LOG_SUCCESS) add_child(l, lives->served);
}

static int compare_nodes(void const *a, void const *b)
{
  node const *x = a, *y = b;
  if (x->qp != y->qp) return x->qp < y->qp ? -1 : 1;
  return x->line < y->line ? -1 : x->line > y->line;
}

static int compare_edges(void const *a, void const *b)
{
  edge const *x = a, *y = b;
  return x->serial < y->serial ? -1 : x->serial > y->serial;
}

/* The place of the first that is not below the key. */
static size_t lower(genalloc const *ga, size_t size, void const *key,
  int (*compare)(void const *, void const *))
{
  size_t low = 0, high = ga->len / size;
  while (low < high) {
    size_t const middle = low + (high - low) / 2;
    if (compare(ga->s + middle * size, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/* One of several lines of one message is enough, if none of another is between. */
static void sort_nodes(genalloc *all)
{
  node *n = genalloc_s(node, all);
  size_t const count = genalloc_len(node, all);
  size_t i, kept = 0;
  if (count) qsort(n, count, sizeof *n, compare_nodes);
  for (i = 0; i < count; i++)
    if (!kept || n[i].qp != n[kept - 1].qp || n[i].serial != n[kept - 1].serial) n[kept++] = n[i];
  genalloc_setlen(node, all, kept);
}

/* A message is not its own. A bounce comes behind its line; a forward may be logged before the
   delivery that made it has ended: then it is the nearest. */
static node const *find(edge const *e)
{
  genalloc const *all = e->is_bounce ? &bounces : &nodes;
  node const key = { e->qp, e->line, 0 };
  size_t const count = genalloc_len(node, all);
  node const *n = genalloc_s(node, all), *end = count ? n + count : n;
  node const *behind = end == n ? n : n + lower(all, sizeof(node), &key, compare_nodes), *before = behind;
  while (behind < end && behind->qp == e->qp && behind->serial == e->serial) behind++;
  if (behind == end || behind->qp != e->qp) behind = 0;
  if (e->is_bounce) return behind;
  while (before > n && before[-1].qp == e->qp && before[-1].serial == e->serial) before--;
  if (before == n || before[-1].qp != e->qp) return behind;
  before--;
  return behind && behind->line - e->line <= e->line - before->line ? behind : before;
}

static void follow_one(qlog_set *set, uint64_t serial)
{
  edge const key = { serial, 0, 0, 0 };
  edge const *e = genalloc_s(edge, &edges);
  size_t i = lower(&edges, sizeof(edge), &key, compare_edges);
  for (; i < genalloc_len(edge, &edges) && e[i].serial == serial; i++) {
    node const *n = find(&e[i]);
    if (!n || qlog_set_has(set, n->serial)) continue;
    qlog_set_add(set, n->serial);
    qq_demand_memory(genalloc_append(uint64_t, &waiting, &n->serial));
  }
}

void qlog_follow(qlog_set *set)
{
  uint64_t serial;
  size_t n;
  sort_nodes(&nodes);
  sort_nodes(&bounces);
  if (edges.len) qsort(edges.s, genalloc_len(edge, &edges), sizeof(edge), compare_edges);
  for (serial = 0; serial < set->size * 8; serial++)
    if (qlog_set_has(set, serial)) follow_one(set, serial);
  while ((n = genalloc_len(uint64_t, &waiting))) {
    serial = genalloc_s(uint64_t, &waiting)[n - 1];
    genalloc_setlen(uint64_t, &waiting, n - 1);
    follow_one(set, serial);
  }
}
