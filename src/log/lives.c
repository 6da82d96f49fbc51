/* Lives from lines, as INTERNALS has the rules. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "lives-private.h"

/* ---- tables ---- */

static uint64_t hash_of_message(uint64_t number, uint32_t stream)
{
  return qq_hash_numbers(number, stream);
}

static qq_slot *find_message(qq_lives_private *p, uint64_t number, uint32_t stream)
{
  uint64_t const hash = hash_of_message(number, stream);
  qq_slot *slot = 0;
  while ((slot = qq_table_next(&p->messages, hash, slot))) {
    qq_life const *l = slot->value;
    if (l->number == number && l->stream == stream) break;
  }
  return slot;
}

/* ---- lines that were lost ---- */

/* Serials grow: what began before the last loss in its stream has lost something. */
static int is_incomplete(qq_lives_private const *p, qq_life const *l)
{
  return l->is_incomplete
    || l->serial < genalloc_s(qq_stream *, &p->all_streams)[l->stream]->lost;
}

static int take_loss(qq_lives *lives, qq_log_line const *line)
{
  qq_lives_private *p = lives->p;
  qq_stream *const *streams = genalloc_s(qq_stream *, &p->all_streams);
  size_t i;
  lives->losses++;
  for (i = 0; i < genalloc_len(qq_stream *, &p->all_streams); i++)
    if (qq_stream_loses(streams[i], line)) streams[i]->lost = lives->serial;
  return 1;
}

/* ---- lives that are over ---- */

/* The list of these goes through more->elder, which nobody else needs then. */
static int append_over(qq_lives_private *p, qq_life *l)
{
  if (!qq_life_need_more(&p->pool, l)) return -1;
  l->more->elder = 0;
  *p->over_end = l;
  p->over_end = &l->more->elder;
  return 1;
}

/* Whom qmail-smtpd has it from, if that was logged near the moment. */
static int find_login(qq_lives_private *p, qq_life *l, uint64_t moment)
{
  qq_login *login = 0;
  int const r = p->smtp ? qq_smtp_find(p->smtp, l->qp, moment, &login) : 0;
  if (!r) return 1;
  if (r < 0 || !qq_life_need_more(&p->pool, l)) return -1;
  l->more->login = login;
  return 1;
}

int qq_life_over(qq_lives *lives, qq_life *l)
{
  qq_lives_private *p = lives->p;
  if (!l->is_detached) l->is_incomplete = is_incomplete(p, l) != 0;
  if (l->from && !qq_life_login(l) && find_login(p, l, l->begun) < 0) return -1;
  return append_over(p, l);
}

/* Its number has been given to another. What is still under way may yet get a result. */
static int detach(qq_lives *lives, qq_life *l)
{
  l->end = l->is_incomplete ? QQ_END_UNKNOWN : QQ_END_VANISHED;
  l->is_detached = 1;
  return l->open ? 1 : qq_life_over(lives, l);
}

/* ---- beginnings ---- */

static qq_life *open_life(qq_lives *lives, uint64_t number, uint32_t stream, uint64_t begun)
{
  qq_lives_private *p = lives->p;
  qq_life *l = qq_pool_take(&p->pool, sizeof *l);
  if (!l) return 0;
  memset(l, 0, sizeof *l);
  l->number = number;
  l->stream = stream;
  l->begun = begun;
  l->ended = l->size = QQ_LOG_UNKNOWN;
  l->serial = lives->serial++;
  return qq_table_add(&p->messages, hash_of_message(number, stream), l) ? l : 0;
}

/* The life that had the number, before another `new msg' came, was another one. */
static int settle_elder(qq_lives *lives, qq_life *l)
{
  qq_life *elder = l->more ? l->more->elder : 0;
  if (!elder) return 1;
  l->more->elder = 0;
  return detach(lives, elder);
}

