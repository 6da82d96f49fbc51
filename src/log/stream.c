/* Streams: what one qmail-send says, as far as the log tells it from another. */

#include <stdlib.h>
#include <string.h>
#include "log-private.h"

/* Pieces may have NULs, names of streams have not: so they are compared up to the first. */
static qq_piece up_to_nul(qq_piece p)
{
  char const *nul = p.n ? memchr(p.s, 0, p.n) : 0;
  if (nul) p.n = (size_t)(nul - p.s);
  if (!p.n) p.s = "";
  return p;
}

static int is_of(qq_stream const *s, unsigned int set, qq_piece host, qq_piece tag, qq_piece queue)
{
  return s->set == set && qq_piece_same(s->host, host) && qq_piece_same(s->tag, tag)
    && qq_piece_same(s->queue, queue);
}

static char *copy(qq_piece *piece, char *to, qq_piece from)
{
  memcpy(to, from.s, from.n);
  piece->s = to;
  piece->n = from.n;
  return to + from.n;
}

static int add_part(stralloc *name, qq_piece part)
{
  return !part.n || (stralloc_append(name, ':') && qq_append(name, part.s, part.n));
}

static int fill(qq_stream *s, qq_log_line const *l, qq_piece host, qq_piece tag, qq_piece queue)
{
  qq_piece const unit = up_to_nul(l->unit);
  s->set = l->set_number;
  s->names = malloc(host.n + tag.n + queue.n + unit.n + 1);
  if (!s->names) return 0;
  copy(&s->unit, copy(&s->queue, copy(&s->tag, copy(&s->host, s->names, host), tag), queue), unit);
  return stralloc_cats(&s->name, l->set)
    && add_part(&s->name, s->host) && add_part(&s->name, s->tag) && add_part(&s->name, s->queue)
    && stralloc_0(&s->name);
}

void qq_stream_free(qq_stream *s)
{
  free(s->names);
  qq_table_free(&s->deliveries);
  stralloc_free(&s->name);
  free(s);
}

static qq_stream *add(qq_lives_private *p, qq_log_line const *l, qq_piece host, qq_piece tag,
  qq_piece queue, uint64_t hash)
{
  qq_stream *s = calloc(1, sizeof *s);
  if (!s) return 0;
  s->number = (uint32_t)genalloc_len(qq_stream *, &p->all_streams);
  if (fill(s, l, host, tag, queue) && genalloc_append(qq_stream *, &p->all_streams, &s)) {
    if (qq_table_add(&p->streams, hash, s)) return s;
    genalloc_setlen(qq_stream *, &p->all_streams, s->number);
  }
  qq_stream_free(s);
  return 0;
}

qq_stream *qq_stream_find(qq_lives_private *p, qq_log_line const *l)
{
  qq_piece host, tag, queue;
  uint64_t hash;
  qq_slot *slot = 0;
  p->origin = l->queue.n ? 0 : l->origin;
  if (p->stream && is_of(p->stream, l->set_number, l->host, l->tag, l->queue)) return p->stream;
  host = up_to_nul(l->host);
  tag = up_to_nul(l->tag);
  queue = up_to_nul(l->queue);
  hash = qq_hash_numbers(qq_hash_bytes(host.s, host.n) * 3 + qq_hash_bytes(tag.s, tag.n),
    qq_hash_bytes(queue.s, queue.n) + l->set_number);
  while ((slot = qq_table_next(&p->streams, hash, slot)))
    if (is_of(slot->value, l->set_number, host, tag, queue)) break;
  p->stream = slot ? slot->value : add(p, l, host, tag, queue, hash);
  return p->stream;
}

/* The last component of a unit as journald names it, without `.service'. */
static qq_piece unit_name(qq_piece u)
{
  static char const suffix[] = ".service";
  size_t i;
  for (i = u.n; i && u.s[i - 1] != '/'; i--) ;
  qq_piece_skip(&u, i);
  if (qq_piece_ends(u, suffix)) u.n -= sizeof suffix - 1;
  return u;
}

/* Of a loss: of one unit, or of the whole host if it has no name. */
static uint64_t hash_of_loss(unsigned int set, qq_piece host, qq_piece name)
{
  return qq_hash_numbers(qq_hash_bytes(host.s, host.n) * 3 + qq_hash_bytes(name.s, name.n), set);
}

int qq_stream_lose(qq_lives_private *p, qq_log_line const *l, uint64_t serial)
{
  qq_piece const host = up_to_nul(l->host), unit = up_to_nul(l->address), name = unit_name(unit);
  uint64_t const hash = hash_of_loss(l->set_number, host, name);
  qq_slot *slot = qq_table_next(&p->losses, hash, 0);
  uint64_t *lost = slot ? slot->value : 0;
  if (unit.n && !name.n) return 1;
  if (!lost) {
    lost = qq_pool_take(&p->pool, sizeof *lost);
    if (!lost || !qq_table_add(&p->losses, hash, lost)) return -1;
  }
  *lost = serial;
  return 1;
}

static uint64_t lost_as(qq_lives_private const *p, qq_stream const *s, qq_piece name)
{
  qq_slot const *slot = qq_table_next(&p->losses, hash_of_loss(s->set, s->host, name), 0);
  return slot ? *(uint64_t const *)slot->value : 0;
}

uint64_t qq_stream_find_lost(qq_lives_private const *p, qq_stream const *s)
{
  qq_piece const names[] = { unit_name(s->tag), unit_name(s->unit) };
  uint64_t lost = lost_as(p, s, (qq_piece){ "", 0 });
  size_t i;
  for (i = 0; i < 2; i++) {
    uint64_t const one = names[i].n ? lost_as(p, s, names[i]) : 0;
    if (one > lost) lost = one;
  }
  return lost;
}
