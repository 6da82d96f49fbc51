/* What came of a message: the messages that its local deliveries have forwarded, by the qp that
   they told, and the bounce that went out for it; and what came of these. */

#include <stdlib.h>
#include <qq/diagnostic.h>
#include "qlog.h"

/* A message that was queued: by whom, and in which line of the log. */
typedef struct node { uint32_t qp; uint64_t line, serial; int is_null; } node;

/* What a life tells of another. */
typedef struct edge { uint64_t serial, line; uint32_t qp; int is_bounce; } edge;

static genalloc nodes = GENALLOC_ZERO, edges = GENALLOC_ZERO, waiting = GENALLOC_ZERO;
static uint64_t lines;

static void add_node(qq_life const *l)
{
  node const n = { l->qp, lines, l->serial, !l->from_length };
  qq_demand_memory(genalloc_append(node, &nodes, &n));
}

static void add_edge(qq_life const *l, uint32_t qp, int is_bounce)
{
  edge const e = { l->serial, lines, qp, is_bounce };
  qq_demand_memory(genalloc_append(edge, &edges, &e));
}

static void add_child(qq_life const *l, qq_log_line const *line)
{
  qq_served const *r;
  for (r = l->recipients; r; r = r->next)
    if (r->delivery == line->delivery && r->last == line->stamp && qq_served_child(r))
      add_edge(l, qq_served_child(r), 0);
}

void qlog_follow_line(qq_lives *lives, qq_life *l, qq_log_line const *line)
{
  (void)lives;
  lines++;
  if (!l) return;
  if (line->event == QQ_LOG_INFO) add_node(l);
  else if (line->event == QQ_LOG_BOUNCE) add_edge(l, l->bounce_qp, 1);
  else if (line->event == QQ_LOG_SUCCESS && !line->channel) add_child(l, line);
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

static uint64_t distance(uint64_t a, uint64_t b)
{
  return a > b ? a - b : b - a;
}

/* A bounce comes behind its line; a forward may be logged before the delivery that made it has
   ended: then it is the nearest. */
static node const *find(edge const *e)
{
  node const key = { e->qp, e->is_bounce ? e->line : 0, 0, 0 };
  node const *n = genalloc_s(node, &nodes), *found = 0;
  size_t const count = genalloc_len(node, &nodes);
  size_t i;
  for (i = lower(&nodes, sizeof(node), &key, compare_nodes); i < count && n[i].qp == e->qp; i++) {
    if (n[i].serial == e->serial || (e->is_bounce && !n[i].is_null)) continue;
    if (found && (e->is_bounce || distance(n[i].line, e->line) > distance(found->line, e->line)))
      break;
    found = &n[i];
  }
  return found;
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
  if (nodes.len) qsort(nodes.s, genalloc_len(node, &nodes), sizeof(node), compare_nodes);
  if (edges.len) qsort(edges.s, genalloc_len(edge, &edges), sizeof(edge), compare_edges);
  for (serial = 0; serial < set->size * 8; serial++)
    if (qlog_set_has(set, serial)) follow_one(set, serial);
  while ((n = genalloc_len(uint64_t, &waiting))) {
    serial = genalloc_s(uint64_t, &waiting)[n - 1];
    genalloc_setlen(uint64_t, &waiting, n - 1);
    follow_one(set, serial);
  }
}
