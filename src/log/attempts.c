/* Attempts to deliver that are under way, and their ends. */

#include <string.h>
#include "lives-private.h"

static uint64_t hash_of_delivery(uint64_t delivery, uint32_t queue, uint32_t stream)
{
  return qq_hash_numbers(delivery, (uint64_t)queue << 32 | stream);
}

static qq_slot *find_delivery(qq_lives_private *p, qq_log_line const *line, uint32_t stream)
{
  uint64_t const hash = hash_of_delivery(line->delivery, line->delivery_queue, stream);
  qq_slot *slot = 0;
  while ((slot = qq_table_next(&p->deliveries, hash, slot))) {
    qq_served const *r = slot->value;
    if (r->delivery == line->delivery && r->delivery_queue == line->delivery_queue
      && r->life->stream == stream) break;
  }
  return slot;
}

static int close_attempt(qq_lives *lives, qq_served *r)
{
  qq_life *l = r->life;
  l->open--;
  return l->is_detached && !l->open ? qq_life_over(lives, l) : 1;
}

int qq_attempts_cut(qq_lives *lives, uint32_t stream)
{
  qq_table *t = &lives->p->deliveries;
  size_t i = 0;
  while (i < t->size) {
    qq_served *r = t->slots[i].value;
    if (!r || r->life->stream != stream) {
      i++;
      continue;
    }
    qq_table_remove(t, &t->slots[i]);   /* another may have come into its place */
    r->result = QQ_RESULT_UNKNOWN;
    if (close_attempt(lives, r) < 0) return -1;
  }
  if (!t->count) qq_table_free(t);
  return 1;
}

int qq_attempt_start(qq_lives *lives, qq_served *r, qq_log_line const *line)
{
  r->attempts++;
  r->result = QQ_RESULT_UNDER_WAY;
  r->delivery = line->delivery;
  r->delivery_queue = line->delivery_queue;
  if (r->first == QQ_LOG_UNKNOWN) r->first = line->stamp;
  r->last = line->stamp;
  r->life->open++;
  r->life->is_tried = 1;
  return qq_table_add(&lives->p->deliveries,
    hash_of_delivery(r->delivery, r->delivery_queue, r->life->stream), r) ? 1 : -1;
}

/* qmail-send.c:del_dochan. */
static int is_too_old(qq_piece reason)
{
  char const *const end = "this_message_has_been_in_the_queue_too_long./";
  return qq_piece_is(reason, end) || qq_piece_ends(reason, end);
}

static int set_result(qq_pool *pool, qq_served *r, qq_log_line const *line)
{
  if (line->event == QQ_LOG_SUCCESS) r->result = QQ_RESULT_DELIVERED;
  else if (line->event == QQ_LOG_DEFERRAL) r->result = QQ_RESULT_DEFERRED;
  else r->result = is_too_old(line->reason) ? QQ_RESULT_EXPIRED : QQ_RESULT_FAILED;
  r->deferrals += line->event == QQ_LOG_DEFERRAL;
  if (!r->reason || r->reason_length != line->reason.n) {
    char *reason = qq_pool_take(pool, line->reason.n);
    if (!reason) return -1;
    if (r->reason) qq_pool_give(pool, r->reason, r->reason_length);
    r->reason = reason;
    r->reason_length = (uint32_t)line->reason.n;
  }
  if (line->reason.n) memcpy(r->reason, line->reason.s, line->reason.n);
  return 1;
}

int qq_attempt_result(qq_lives *lives, qq_log_line const *line, uint32_t stream)
{
  qq_slot *slot = find_delivery(lives->p, line, stream);
  qq_served *r = slot ? slot->value : 0;
  lives->stray += !r && line->event != QQ_LOG_NOTE;
  if (!r) return 1;
  lives->of = r->life;
  lives->served = r;
  r->last = line->stamp;
  if (line->event == QQ_LOG_NOTE) return 1;
  qq_table_remove(&lives->p->deliveries, slot);
  return set_result(&lives->p->pool, r, line) < 0 ? -1 : close_attempt(lives, r);
}

void qq_attempts_drop(qq_lives_private *p, qq_life *l)
{
  qq_served *r;
  for (r = l->recipients; r && l->open; r = r->next) {
    uint64_t hash;
    qq_slot *slot = 0;
    if (r->result != QQ_RESULT_UNDER_WAY) continue;
    hash = hash_of_delivery(r->delivery, r->delivery_queue, l->stream);
    while ((slot = qq_table_next(&p->deliveries, hash, slot)) && slot->value != r) ;
    if (slot) qq_table_remove(&p->deliveries, slot);
    r->result = QQ_RESULT_UNKNOWN;
    l->open--;
  }
}
