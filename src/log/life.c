/* One life, and its recipients. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <qq/names.h>
#include "log-private.h"

/* From so many recipients on they are looked up. */
#define MANY 24

static char const *const results[QQ_RESULTS] = {
  "under_way", "delivered", "failed", "expired", "deferred", "removed", "unknown"
};

char const *qq_result_word(qq_result r)
{
  return results[r];
}

char const *qq_end_word(qq_end e)
{
  static char const *const words[QQ_ENDS] = { "open", "done", "vanished", "unknown" };
  return words[e];
}

qq_life_more *qq_life_need_more(qq_pool *pool, qq_life *l)
{
  static qq_life_more const fresh = { 0, 0, 0, 0, 0 };
  if (l->more) return l->more;
  l->more = qq_pool_take(pool, sizeof *l->more);
  if (l->more) *l->more = fresh;
  return l->more;
}

/* ---- recipients ---- */

static uint64_t hash_of(unsigned int channel, qq_piece address)
{
  return qq_hash_numbers(qq_hash_bytes(address.s, address.n), channel);
}

/* Says whether a start can belong to it: it may be tried again. */
static int may_be_tried(qq_served const *r)
{
  return r->result == QQ_RESULT_DEFERRED || r->result == QQ_RESULT_UNKNOWN;
}

static int is_for(qq_served const *r, unsigned int channel, qq_piece address)
{
  return r->channel == channel && r->address_length == address.n
    && !memcmp(r->address, address.s, address.n);
}

/* What can be tried no more is taken out, so that a message that goes to one address many times
   takes no longer than another. */
static qq_served *look_up(qq_table *t, unsigned int channel, qq_piece address)
{
  uint64_t const hash = hash_of(channel, address);
  qq_slot *slot = 0;
  while ((slot = qq_table_next(t, hash, slot))) {
    qq_served *r = slot->value;
    if (!is_for(r, channel, address)) continue;
    if (may_be_tried(r)) return r;
    if (r->result == QQ_RESULT_UNDER_WAY) continue;
    qq_table_remove(t, slot);
    slot = 0;
  }
  return 0;
}

qq_served *qq_life_find_recipient(qq_life const *l, unsigned int channel, qq_piece address)
{
  qq_served *r;
  if (l->more && l->more->recipients) return look_up(l->more->recipients, channel, address);
  for (r = l->recipients; r; r = r->next)
    if (may_be_tried(r) && is_for(r, channel, address)) return r;
  return 0;
}

/* So many to one address are found at most: a forged log may have any number of them under way, and
   each would be passed by every other. */
#define SAME_MOST 1000

static int index_one(qq_table *t, qq_served *r)
{
  uint64_t const hash = hash_of(r->channel, (qq_piece){ r->address, r->address_length });
  qq_slot const *slot = 0;
  size_t same = 0;
  while (same < SAME_MOST && (slot = qq_table_next(t, hash, slot))) same++;
  return same == SAME_MOST || qq_table_add(t, hash, r);
}

static int make_index(qq_pool *pool, qq_life *l)
{
  qq_life_more *more = qq_life_need_more(pool, l);
  qq_served *r;
  if (!more) return 0;
  more->recipients = calloc(1, sizeof *more->recipients);
  if (!more->recipients) return 0;
  for (r = l->recipients; r; more->last = r, r = r->next)
    if (!index_one(more->recipients, r)) return 0;
  return 1;
}

/* What a recipient takes. */
static size_t size_of(size_t address_length)
{
  return offsetof(qq_served, address) + address_length;
}

/* Makes it the last of them. */
static void link_recipient(qq_life *l, qq_served *r)
{
  qq_served **end = &l->recipients;
  if (l->more && l->more->last) end = &l->more->last->next;
  while (*end) end = &(*end)->next;
  *end = r;
  if (l->more && l->more->last) l->more->last = r;
  l->count++;
}

qq_served *qq_life_add_recipient(qq_pool *pool, qq_life *l, unsigned int channel, qq_piece address)
{
  qq_served *r = qq_pool_take(pool, size_of(address.n));
  if (!r) return 0;
  memset(r, 0, size_of(0));
  r->life = l;
  r->first = r->last = QQ_LOG_UNKNOWN;
  r->result = QQ_RESULT_UNKNOWN;
  r->channel = (uint16_t)channel;
  r->address_length = (uint32_t)address.n;
  memcpy(r->address, address.s, address.n);
  link_recipient(l, r);
  if (l->more && l->more->recipients) return index_one(l->more->recipients, r) ? r : 0;
  return l->count < MANY || make_index(pool, l) ? r : 0;
}

/* ---- what is asked about one ---- */

int qq_life_is_bounce(qq_life const *l)
{
  static char const again[] = QQ_SENDER_DOUBLE_BOUNCE;
  if (!l->from) return 0;
  return !l->from_length
    || (l->from_length == sizeof again - 1 && !memcmp(l->from, again, sizeof again - 1));
}

uint64_t qq_served_delay(qq_served const *r)
{
  uint64_t const begun = r->life->begun;
  if (begun == QQ_LOG_UNKNOWN || r->last == QQ_LOG_UNKNOWN) return QQ_LOG_UNKNOWN;
  return r->last > begun ? r->last - begun : 0;
}

/* The number that is all of the line behind the word. */
static uint32_t number_behind(char const *s, size_t n, char const *word)
{
  size_t const length = strlen(word);
  uint64_t v = 0;
  size_t i;
  if (n <= length || n > length + 9 || memcmp(s, word, length)) return 0;
  for (i = length; i < n; i++) {
    if (s[i] < '0' || s[i] > '9') return 0;
    v = v * 10 + (uint64_t)(s[i] - '0');
  }
  return (uint32_t)v;
}

/* qmail-local.c:mailforward and forward.c say `qp N'. */
uint32_t qq_served_child(qq_served const *r)
{
  char const *s = r->reason, *end = s ? s + r->reason_length : 0;
  uint32_t qp = 0;
  if (r->channel || r->result != QQ_RESULT_DELIVERED) return 0;
  while (s && s < end && !qp) {
    char const *slash = memchr(s, '/', (size_t)(end - s));
    size_t const n = (size_t)((slash ? slash : end) - s);
    qp = number_behind(s, n, "qp_");
    if (!qp) qp = number_behind(s, n, "forward:_qp_");
    s += n + 1;
  }
  return qp;
}

qq_login const *qq_life_login(qq_life const *l)
{
  return l->more ? l->more->login : 0;
}

/* ---- its end ---- */

static void free_more(qq_pool *pool, qq_life_more *more)
{
  if (more->recipients) qq_table_free(more->recipients);
  free(more->recipients);
  if (more->story) stralloc_free(more->story);
  free(more->story);
  free(more->login);
  qq_pool_give(pool, more, sizeof *more);
}

void qq_life_free(qq_pool *pool, qq_life *l)
{
  qq_served *r, *next;
  for (r = l->recipients; r; r = next) {
    next = r->next;
    if (r->reason) qq_pool_give(pool, r->reason, r->reason_length);
    qq_pool_give(pool, r, size_of(r->address_length));
  }
  if (l->from) qq_pool_give(pool, l->from, l->from_length);
  if (l->more) free_more(pool, l->more);
  qq_trail_free(pool, l);
  qq_pool_give(pool, l, sizeof *l);
}
