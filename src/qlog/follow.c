/* What came of a message: the messages that its local deliveries have forwarded, by the qp that
   they told, and the bounce that went out for it; and what came of these. */

#include <stdlib.h>
#include <qq/diagnostic.h>
#include <qq/when.h>
#include "qlog.h"

/* A message that was queued: by whom, on which host, and in which line of the log. */
typedef struct node { uint64_t host; uint32_t qp; uint64_t line, stamp, serial; } node;

/* What a life tells of another: all that is known of its node, and whether it is a bounce. */
typedef struct edge { node child; uint64_t serial; int is_bounce; } edge;

/* Numbers of processes are used again: later than this, it is another. */
#define APART_MOST (3600 * QQ_SECOND)

/* Of all messages, and of bounces. */
static genalloc nodes = GENALLOC_ZERO, bounces = GENALLOC_ZERO;
static genalloc edges = GENALLOC_ZERO, waiting = GENALLOC_ZERO;
static uint64_t lines;

static uint64_t host_of(qq_log_line const *line)
{
  return qq_hash_bytes(line->host.s, line->host.n);
}

static void add_node(qq_life const *l, qq_log_line const *line)
{
  node const n = { host_of(line), l->qp, lines, line->stamp, l->serial };
  qq_demand_memory(genalloc_append(node, &nodes, &n)
    && (l->from_length || genalloc_append(node, &bounces, &n)));
}

static void add_edge(qq_life const *l, qq_log_line const *line, uint32_t qp, int is_bounce)
{
  edge const e = { { host_of(line), qp, lines, line->stamp, 0 }, l->serial, is_bounce };
  qq_demand_memory(genalloc_append(edge, &edges, &e));
}

static void add_child(qq_life const *l, qq_log_line const *line, qq_served const *r)
{
  uint32_t const qp = qq_served_child(r);
  if (qp) add_edge(l, line, qp, 0);
}

void qlog_follow_line(qq_lives *lives, qq_life *l, qq_log_line const *line)
{
  lines++;
  if (!l) return;
  if (line->event == QQ_LOG_INFO) add_node(l, line);
  else if (line->event == QQ_LOG_BOUNCE) add_edge(l, line, l->bounce_qp, 1);
  else if (line->event == QQ_LOG_SUCCESS) add_child(l, line, lives->served);
}

static int is_of_process(node const *n, node const *of)
{
  return n->qp == of->qp && n->host == of->host;
}

static int compare_nodes(void const *a, void const *b)
{
  node const *x = a, *y = b;
  if (x->qp != y->qp) return x->qp < y->qp ? -1 : 1;
  if (x->host != y->host) return x->host < y->host ? -1 : 1;
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
    if (!kept || !is_of_process(&n[i], &n[kept - 1]) || n[i].serial != n[kept - 1].serial)
      n[kept++] = n[i];
  genalloc_setlen(node, all, kept);
}

static uint64_t apart(uint64_t a, uint64_t b)
{
  return a > b ? a - b : b - a;
}

static int is_near(node const *n, node const *child)
{
  return n->stamp == QQ_LOG_UNKNOWN || child->stamp == QQ_LOG_UNKNOWN
    || apart(n->stamp, child->stamp) <= APART_MOST;
}

/* A message is not its own. A bounce comes behind its line; a forward may be logged before the
   delivery that made it has ended: then it is the nearest. */
static node const *find(edge const *e)
{
  genalloc const *all = e->is_bounce ? &bounces : &nodes;
  size_t const count = genalloc_len(node, all);
  node const *n = genalloc_s(node, all), *const end = count ? n + count : n;
  node const *behind = end == n ? n : n + lower(all, sizeof(node), &e->child, compare_nodes);
  node const *before = behind;
  while (behind < end && is_of_process(behind, &e->child) && behind->serial == e->serial) behind++;
  if (behind == end || !is_of_process(behind, &e->child) || !is_near(behind, &e->child)) behind = 0;
  if (e->is_bounce) return behind;
  while (before > n && is_of_process(before - 1, &e->child) && before[-1].serial == e->serial)
    before--;
  if (before == n || !is_of_process(before - 1, &e->child)) return behind;
  if (!is_near(--before, &e->child)) return behind;
  return behind && apart(behind->line, e->child.line) <= apart(before->line, e->child.line)
    ? behind : before;
}

static void follow_one(qlog_set *set, uint64_t serial)
{
  edge const key = { { 0, 0, 0, 0, 0 }, serial, 0 };
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
