/* Lives from lines, as INTERNALS has the rules. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "log-private.h"

/* ---- open lives, by number and stream ---- */

static qq_life **chain_of(qq_lives_private const *p, uint64_t number, uint32_t stream)
{
  return &p->open[(size_t)qq_hash_numbers(number, stream) & (p->size - 1)];
}

/* Where the open life is linked, or the null pointer at the end of its chain. */
static inline qq_life **find(qq_lives_private const *p, uint64_t number, uint32_t stream)
{
  qq_life **at = chain_of(p, number, stream);
  while (*at && ((*at)->number != number || (*at)->stream != stream)) at = &(*at)->next;
  return at;
}

static void put(qq_lives_private const *p, qq_life *l)
{
  qq_life **at = chain_of(p, l->number, l->stream);
  l->next = *at;
  *at = l;
}

/* Takes all of them out, as a list. */
static qq_life *take_all(qq_lives_private *p)
{
  qq_life *list = 0, *l;
  size_t i;
  for (i = 0; i < p->size; i++)
    while ((l = p->open[i])) {
      p->open[i] = l->next;
      l->next = list;
      list = l;
    }
  return list;
}

static int grow(qq_lives_private *p)
{
  size_t const size = p->size ? 2 * p->size : 16;
  qq_life **more = calloc(size, sizeof *more), *list, *next;
  if (!more) return 0;
  list = take_all(p);
  free(p->open);
  p->open = more;
  p->size = size;
  for (; list; list = next) {
    next = list->next;
    put(p, list);
  }
  return 1;
}

static int add(qq_lives_private *p, qq_life *l)
{
  if (p->count >= p->size && !grow(p)) return 0;        /* one for each chain */
  put(p, l);
  p->count++;
  return 1;
}

static qq_life *take_out(qq_lives_private *p, qq_life **at)
{
  qq_life *l = *at;
  *at = l->next;
  p->count--;
  return l;
}

/* ---- lines that were lost ---- */

/* Serials grow: what began before the last loss in its stream has lost something. */
static int is_incomplete(qq_lives_private const *p, qq_life const *l)
{
  return l->is_incomplete || l->serial < qq_stream_lost(p, qq_life_stream_of(p, l));
}

static int take_loss(qq_lives *lives, qq_log_line const *line)
{
  lives->losses++;
  return qq_stream_lose(lives->p, line, lives->serial);
}

/* ---- lives that are over ---- */

/* Whom qmail-smtpd has it from, if that was logged near the moment. */
static int find_login(qq_lives_private *p, qq_life *l, uint64_t moment)
{
  qq_login *login = 0;
  int const r = p->smtp
    ? qq_smtp_find(p->smtp, l->qp, qq_life_stream_of(p, l)->host, moment, &login) : 0;
  if (!r) return 1;
  if (r < 0 || !qq_life_need_more(&p->pool, l)) return -1;
  l->more->login = login;
  return 1;
}

int qq_life_over(qq_lives *lives, qq_life *l)
{
  qq_lives_private *p = lives->p;
  if (!l->is_detached) l->is_incomplete = is_incomplete(p, l) != 0;
  if (l->from && l->begun != QQ_LOG_UNKNOWN && !qq_life_login(l)
    && find_login(p, l, l->begun) < 0) return -1;
  l->next = 0;
  lives->has_over = 1;
  *p->over_end = l;
  p->over_end = &l->next;
  return 1;
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
  return add(p, l) ? l : 0;
}

/* The life that had the number, before another `new msg' came, was another one. */
static int settle_elder(qq_lives *lives, qq_life *l)
{
  qq_life *elder = l->more ? l->more->elder : 0;
  if (!elder) return 1;
  l->more->elder = 0;
  return detach(lives, elder);
}

