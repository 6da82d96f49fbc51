#include <errno.h>
#include <string.h>
#include <qq/select.h>
#include <qq/words.h>
#include "judge-body.h"

/* Criteria answer like the questions about a message: 1 with *met, or what stands in the way. */

static int have(qq_patterns const *p)
{
  return qq_patterns_count(p) != 0;
}

int qq_judge_out_of_memory(qq_message *m)
{
  m->why.len = 0;
  stralloc_cats(&m->why, strerror(ENOMEM));
  errno = ENOMEM;
  return QQ_DAMAGED;
}

/* A matcher's answer as a criterion's. */
static int matched(qq_message *m, int r, int *met)
{
  if (r < 0) return qq_judge_out_of_memory(m);
  *met = r;
  return 1;
}

static int by_stat(qq_judge *j, qq_message *m, int *met)
{
  qq_select const *s = j->select;
  int const r = qq_message_stat(m);
  if (r != 1) return r;
  *met = m->stamp >= s->after && (!s->before || m->stamp < s->before) && (!s->newer || m->stamp > s->newer)
    && (!s->older || m->stamp <= s->older) && m->size >= s->min_size && (!s->has_max_size || m->size <= s->max_size)
    && (!s->held || m->held) && (!s->over || m->over);
  return 1;
}

static int by_envelope(qq_judge *j, qq_message *m, int *met)
{
  qq_select const *s = j->select;
  qq_bounce_kind kind;
  int r = qq_message_envelope(m);
  if (r == 1 && s->new_only) r = qq_message_place(m);
  if (r != 1) return r;
  kind = qq_message_bounce(m);
  *met = (!s->null_sender || !m->sender.len) && (!s->bounces || kind != QQ_NO_BOUNCE) && (!s->no_bounces || kind == QQ_NO_BOUNCE)
    && (!s->single_bounces || kind == QQ_SINGLE_BOUNCE) && (!s->double_bounces || kind == QQ_DOUBLE_BOUNCE)
    && (!s->new_only || m->is_new);
  if (!*met || !have(&s->from)) return 1;
  return matched(m, qq_match(&j->from, m->sender.s, m->sender.len), met);
}

/* One recipient that is done or not done, as asked, and matches. */
static int some_recipient(qq_matcher *matcher, qq_message *m, int done, int *met)
{
  qq_recipient const *r = genalloc_s(qq_recipient, &m->recipients);
  size_t const n = genalloc_len(qq_recipient, &m->recipients);
  size_t i;
  *met = 0;
  for (i = 0; i < n && !*met; i++) {
    if (r[i].done != done) continue;
    if (matched(m, qq_match(matcher, qq_recipient_address(m, &r[i]), r[i].length), met) != 1) return QQ_DAMAGED;
  }
  return 1;
}

static int some_channel(qq_select const *s, qq_message const *m)
{
  unsigned int const *c = genalloc_s(unsigned int, &s->channels);
  size_t const n = genalloc_len(unsigned int, &s->channels);
  size_t i;
  for (i = 0; i < n; i++)
    if (qq_message_undelivered(m, c[i])) return 1;
  return !n;
}

static int by_recipients(qq_judge *j, qq_message *m, int *met)
{
  qq_select const *s = j->select;
  int r = qq_message_recipients(m);
  if (r != 1) return r;
  *met = genalloc_len(qq_recipient, &m->recipients) >= s->min_recipients && some_channel(s, m)
    && (!s->local || qq_message_undelivered(m, QQ_CHANNEL_LOCAL)) && (!s->remote || qq_message_undelivered(m, QQ_CHANNEL_REMOTE));
  if (*met && have(&s->to)) r = some_recipient(&j->to, m, 0, met);
  if (r == 1 && *met && have(&s->done_to)) r = some_recipient(&j->done_to, m, 1, met);
  return r;
}

static int by_failing(qq_judge *j, qq_message *m, int *met)
{
  int const r = qq_message_failing(m);
  (void)j;
  *met = m->failing;
  return r;
}

static int by_interrupted(qq_judge *j, qq_message *m, int *met)
{
  int const r = qq_message_envelope(m);
  (void)j;
  *met = 0;
  return r == 1 ? qq_message_interrupted(m, met) : r;
}

/* A new message has the process's uid in its todo record too. */
static int uid_is(qq_message const *m, uint64_t uid)
{
  return m->received.invoked == QQ_INVOKED_BY_UID ? m->received.uid == uid : m->is_new && m->uid == uid;
}

