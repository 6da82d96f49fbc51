/* Where the lines of a life stand, in few bytes: many lives are open at a time. A trail is a list
   of chunks, the youngest first. The first byte of a chunk says how many it has, and with its upper
   bit that a pointer to the elder one follows; then come places, each as

     bytes between the end of the one before and it; how many it has; or, for part of a whole, 0,
     the whole, how many it has

   in numbers of seven bits a byte, the lowest first. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "log-private.h"

#define HAS_ELDER 0x80
#define CHUNK_MOST 112
#define STEP 16

static size_t used(unsigned char const *chunk)
{
  return *chunk & (HAS_ELDER - 1);
}

static size_t room_for(size_t n)
{
  return (n + STEP - 1) / STEP * STEP;
}

static unsigned char *elder_of(unsigned char const *chunk)
{
  unsigned char *elder = 0;
  if (*chunk & HAS_ELDER) memcpy(&elder, chunk + 1, sizeof elder);
  return elder;
}

/* Where its places begin. */
static size_t head_of(unsigned char const *chunk)
{
  return *chunk & HAS_ELDER ? 1 + sizeof(unsigned char *) : 1;
}

static size_t put(unsigned char *to, uint64_t v)
{
  size_t n = 0;
  for (; v >= 0x80; v >>= 7) to[n++] = (unsigned char)(v | 0x80);
  to[n++] = (unsigned char)v;
  return n;
}

static inline uint64_t get(unsigned char const **s)
{
  uint64_t v = 0;
  unsigned int shift = 0;
  unsigned char c;
  do {
    c = *(*s)++;
    v |= (uint64_t)(c & 0x7f) << shift;
    shift += 7;
  } while (c & 0x80);
  return v;
}

size_t qq_log_place_pack(unsigned char *to, qq_log_place const *p, uint64_t behind)
{
  size_t n = put(to, p->at - behind);
  if (p->whole) {
    n += put(to + n, 0);
    n += put(to + n, p->whole);
  }
  return n + put(to + n, p->n);
}

size_t qq_log_place_unpack(unsigned char const *s, qq_log_place *p, uint64_t behind)
{
  unsigned char const *at = s;
  p->whole = 0;
  p->at = behind + get(&at);
  p->n = get(&at);
  if (!p->n) {
    p->whole = get(&at);
    p->n = get(&at);
  }
  return (size_t)(at - s);
}

/* The next place of this chunk. */
static inline int next_of(qq_trail_walk *w, qq_log_place *p)
{
  if (w->at >= used(w->trail)) return 0;
  w->at += qq_log_place_unpack(w->trail + w->at, p, w->end);
  w->end = p->at + p->n;
  return 1;
}

int qq_trail_next(qq_trail_walk *w, qq_log_place *p)
{
  for (; w->trail; w->trail = elder_of(w->trail)) {
    if (!w->at) {
      w->at = head_of(w->trail);
      w->end = 0;
    }
    if (next_of(w, p)) return 1;
    w->at = 0;
  }
  return 0;
}

/* Where the last place of the chunk ends. */
static uint64_t end_of(unsigned char const *chunk)
{
  qq_trail_walk w = { chunk, head_of(chunk), 0 };
  qq_log_place p;
  while (next_of(&w, &p)) ;
  return w.end;
}

/* Puts n bytes into a new chunk, in front of the others. */
static int add_chunk(qq_pool *pool, qq_life *l, unsigned char const *s, size_t n)
{
  size_t const head = l->trail ? 1 + sizeof l->trail : 1;
  unsigned char *chunk = qq_pool_take(pool, room_for(head + n));
  if (!chunk) return -1;
  *chunk = (unsigned char)(head + n) | (l->trail ? HAS_ELDER : 0);
  if (l->trail) memcpy(chunk + 1, &l->trail, sizeof l->trail);
  memcpy(chunk + head, s, n);
  l->trail = chunk;
  return 1;
}

/* Puts n bytes behind those of the first chunk, which moves if it has to grow. */
static int append(qq_pool *pool, qq_life *l, unsigned char const *s, size_t n)
{
  unsigned char *chunk = l->trail;
  size_t const old = used(chunk);
  if (room_for(old) != room_for(old + n)) {
    chunk = qq_pool_take(pool, room_for(old + n));
    if (!chunk) return -1;
    memcpy(chunk, l->trail, old);
    qq_pool_give(pool, l->trail, room_for(old));
    l->trail = chunk;
  }
  memcpy(chunk + old, s, n);
  *chunk += (unsigned char)n;
  return 1;
}

