#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "queue-private.h"

/* What a criterion has to know of a message, from the cheapest to the dearest. From FAILING on
   files are read that may be another message's by then, unless the message is pinned. */
typedef enum {
  QQ_NEEDS_STAT, QQ_NEEDS_STATE, QQ_NEEDS_ENVELOPE, QQ_NEEDS_FAILING, QQ_NEEDS_PINNED_ENVELOPE,
  QQ_NEEDS_RECIPIENTS, QQ_NEEDS_INJECTION, QQ_NEEDS_RECEIVED, QQ_NEEDS_HEADER, QQ_NEEDS_BODY
} qq_needs;

static int learn(qq_judge *j, qq_message *m, qq_needs needs)
{
  int r = needs >= QQ_NEEDS_FAILING ? qq_message_pin(m) : 1;
  if (r != 1) return r;
  switch (needs) {
    case QQ_NEEDS_STAT: return qq_message_stat(m);
    case QQ_NEEDS_STATE:
      r = qq_message_envelope(m);
      return r == 1 ? qq_message_state(m) : r;
    case QQ_NEEDS_ENVELOPE: case QQ_NEEDS_PINNED_ENVELOPE: return qq_message_envelope(m);
    case QQ_NEEDS_FAILING: return qq_message_failing(m);
    case QQ_NEEDS_RECIPIENTS: return qq_message_recipients(m);
    case QQ_NEEDS_INJECTION:
      r = qq_message_received(m);
      return r == 1 ? qq_message_envelope(m) : r;
    case QQ_NEEDS_RECEIVED: return qq_message_received(m);
    case QQ_NEEDS_HEADER: return qq_message_header(m, &j->header, j->fields, j->field_count);
    case QQ_NEEDS_BODY: return 1;       /* read as it is searched */
  }
  return r;
}

int qq_judge_matched(qq_message *m, int r, int *met)
{
  *met = r > 0;
  return r < 0 ? qq_message_unreadable(m, QQ_MESS) : 1;
}

/* ---- what is said of a message that is known well enough; v: a value that was given ---- */

#define SAY(name, truth) \
  static int name(qq_message const *m, uint64_t v) { (void)v; return (truth) != 0; }

SAY(is_after, m->stamp >= v)
SAY(is_before, m->stamp < v)
SAY(is_that_large, m->size >= v)
SAY(is_that_small, m->size <= v)
SAY(is_held, m->held)
SAY(is_over, m->over)
SAY(is_new, m->is_new)
SAY(is_bounce, qq_message_bounce(m) != QQ_NO_BOUNCE)
SAY(is_no_bounce, qq_message_bounce(m) == QQ_NO_BOUNCE)
SAY(is_single_bounce, qq_message_bounce(m) == QQ_SINGLE_BOUNCE)
SAY(is_double_bounce, qq_message_bounce(m) == QQ_DOUBLE_BOUNCE)
SAY(is_failing, m->failing)
SAY(is_local, qq_message_undelivered(m, QQ_CHANNEL_LOCAL))
SAY(is_remote, qq_message_undelivered(m, QQ_CHANNEL_REMOTE))
SAY(is_in_channel, qq_message_undelivered(m, (unsigned int)v))
SAY(has_recipients, genalloc_len(qq_recipient, &m->recipients) >= v)

/* A new message has the process's uid in its todo record too. */
SAY(is_of_uid, m->received.invoked == QQ_INVOKED_BY_UID ? m->received.uid == v
  : m->is_new && m->uid == v)

/* ---- patterns, and what has to be looked at ---- */

static int by_sender(qq_question *q, qq_message *m, int *met)
{
  return qq_judge_matched(m, qq_match(&q->matcher, m->sender.s, m->sender.len), met);
}

static int by_sender_domain(qq_question *q, qq_message *m, int *met)
{
  qq_piece const d = qq_sender_domain(m);
  return qq_judge_matched(m, qq_match(&q->matcher, d.s, d.n), met);
}

static int is_in_a_network(qq_given const *g, char const *ip)
{
  qq_network const *networks = genalloc_s(qq_network, &g->networks);
  size_t i;
  for (i = 0; *ip && i < genalloc_len(qq_network, &g->networks); i++)
    if (qq_network_has(&networks[i], ip)) return 1;
  return 0;
}

static int by_address(qq_question *q, qq_message *m, int *met)
{
  *met = is_in_a_network(q->given, m->received.origin.ip);
  q->judge->claims += is_in_a_network(q->given, m->received.claimed.ip);
  return 1;
}

static int match_login(qq_question *q, qq_piece login)
{
  return login.n ? qq_match(&q->matcher, login.s, login.n) : 0;
}

static int by_login(qq_question *q, qq_message *m, int *met)
{
  int const claimed = match_login(q, m->received.claimed.login);
  q->judge->claims += claimed > 0;
  return qq_judge_matched(m, claimed < 0 ? claimed : match_login(q, m->received.origin.login), met);
}

static int by_future(qq_question *q, qq_message *m, int *met)
{
  (void)q;
  return qq_message_future(m, met);
}