static int by_injection(qq_judge *j, qq_message *m, int *met)
{
  qq_select const *s = j->select;
  uint64_t const *uids = genalloc_s(uint64_t, &s->uids);
  char *const *ips = genalloc_s(char *, &s->ips);
  size_t const u = genalloc_len(uint64_t, &s->uids), n = genalloc_len(char *, &s->ips);
  size_t i;
  int uid_met = !u, ip_met = !n;
  int r = qq_message_received(m);
  if (r == 1 && u) r = qq_message_envelope(m);
  if (r != 1) return r;
  for (i = 0; i < u && !uid_met; i++) uid_met = uid_is(m, uids[i]);
  for (i = 0; i < n && !ip_met; i++) ip_met = !strcmp(m->received.ip, ips[i]);
  *met = uid_met && ip_met;
  return 1;
}

static int field_matches(qq_judge *j, qq_message *m, qq_field const *f, qq_matcher *matcher, int *met)
{
  *met = 0;
  if (!f->found) return 1;
  j->line.len = j->decoded.len = 0;
  if (!qq_unfold(&j->line, f->value.s, f->value.len)
    || qq_words_decode(j->charsets, &j->decoded, j->line.s, j->line.len) < 0) return qq_judge_out_of_memory(m);
  return matched(m, qq_match(matcher, j->decoded.s, j->decoded.len), met);
}

static int by_header(qq_judge *j, qq_message *m, int *met)
{
  size_t i;
  int r = qq_message_header(m, &j->header, j->fields, j->field_count);
  *met = 1;
  if (r == 1 && have(&j->select->subject)) r = field_matches(j, m, &j->fields[0], &j->subject, met);
  for (i = 0; r == 1 && *met && i < j->header_count; i++) r = field_matches(j, m, &j->fields[j->header_fields[i]], &j->headers[i], met);
  return r;
}

/* What a selection needs, from the cheapest criterion to the dearest. */
static int needs_stat(qq_select const *s)
{
  return s->after || s->before || s->newer || s->older || s->min_size || s->has_max_size || s->held || s->over;
}
static int needs_envelope(qq_select const *s)
{
  return have(&s->from) || s->null_sender || s->bounces || s->no_bounces || s->single_bounces || s->double_bounces || s->new_only;
}
static int needs_recipients(qq_select const *s)
{
  return have(&s->to) || have(&s->done_to) || s->min_recipients || s->local || s->remote || genalloc_len(unsigned int, &s->channels);
}
static int needs_failing(qq_select const *s) { return s->failing; }
static int needs_interrupted(qq_select const *s) { return s->interrupted; }
static int needs_injection(qq_select const *s) { return s->uids.len || s->ips.len; }
static int needs_header(qq_select const *s) { return have(&s->subject) || s->headers.len; }
static int needs_body(qq_select const *s) { return have(&s->body); }

static struct {
  int (*needed)(qq_select const *);
  int (*judge)(qq_judge *, qq_message *, int *);
  int pinned;                   /* reads files that may be another message's by then, unless the message is pinned */
} const criteria[] = {
  { needs_stat, by_stat, 0 },
  { needs_envelope, by_envelope, 0 },
  { needs_failing, by_failing, 1 },
  { needs_interrupted, by_interrupted, 1 },
  { needs_recipients, by_recipients, 1 },
  { needs_injection, by_injection, 1 },
  { needs_header, by_header, 1 },
  { needs_body, qq_judge_body, 1 }
};
#define CRITERIA (sizeof criteria / sizeof *criteria)

static int judge_criteria(qq_judge *j, qq_message *m, int *met)
{
  size_t i;
  *met = 1;
  for (i = 0; i < CRITERIA && *met; i++) {
    int r = 1;
    if (!criteria[i].needed(j->select)) continue;
    if (criteria[i].pinned) r = qq_message_pin(m);
    if (r == 1) r = criteria[i].judge(j, m, met);
    if (r != 1) return r;
  }
  return 1;
}

int qq_judge_message(qq_judge *j, qq_message *m, int *selected)
{
  int met, r = judge_criteria(j, m, &met);
  *selected = 0;
  if (r != 1) return r;
  if (met == j->select->inverted) return 1;
  r = qq_message_confirm(m);
  if (r != 1) return r;
  *selected = m->over == 0 || j->select->over;
  return 1;
}