static int add_place(qq_pool *pool, qq_life *l, qq_log_place const *p)
{
  unsigned char s[QQ_LOG_PLACE];
  size_t n;
  if (l->trail) {
    n = qq_log_place_pack(s, p, end_of(l->trail));
    if (used(l->trail) + n <= CHUNK_MOST) return append(pool, l, s, n);
  }
  n = qq_log_place_pack(s, p, 0);
  return add_chunk(pool, l, s, n);
}

static int add_whole(qq_log_reader const *r, qq_pool *pool, qq_life *l)
{
  qq_parked const *parked = r->given;
  char const *next = r->has_held ? r->held.raw.s : r->buf + r->start;
  qq_log_place const end = { qq_reader_place(r, next), 0, parked->whole };
  size_t i;
  for (i = 0; i < genalloc_len(qq_log_place, &parked->places); i++)
    if (add_place(pool, l, &genalloc_s(qq_log_place, &parked->places)[i]) < 0) return -1;
  return add_place(pool, l, &end);
}

int qq_trail_add(qq_log const *log, qq_lives *lives, qq_life *l, qq_log_line const *line)
{
  qq_log_reader const *r = log->reader;
  qq_pool *pool = &lives->p->pool;
  qq_log_place place = { 0, line->raw.n, 0 };
  if (l->is_trail_lost) return 1;
  if (r->given && line->raw.s == r->given->raw.s) return add_whole(r, pool, l);
  place.at = qq_reader_place(r, line->raw.s);
  return add_place(pool, l, &place);
}

int qq_trail_join(qq_pool *pool, qq_life *l, qq_life const *from)
{
  qq_trail_walk w = { from->trail, 0, 0 };
  qq_log_place p;
  if (l->is_trail_lost) return 1;
  while (qq_trail_next(&w, &p)) if (add_place(pool, l, &p) < 0) return -1;
  return 1;
}

void qq_trail_free(qq_pool *pool, qq_life *l)
{
  while (l->trail) {
    unsigned char *elder = elder_of(l->trail);
    qq_pool_give(pool, l->trail, room_for(used(l->trail)));
    l->trail = elder;
  }
}

void qq_trail_lose(qq_lives *lives, qq_life *l)
{
  qq_trail_free(&lives->p->pool, l);
  l->is_trail_lost = 1;
}

/* ---- what stands there ---- */

/* Places are few, or one behind the other: of the others less is read in vain. */
#define BUFFER 32768

/* Begins the file that has it, unless that is begun. */
static int find_file(qq_log *log, uint64_t at, stralloc *why)
{
  qq_log_reader *r = log->reader;
  for (;;) {
    qq_log_file const *f = qq_reader_current(log);
    if (at < f->at + (f->length - f->from)) break;
    if (r->fd < 0) r->file++;
    else if (qq_reader_end_file(log, why) < 0) return -1;
  }
  return r->fd < 0 ? qq_reader_begin_file(log, why) : 1;
}

/* Goes on to the offset; of what a child writes, what is in front of it is read. */
static void pass_to(qq_log_reader *r, int is_read, uint64_t offset)
{
  if (offset <= r->offset) r->start = r->end - (size_t)(r->offset - offset);
  else {
    r->start = r->end;
    if (!is_read) r->offset = offset;
  }
}

/* Makes the buffer begin with what stands there. */
static int go_to(qq_log *log, uint64_t at, stralloc *why)
{
  qq_log_reader *r = log->reader;
  qq_log_file const *f;
  int got = 1;
  if (!r->buf) {
    r->buf = malloc(BUFFER);
    if (!r->buf) return qq_log_no_memory(why);
    r->size = BUFFER;
  }
  if (find_file(log, at, why) < 0) return -1;
  f = qq_reader_current(log);
  do pass_to(r, r->is_own, f->from + (at - f->at));
  while (r->start == r->end && (got = qq_reader_fill(log, why)) > 0);
  return got ? got : qq_refuse(why, EIO, _("%s: it became shorter while it was read"), f->name);
}

int qq_log_copy(qq_log *log, qq_log_place const *place, stralloc *to, stralloc *why)
{
  uint64_t at = place->at, left = place->n;
  while (left) {
    qq_log_reader *r = log->reader;
    uint64_t n;
    if (go_to(log, at, why) < 0) return -1;
    n = r->end - r->start < left ? r->end - r->start : left;
    if (!qq_append(to, r->buf + r->start, n)) return qq_log_no_memory(why);
    at += n;
    left -= n;
  }
  return 1;
}