static int by_interrupted(qq_question *q, qq_message *m, int *met)
{
  (void)q;
  return qq_message_interrupted(m, met);
}

/* Takes the next occurrence of the field off the values; as qq_match. */
static int match_next(qq_question *q, qq_piece *values)
{
  qq_judge *j = q->judge;
  qq_piece value = { "", 0 };
  qq_field_next(values, &value);
  if (qq_value_decode(j->charsets, &j->header, &j->line, &j->decoded, value) < 0) return -1;
  return qq_match(&q->matcher, j->decoded.s, j->decoded.len);
}

static int by_first_field(qq_question *q, qq_message *m, int *met)
{
  qq_field const *f = &q->judge->fields[q->field];
  qq_piece values = qq_piece_of(&f->value);
  return qq_judge_matched(m, f->found ? match_next(q, &values) : 0, met);
}

static int by_every_field(qq_question *q, qq_message *m, int *met)
{
  qq_field const *f = &q->judge->fields[q->field];
  qq_piece values = qq_piece_of(&f->value);
  int found = f->found ? match_next(q, &values) : 0;
  while (!found && values.n) found = match_next(q, &values);
  return qq_judge_matched(m, found, met);
}

/* ---- the rows of qq/select.h ---- */

typedef struct criterion {
  char const *name;             /* of the option; of the header field too, where none is given */
  qq_needs needs;
  int (*is)(qq_message const *, uint64_t value);
  int (*by)(qq_question *, qq_message *, int *met);
} criterion;

#define ROW(id, name, argument, needs, is, by, help) { name, QQ_NEEDS_##needs, is, by },
static criterion const criteria[] = { QQ_CRITERIA(ROW) };

/* The place of the field among those that are read; the header reader wants each name once. */
static size_t field_of(qq_judge *j, char const *name)
{
  size_t i;
  for (i = 0; i < j->field_count; i++)
    if (!strcasecmp(j->fields[i].name, name)) return i;
  j->fields[j->field_count++].name = name;
  return i;
}

static void add_question(qq_judge *j, qq_given const *g)
{
  criterion const *c = &criteria[g->criterion];
  qq_question *q = &j->questions[j->count++];
  q->judge = j;
  q->given = g;
  q->matcher.patterns = &g->patterns;
  if (c->needs != QQ_NEEDS_HEADER) return;
  q->field = field_of(j, g->field ? g->field : c->name);
  if (c->by == by_every_field) j->fields[q->field].every = 1;
}

/* Of two criteria that need the same, the one without patterns is the cheaper one. */
static unsigned int cost(qq_given const *g)
{
  criterion const *c = &criteria[g->criterion];
  return 2 * (unsigned int)c->needs + (c->by != 0);
}

int qq_judge_init(qq_judge *j, qq_select const *s)
{
  qq_given const *g = genalloc_s(qq_given, &s->given);
  size_t const n = genalloc_len(qq_given, &s->given);
  unsigned int wanted;
  size_t i;
  memset(j, 0, sizeof *j);
  j->inverted = s->inverted;
  j->shows_over = qq_select_has(s, QQ_CRITERION_OVER);
  j->questions = calloc(n + 1, sizeof *j->questions);
  j->fields = calloc(n + 1, sizeof *j->fields);
  j->charsets = qq_charsets_new();
  if (!j->questions || !j->fields || !j->charsets) return -1;
  for (wanted = 0; j->count < n; wanted++)
    for (i = 0; i < n; i++) if (cost(&g[i]) == wanted) add_question(j, &g[i]);
  if (!qq_select_has(s, QQ_CRITERION_BODY)) return 1;
  j->mime = qq_mime_new(j->charsets);
  return j->mime ? 1 : -1;
}

static int ask(qq_question *q, qq_message *m, int *met)
{
  criterion const *c = &criteria[q->given->criterion];
  uint64_t const *values = genalloc_s(uint64_t, &q->given->values);
  size_t const n = genalloc_len(uint64_t, &q->given->values);
  size_t i;
  if (c->by) return c->by(q, m, met);
  for (i = 0; i < n && !*met; i++) *met = c->is(m, values[i]);
  return 1;
}

static int ask_all(qq_judge *j, qq_message *m, int *met)
{
  int known = -1;
  size_t i;
  *met = 1;
  for (i = 0; i < j->count && *met; i++) {
    qq_question *q = &j->questions[i];
    qq_needs const needs = criteria[q->given->criterion].needs;
    int r = (int)needs == known ? 1 : learn(j, m, needs);
    known = (int)needs;
    *met = 0;
    if (r == 1) r = ask(q, m, met);
    if (r != 1) return r;
  }
  return 1;
}

int qq_judge_message(qq_judge *j, qq_message *m, int *selected)
{
  int met, r = ask_all(j, m, &met);
  *selected = 0;
  if (r != 1) return r;
  if (met == j->inverted) return 1;
  r = qq_message_confirm(m);
  if (r != 1) return r;
  *selected = m->over == 0 || j->shows_over;
  return 1;
}