/* A new life in the place of the one that the slot has. */
static qq_life *replace(qq_lives *lives, qq_slot *slot, uint64_t begun)
{
  qq_life *old = slot->value, *l;
  if (settle_elder(lives, old) < 0) return 0;
  old->is_incomplete = is_incomplete(lives->p, old) != 0;
  qq_table_remove(&lives->p->messages, slot);
  l = open_life(lives, old->number, old->stream, begun);
  return l && detach(lives, old) > 0 ? l : 0;
}

/* The life that the line is of, which it opens if there is none. */
static qq_life *life_of(qq_lives *lives, qq_log_line const *line, uint32_t stream)
{
  qq_slot const *slot = find_message(lives->p, line->message, stream);
  qq_life *l = slot ? slot->value
    : open_life(lives, line->message, stream, QQ_LOG_UNKNOWN);
  return l && settle_elder(lives, l) > 0 ? l : 0;
}

/* todo_do may do it all again (qmail-send.c:todo_do): then the old life goes on, which the next
   `info msg' will tell. */
static qq_life *begin_anew(qq_lives *lives, qq_slot *slot, uint64_t begun)
{
  qq_life *elder = slot->value, *l;
  elder->is_incomplete = is_incomplete(lives->p, elder) != 0;
  qq_table_remove(&lives->p->messages, slot);
  l = open_life(lives, elder->number, elder->stream, begun);
  if (!l || !qq_life_need_more(&lives->p->pool, l)) return 0;
  l->more->elder = elder;
  return l;
}

static qq_life *take_new(qq_lives *lives, qq_log_line const *line, uint32_t stream)
{
  qq_slot *slot = find_message(lives->p, line->message, stream);
  qq_life *l = slot ? slot->value : 0;
  if (!l) return open_life(lives, line->message, stream, line->stamp);
  if (l->is_tried) return replace(lives, slot, line->stamp);
  if (!l->from) return l;
  return begin_anew(lives, slot, line->stamp);
}

/* The younger turned out to be the elder: it goes on as that. */
static qq_life *merge(qq_lives *lives, qq_slot *slot)
{
  qq_life *young = slot->value, *elder = young->more->elder;
  uint64_t const alias[2] = { young->serial, elder->serial };
  qq_pool *pool = &lives->p->pool;
  if (!genalloc_append(uint64_t, &lives->aliases, &alias[0])
    || !genalloc_append(uint64_t, &lives->aliases, &alias[1])) return 0;
  elder->is_in_range |= young->is_in_range;
  if (young->more->story) {
    stralloc *story = qq_life_story(lives, elder);
    if (!story || !stralloc_cat(story, young->more->story)) return 0;
  }
  slot->value = elder;
  qq_life_free(pool, young);
  return elder;
}

static int is_same_info(qq_life const *l, qq_log_line const *line)
{
  return !l->is_tried && l->from && l->qp == (uint32_t)line->qp && l->size == line->size;
}

static int set_info(qq_lives *lives, qq_life *l, qq_log_line const *line)
{
  qq_lives_private *p = lives->p;
  if (line->address.n > UINT32_MAX) return 1;
  if (l->from) qq_pool_give(&p->pool, l->from, l->from_length);
  l->from = qq_pool_take(&p->pool, line->address.n);
  if (!l->from) return -1;
  memcpy(l->from, line->address.s, line->address.n);
  l->from_length = (uint32_t)line->address.n;
  l->size = line->size;
  l->qp = (uint32_t)line->qp;
  l->uid = (uint32_t)line->uid;
  return find_login(p, l, line->stamp);
}

static qq_life *take_info(qq_lives *lives, qq_log_line const *line, uint32_t stream)
{
  qq_slot *slot = find_message(lives->p, line->message, stream);
  qq_life *l = slot ? slot->value : open_life(lives, line->message, stream, QQ_LOG_UNKNOWN);
  if (slot && l->more && l->more->elder && is_same_info(l->more->elder, line))
    return merge(lives, slot);
  if (slot && l->from && is_same_info(l, line)) return l;
  if (l && settle_elder(lives, l) < 0) return 0;
  if (slot && (l->is_tried || l->from)) l = replace(lives, slot, QQ_LOG_UNKNOWN);
  return l && set_info(lives, l, line) > 0 ? l : 0;
}