/* A new life in the place of that one. */
static qq_life *replace(qq_lives *lives, qq_life **at, uint64_t begun)
{
  qq_life *old = *at, *l;
  if (settle_elder(lives, old) < 0) return 0;
  old->is_incomplete = is_incomplete(lives->p, old) != 0;
  take_out(lives->p, at);
  l = open_life(lives, old->number, old->stream, begun);
  return l && detach(lives, old) > 0 ? l : 0;
}

/* The life that the line is of, which it opens if there is none. */
static qq_life *life_of(qq_lives *lives, qq_log_line const *line, uint32_t stream)
{
  qq_life *l = *find(lives->p, line->message, stream);
  if (!l) l = open_life(lives, line->message, stream, QQ_LOG_UNKNOWN);
  return l && settle_elder(lives, l) > 0 ? l : 0;
}

/* todo_do may do it all again (qmail-send.c:todo_do): then the old life goes on, which the next
   `info msg' will tell. */
static qq_life *begin_anew(qq_lives *lives, qq_life **at, uint64_t begun)
{
  qq_life *elder = take_out(lives->p, at), *l;
  elder->is_incomplete = is_incomplete(lives->p, elder) != 0;
  l = open_life(lives, elder->number, elder->stream, begun);
  if (!l || !qq_life_need_more(&lives->p->pool, l)) return 0;
  l->more->elder = elder;
  return l;
}

static qq_life *take_new(qq_lives *lives, qq_log_line const *line, uint32_t stream)
{
  qq_life **at = find(lives->p, line->message, stream), *l = *at;
  if (!l) return open_life(lives, line->message, stream, line->stamp);
  if (l->is_tried) return replace(lives, at, line->stamp);
  return l->from ? begin_anew(lives, at, line->stamp) : l;
}

/* The younger turned out to be the elder: it goes on as that. */
static qq_life *merge(qq_lives *lives, qq_life **at)
{
  qq_life *young = *at, *elder = young->more->elder;
  uint64_t const alias[2] = { young->serial, elder->serial };
  qq_pool *pool = &lives->p->pool;
  if (!genalloc_append(uint64_t, &lives->aliases, &alias[0])
    || !genalloc_append(uint64_t, &lives->aliases, &alias[1])) return 0;
  elder->is_in_range |= young->is_in_range;
  if (young->more->story) {
    stralloc *story = qq_life_story(lives, elder);
    if (!story || !stralloc_cat(story, young->more->story)) return 0;
  }
  if (qq_trail_join(pool, elder, young) < 0) return 0;
  elder->next = young->next;
  *at = elder;
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
  qq_life **at = find(lives->p, line->message, stream), *l = *at;
  if (!l) l = open_life(lives, line->message, stream, QQ_LOG_UNKNOWN);
  else if (l->more && l->more->elder && is_same_info(l->more->elder, line))
    return merge(lives, at);
  else if (l->from && is_same_info(l, line)) return l;
  else if (settle_elder(lives, l) < 0) return 0;
  else if (l->is_tried || l->from) l = replace(lives, at, QQ_LOG_UNKNOWN);
  return l && set_info(lives, l, line) > 0 ? l : 0;
}

/* ---- deliveries ---- */

static int restart(qq_lives *lives, qq_stream *s)
{
  lives->restarts++;
  s->greatest = 0;
  return qq_attempts_cut(lives, s);
}

static int is_restart(qq_stream const *s, uint64_t delivery)
{
  return delivery <= s->greatest;
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
  return r && qq_attempt_start(s, r, line) > 0 ? l : 0;
}

/* ---- ends ---- */

static int take_end(qq_lives *lives, qq_log_line const *line, qq_stream *s)
{
  qq_life **at = find(lives->p, line->message, s->number), *l = *at;
  qq_served *r;
  if (!l) return 1;
  if (settle_elder(lives, l) < 0) return -1;
  take_out(lives->p, at);
  qq_attempts_drop(s, l);
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
    case QQ_LOG_DISCARD:
      lives->of = *find(lives->p, line->message, s->number);
      return 1;
    case QQ_LOG_END: return take_end(lives, line, s);
    case QQ_LOG_EXIT: return qq_attempts_cut(lives, s);
    default: return qq_attempt_result(lives, line, s);
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
  if (lives->of && line->stamp >= lives->since && line->stamp < lives->until)
    lives->of->is_in_range = 1;         /* what is unknown is the greatest */
  return 1;
}

