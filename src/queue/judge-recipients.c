#include "queue-private.h"

int qq_match_recipient(qq_matcher *matcher, qq_queue const *q, int channel, char const *s, size_t n)
{
  int const r = qq_match(matcher, s, n);
  size_t const prefix = r ? 0 : qq_queue_prefix(q, channel, s, n);
  return prefix ? qq_match(matcher, s + prefix, n - prefix) : r;
}

typedef int match_recipient(qq_matcher *, qq_message const *, qq_recipient const *);

static int match_address(qq_matcher *matcher, qq_message const *m, qq_recipient const *r)
{
  return qq_match_recipient(matcher, m->shard->queue, r->channel, qq_recipient_address(m, r),
    r->length);
}

static int match_domain(qq_matcher *matcher, qq_message const *m, qq_recipient const *r)
{
  qq_piece const d = qq_address_domain(qq_recipient_address(m, r), r->length);
  return qq_match(matcher, d.s, d.n);
}

/* One recipient that is done or not done, as asked, and matches. */
static int some_recipient(qq_question *q, qq_message *m, int done, match_recipient *match, int *met)
{
  qq_recipient const *r = genalloc_s(qq_recipient, &m->recipients);
  size_t const n = genalloc_len(qq_recipient, &m->recipients);
  size_t i;
  int found = 0;
  for (i = 0; i < n && !found; i++)
    if (r[i].done == done) found = match(&q->matcher, m, &r[i]);
  return qq_judge_matched(m, found, met);
}

int qq_judge_to(qq_question *q, qq_message *m, int *met)
{
  return some_recipient(q, m, 0, match_address, met);
}

int qq_judge_to_domain(qq_question *q, qq_message *m, int *met)
{
  return some_recipient(q, m, 0, match_domain, met);
}

typedef struct search { qq_matcher *matcher; int found; } search;

static void match_failure(void *p, qq_qsbmf const *q)
{
  search *s = p;
  if (!s->found) s->found = qq_match(s->matcher, q->address.s, q->address.len);
}

/* When all of a channel are done, qmail-send takes its file away; who has failed is still in
   bounce/ID, until the message ends. */
int qq_judge_done_to(qq_question *q, qq_message *m, int *met)
{
  search s = { &q->matcher, 0 };
  int r = some_recipient(q, m, 1, match_address, met);
  if (r != 1 || *met) return r;
  r = qq_message_failing(m);
  if (r == 1 && m->failing)
    r = qq_message_failures(m, &q->judge->failures, match_failure, &s);
  return r == 1 ? qq_judge_matched(m, s.found, met) : r;
}