/* ---- deliveries ---- */

static int restart(qq_lives *lives, qq_stream *s)
{
  lives->restarts++;
  s->greatest = 0;
  return qq_attempts_cut(lives, s->number);
}

static int is_restart(qq_stream const *s, uint64_t delivery)
{
  return s->greatest && (delivery == 1 || delivery <= s->greatest);
}

static qq_life *take_start(qq_lives *lives, qq_log_line const *line, qq_stream *s)
{
  qq_life *l;
  qq_served *r;
  if (is_restart(s, line->delivery) && restart(lives, s) < 0) return 0;
  s->greatest = line->delivery;
  l = life_of(lives, line, s->number);
  if (!l) return 0;
  r = qq_life_find_recipient(l, line->channel, line->address);
  if (!r) r = qq_life_add_recipient(&lives->p->pool, l, line->channel, line->address);
  return r && qq_attempt_start(lives, r, line) > 0 ? l : 0;
}

/* ---- ends ---- */

static int take_end(qq_lives *lives, qq_log_line const *line, uint32_t stream)
{
  qq_slot *slot = find_message(lives->p, line->message, stream);
  qq_life *l = slot ? slot->value : 0;
  qq_served *r;
  if (!l) return 1;
  if (settle_elder(lives, l) < 0) return -1;
  qq_table_remove(&lives->p->messages, slot);
  qq_attempts_drop(lives->p, l);
  for (r = l->recipients; r; r = r->next)
    if (r->result == QQ_RESULT_DEFERRED) r->result = QQ_RESULT_REMOVED;
  l->end = QQ_END_DONE;
  l->ended = line->stamp;
  lives->of = l;
  return qq_life_over(lives, l);
}

/* ---- all together ---- */

static int take_smtp(qq_lives *lives, qq_log_line const *line)
{
  if (!lives->p->smtp) lives->p->smtp = qq_smtp_new();
  return lives->p->smtp ? qq_smtp_take(lives->p->smtp, line) : -1;
}

static int take_event(qq_lives *lives, qq_log_line const *line, qq_stream *s)
{
  qq_life *l = 0;
  switch (line->event) {
    case QQ_LOG_NEW: l = take_new(lives, line, s->number); break;
    case QQ_LOG_INFO: l = take_info(lives, line, s->number); break;
    case QQ_LOG_START: l = take_start(lives, line, s); break;
    case QQ_LOG_BOUNCE:
      l = life_of(lives, line, s->number);
      if (l) l->bounce_qp = (uint32_t)line->qp;
      break;
    case QQ_LOG_DISCARD: {
      qq_slot const *slot = find_message(lives->p, line->message, s->number);
      lives->of = slot ? slot->value : 0;
      return 1;
    }
    case QQ_LOG_END: return take_end(lives, line, s->number);
    case QQ_LOG_EXIT: return qq_attempts_cut(lives, s->number);
    default: return qq_attempt_result(lives, line, s->number);
  }
  lives->of = l;
  return l ? 1 : -1;
}

int qq_lives_take(qq_lives *lives, qq_log_line const *line)
{
  qq_stream *s;
  lives->of = 0;
  lives->served = 0;
  if (line->event == QQ_LOG_OTHER) return 1;
  if (line->event == QQ_LOG_LOSS) return take_loss(lives, line);
  if (line->event == QQ_LOG_SMTP) return take_smtp(lives, line);
  s = qq_stream_of(lives->p, line);
  if (!s || take_event(lives, line, s) < 0) return -1;
  if (lives->of && line->stamp != QQ_LOG_UNKNOWN && line->stamp >= lives->since
    && line->stamp < lives->until) lives->of->is_in_range = 1;
  return 1;
}