/* ---- the end of the log ---- */

static qq_life *merge_lists(qq_life *a, qq_life *b)
{
  qq_life *list = 0, **end = &list;
  while (a && b) {
    qq_life **least = a->serial < b->serial ? &a : &b;
    *end = *least;
    end = &(*end)->next;
    *least = *end;
  }
  *end = a ? a : b;
  return list;
}

/* By serial, without memory for that: there may be millions. */
static qq_life *sort(qq_life *list)
{
  qq_life *runs[64] = { 0 };    /* each of 2^i lives, or none */
  size_t i;
  while (list) {
    qq_life *run = list;
    list = list->next;
    run->next = 0;
    for (i = 0; runs[i]; runs[i++] = 0) run = merge_lists(runs[i], run);
    runs[i] = run;
  }
  for (i = 0; i < 64; i++) list = merge_lists(list, runs[i]);
  return list;
}

/* Detached lives are nowhere but in what is under way of them. */
static qq_life *add_detached(qq_life *list, qq_table *deliveries)
{
  size_t i;
  for (i = 0; i < deliveries->size; i++) {
    qq_served const *r = deliveries->slots[i].value;
    if (!r || !r->life->is_detached || --r->life->open) continue;       /* met once more */
    r->life->next = list;
    list = r->life;
  }
  qq_table_free(deliveries);
  return list;
}

int qq_lives_finish(qq_lives *lives)
{
  qq_lives_private *p = lives->p;
  qq_stream *const *streams = genalloc_s(qq_stream *, &p->all_streams);
  qq_life *list = take_all(p), *l;
  size_t i;
  int r = 1;
  for (l = list; r > 0 && l; l = l->next) r = settle_elder(lives, l);
  for (i = 0; i < genalloc_len(qq_stream *, &p->all_streams); i++)
    list = add_detached(list, &streams[i]->deliveries);
  for (list = sort(list); list && r > 0; list = l) {
    l = list->next;
    r = qq_life_over(lives, list);
  }
  p->count = 0;
  lives->of = 0;
  return r;
}

qq_life *qq_lives_next(qq_lives *lives)
{
  qq_lives_private *p = lives->p;
  if (p->given) qq_life_free(&p->pool, p->given);
  p->given = p->over;
  lives->has_over = p->over && p->over->next;
  if (!p->over) return 0;
  p->over = p->over->next;
  if (!p->over) p->over_end = &p->over;
  return p->given;
}

char const *qq_life_stream(qq_lives const *lives, qq_life const *l)
{
  return qq_life_stream_of(lives->p, l)->name.s;
}

unsigned int qq_life_set_number(qq_lives const *lives, qq_life const *l)
{
  return qq_life_stream_of(lives->p, l)->set;
}

stralloc *qq_life_story(qq_lives *lives, qq_life *l)
{
  qq_life_more *more = qq_life_need_more(&lives->p->pool, l);
  if (more && !more->story) more->story = calloc(1, sizeof *more->story);
  return more ? more->story : 0;
}

int qq_lives_init(qq_lives *lives)
{
  qq_hash_begin();
  memset(lives, 0, sizeof *lives);
  lives->until = QQ_LOG_UNKNOWN;
  lives->p = calloc(1, sizeof *lives->p);
  if (!lives->p) return -1;
  lives->p->over_end = &lives->p->over;
  return grow(lives->p) ? 1 : -1;
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
  qq_table_free(&p->losses);
  free(p->open);
  if (p->smtp) qq_smtp_free(p->smtp);
  qq_pool_free(&p->pool);
  genalloc_free(uint64_t, &lives->aliases);
  free(p);
}
