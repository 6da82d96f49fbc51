/* Streams: what one qmail-send says, as far as the log tells it from another. */

#include <stdlib.h>
#include <string.h>
#include "lives-private.h"

/* p has no NUL. */
static int is_piece(char const *s, qq_piece p)
{
  return !strncmp(s, p.s, p.n) && !s[p.n];
}

/* Pieces may have NULs, strings have not: so they are compared up to the first. */
static qq_piece up_to_nul(qq_piece p)
{
  char const *nul = p.n ? memchr(p.s, 0, p.n) : 0;
  if (nul) p.n = (size_t)(nul - p.s);
  if (!p.n) p.s = "";
  return p;
}

static int is_of(qq_stream const *s, qq_log_line const *l, qq_piece host, qq_piece tag,
  qq_piece queue)
{
  return s->set == l->set_number && is_piece(s->host, host) && is_piece(s->tag, tag)
    && is_piece(s->queue, queue);
}

static char *copy(qq_piece p)
{
  char *s = malloc(p.n + 1);
  if (!s) return 0;
  memcpy(s, p.s, p.n);
  s[p.n] = 0;
  return s;
}

static int add_part(stralloc *name, char const *part)
{
  return !*part || (stralloc_append(name, ':') && stralloc_cats(name, part));
}

static int fill(qq_stream *s, qq_log_line const *l, qq_piece host, qq_piece tag, qq_piece queue)
{
  s->set = l->set_number;
  s->host = copy(host);
  s->tag = copy(tag);
  s->queue = copy(queue);
  s->unit = copy(up_to_nul(l->unit));
  return s->host && s->tag && s->queue && s->unit && stralloc_cats(&s->name, l->set)
    && add_part(&s->name, s->host) && add_part(&s->name, s->tag) && add_part(&s->name, s->queue)
    && stralloc_0(&s->name);
}

void qq_stream_free(qq_stream *s)
{
  free(s->host);
  free(s->tag);
  free(s->queue);
  free(s->unit);
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

/* What only the file tells of, as of multilog. */
static int is_plain(qq_stream const *s, qq_log_line const *l)
{
  return s->set == l->set_number && !l->host.n && !l->tag.n && !l->queue.n && !*s->host && !*s->tag
    && !*s->queue;
}

qq_stream *qq_stream_of(qq_lives_private *p, qq_log_line const *l)
{
  qq_piece host, tag, queue;
  uint64_t hash;
  qq_slot *slot = 0;
  if (p->stream && is_plain(p->stream, l)) return p->stream;
  host = up_to_nul(l->host);
  tag = up_to_nul(l->tag);
  queue = up_to_nul(l->queue);
  if (p->stream && is_of(p->stream, l, host, tag, queue)) return p->stream;
  hash = qq_hash_numbers(qq_hash_bytes(host.s, host.n) * 3 + qq_hash_bytes(tag.s, tag.n),
    qq_hash_bytes(queue.s, queue.n) + l->set_number);
  while ((slot = qq_table_next(&p->streams, hash, slot)))
    if (is_of(slot->value, l, host, tag, queue)) break;
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

static int is_named(char const *s, qq_piece unit)
{
  qq_piece const have = { s, strlen(s) };
  qq_piece const a = unit_name(have), b = unit_name(unit);
  return a.n && a.n == b.n && !memcmp(a.s, b.s, a.n);
}

int qq_stream_loses(qq_stream const *s, qq_log_line const *l)
{
  qq_piece const host = up_to_nul(l->host), unit = up_to_nul(l->address);
  if (s->set != l->set_number || !is_piece(s->host, host)) return 0;
  return !unit.n || is_named(s->tag, unit) || is_named(s->unit, unit);
}