static int compare_serials(void const *a, void const *b)
{
  qq_life const *x = *(qq_life *const *)a, *y = *(qq_life *const *)b;
  return x->serial < y->serial ? -1 : x->serial > y->serial;
}

/* Detached lives are in no table but by what is under way of them. */
static int gather(qq_lives_private *p, genalloc *all)
{
  size_t i;
  for (i = 0; i < p->messages.size; i++) {
    qq_life *l = p->messages.slots[i].value;
    if (l && !genalloc_append(qq_life *, all, &l)) return -1;
  }
  for (i = 0; i < p->deliveries.size; i++) {
    qq_served const *r = p->deliveries.slots[i].value;
    qq_life *l = r ? r->life : 0;
    if (!l || !l->is_detached) continue;
    if (--l->open) continue;            /* met once more */
    if (!genalloc_append(qq_life *, all, &l)) return -1;
  }
  return 1;
}

int qq_lives_finish(qq_lives *lives)
{
  qq_lives_private *p = lives->p;
  genalloc all = GENALLOC_ZERO;
  size_t i;
  int r = 1;
  for (i = 0; r > 0 && i < p->messages.size; i++)
    if (p->messages.slots[i].value) r = settle_elder(lives, p->messages.slots[i].value);
  if (r > 0) r = gather(p, &all);
  qq_table_free(&p->messages);
  qq_table_free(&p->deliveries);
  if (genalloc_len(qq_life *, &all))
    qsort(all.s, genalloc_len(qq_life *, &all), sizeof(qq_life *), compare_serials);
  for (i = 0; r > 0 && i < genalloc_len(qq_life *, &all); i++)
    r = qq_life_over(lives, genalloc_s(qq_life *, &all)[i]);
  genalloc_free(qq_life *, &all);
  lives->of = 0;
  return r;
}

qq_life *qq_lives_next(qq_lives *lives)
{
  qq_lives_private *p = lives->p;
  if (p->given) qq_life_free(&p->pool, p->given);
  p->given = p->over;
  if (!p->over) return 0;
  p->over = p->over->more->elder;
  if (!p->over) p->over_end = &p->over;
  p->given->more->elder = 0;
  return p->given;
}

int qq_lives_has_over(qq_lives const *lives)
{
  return lives->p->over != 0;
}

char const *qq_life_stream(qq_lives const *lives, qq_life const *l)
{
  return genalloc_s(qq_stream *, &lives->p->all_streams)[l->stream]->name.s;
}

stralloc *qq_life_story(qq_lives *lives, qq_life *l)
{
  qq_life_more *more = qq_life_need_more(&lives->p->pool, l);
  if (more && !more->story) more->story = calloc(1, sizeof *more->story);
  return more ? more->story : 0;
}

int qq_lives_init(qq_lives *lives)
{
  memset(lives, 0, sizeof *lives);
  lives->until = QQ_LOG_UNKNOWN;
  lives->p = calloc(1, sizeof *lives->p);
  if (!lives->p) return -1;
  lives->p->over_end = &lives->p->over;
  return 1;
}

void qq_lives_free(qq_lives *lives)
{
  qq_lives_private *p = lives->p;
  size_t i;
  if (qq_lives_finish(lives) > 0) while (qq_lives_next(lives)) ;
  for (i = 0; i < genalloc_len(qq_stream *, &p->all_streams); i++)
    qq_stream_free(genalloc_s(qq_stream *, &p->all_streams)[i]);
  genalloc_free(qq_stream *, &p->all_streams);
  qq_table_free(&p->streams);
  if (p->smtp) qq_smtp_free(p->smtp);
  qq_pool_free(&p->pool);
  genalloc_free(uint64_t, &lives->aliases);
  free(p);
}
