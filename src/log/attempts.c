/* Attempts to deliver that are under way, and their ends. */

#include <string.h>
#include "log-private.h"

static qq_slot *find_delivery(qq_stream const *s, uint64_t delivery, uint32_t queue)
{
  uint64_t const hash = qq_hash_numbers(delivery, queue);
  qq_slot *slot = 0;
  while ((slot = qq_table_next(&s->deliveries, hash, slot))) {
    qq_served const *r = slot->value;
    if (r->delivery == delivery && r->delivery_queue == queue) break;
  }
  return slot;
}

static int close_attempt(qq_lives *lives, qq_served *r)
{
  qq_life *l = r->life;
  l->open--;
  return l->is_detached && !l->open ? qq_life_over(lives, l) : 1;
}

int qq_attempts_cut(qq_lives *lives, qq_stream *s)
{
  qq_table all = s->deliveries;
  size_t i;
  int r = 1;
  s->deliveries = (qq_table){ 0, 0, 0 };
  for (i = 0; r > 0 && i < all.size; i++) {
    qq_served *cut = all.slots[i].value;
    if (!cut) continue;
    cut->result = QQ_RESULT_UNKNOWN;
    r = close_attempt(lives, cut);
  }
  qq_table_free(&all);
  return r;
}

int qq_attempt_start(qq_stream *s, qq_served *r, qq_log_line const *line)
{
  r->attempts++;
  r->result = QQ_RESULT_UNDER_WAY;
  r->delivery = line->delivery;
  r->delivery_queue = line->delivery_queue;
  if (r->first == QQ_LOG_UNKNOWN) r->first = line->stamp;
  r->last = line->stamp;
  r->life->open++;
  r->life->is_tried = 1;
  return qq_table_add(&s->deliveries, qq_hash_numbers(r->delivery, r->delivery_queue), r) ? 1 : -1;
}

/* qmail-send.c:del_dochan. */
static int is_too_old(qq_piece reason)
{
  char const *const end = "this_message_has_been_in_the_queue_too_long./";
  return qq_piece_is(reason, end) || qq_piece_ends(reason, end);
}

qq_result qq_log_line_result(qq_log_line const *line)
{
  if (line->event == QQ_LOG_SUCCESS) return QQ_RESULT_DELIVERED;
  if (line->event == QQ_LOG_DEFERRAL) return QQ_RESULT_DEFERRED;
  return is_too_old(line->reason) ? QQ_RESULT_EXPIRED : QQ_RESULT_FAILED;
}

static int keep_reason(qq_pool *pool, qq_served *r, qq_log_line const *line)
{
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

int qq_attempt_result(qq_lives *lives, qq_log_line const *line, qq_stream *s)
{
  qq_slot *slot = find_delivery(s, line->delivery, line->delivery_queue);
  qq_served *r = slot ? slot->value : 0;
  lives->stray += !r && line->event != QQ_LOG_NOTE;
  if (!r) return 1;
  lives->of = r->life;
  lives->served = r;
  r->last = line->stamp;
  if (line->event == QQ_LOG_NOTE) return 1;
  qq_table_remove(&s->deliveries, slot);
  r->result = (uint8_t)qq_log_line_result(line);
  r->deferrals += line->event == QQ_LOG_DEFERRAL;
  if (!lives->has_no_reasons && keep_reason(&lives->p->pool, r, line) < 0) return -1;
  return close_attempt(lives, r);
}

void qq_attempts_drop(qq_stream *s, qq_life *l)
{
  qq_served *r;
  for (r = l->recipients; r && l->open; r = r->next) {
    uint64_t const hash = qq_hash_numbers(r->delivery, r->delivery_queue);
    qq_slot *slot = 0;
    if (r->result != QQ_RESULT_UNDER_WAY) continue;
    while ((slot = qq_table_next(&s->deliveries, hash, slot)) && slot->value != r) ;
    if (slot) qq_table_remove(&s->deliveries, slot);    /* of two of that number, this one */
    r->result = QQ_RESULT_UNKNOWN;
    l->open--;
  }
}
