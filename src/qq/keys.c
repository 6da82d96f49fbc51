#include <string.h>
#include <qq/diagnostic.h>
#include <qq/utf8.h>
#include "stat.h"

/* Ends the key that was appended to text. */
static void end_key(qq_keyer *k)
{
  size_t const count = genalloc_len(size_t, &k->ends);
  size_t const start = count ? genalloc_s(size_t, &k->ends)[count - 1] : 0;
  if (k->text.len == start) qq_demand_memory(stralloc_append(&k->text, '-'));
  qq_demand_memory(genalloc_append(size_t, &k->ends, &k->text.len));
}

/* Sorts the keys and takes out duplicates: a message may have 100,000 recipients, in as many
   domains or in one. */
static void sort_keys(qq_keyer *k)
{
  size_t const *ends = genalloc_s(size_t, &k->ends);
  size_t const n = genalloc_len(size_t, &k->ends);
  size_t i, kept = 0;
  qq_piece *keys;
  qq_demand_memory(genalloc_ready(qq_piece, &k->keys, n));
  keys = genalloc_s(qq_piece, &k->keys);
  for (i = 0; i < n; i++) {
    size_t const start = i ? ends[i - 1] : 0;
    keys[i].s = k->text.s + start;
    keys[i].n = ends[i] - start;
  }
  genalloc_setlen(qq_piece, &k->keys, n);
  qq_pieces_sort(&k->keys, qq_piece_compare);
  for (i = 0; i < n; i++)
    if (!kept || qq_piece_compare(&keys[kept - 1], &keys[i])) keys[kept++] = keys[i];
  genalloc_setlen(qq_piece, &k->keys, kept);
}

void qq_key_domain(stralloc *out, char const *s, size_t n)
{
  size_t at = n;
  while (at && s[at - 1] != '@') at--;
  qq_demand_memory(at && at < n ? qq_fold(out, s + at, n - at) : stralloc_append(out, '-'));
}

static void append_sender(qq_keyer *k, qq_message const *m)
{
  stralloc const *s = &m->sender;
  qq_demand_memory(s->len ? stralloc_catb(&k->text, s->s, s->len) : stralloc_cats(&k->text, "<>"));
}

/* That of VERP (`list-@host-@[]`, qmail-send.c:senderadd) is in front of the last @. */
static void append_sender_domain(qq_keyer *k, qq_message const *m)
{
  static char const verp[] = "-@[]";
  size_t const length = sizeof verp - 1;
  char const *s = m->sender.s;
  size_t const n = m->sender.len;
  int const is_verp = n > length && !memcmp(s + n - length, verp, length);
  qq_key_domain(&k->text, s, is_verp ? n - length : n);
}

static void make_domains(qq_keyer *k, qq_message const *m)
{
  qq_recipient const *r = genalloc_s(qq_recipient, &m->recipients);
  size_t const n = genalloc_len(qq_recipient, &m->recipients);
  size_t i;
  for (i = 0; i < n; i++)
    if (!r[i].done) {
      qq_key_domain(&k->text, qq_recipient_address(m, &r[i]), r[i].length);
      end_key(k);
    }
}

static void make_channels(qq_keyer *k, qq_message const *m)
{
  qq_queue const *q = m->shard->queue;
  unsigned int i;
  for (i = 0; i < q->channels && !m->is_new; i++) {
    if (!qq_message_undelivered(m, i)) continue;
    qq_demand_memory(stralloc_cats(&k->text, q->trees[QQ_CHANNEL + i]));
    end_key(k);
  }
  if (m->is_new) qq_must_fmt(&k->text, "new");
  if (!genalloc_len(size_t, &k->ends)) end_key(k);
}

/* The bucket of the age, as its limits in minutes. */
static void append_age(qq_keyer *k, qq_message const *m)
{
  unsigned int const bucket = qq_tally_bucket(k->now > m->stamp ? k->now - m->stamp : 0);
  unsigned int const to = QQ_TALLY_FIRST_MINUTES << bucket, from = bucket ? to / 2 : 0;
  if (bucket == QQ_TALLY_AGES - 1) qq_must_fmt(&k->text, "%um+", from);
  else qq_must_fmt(&k->text, "%um-%um", from, to);
}

/* Up to 1K, 4K, 16K, ... */
static void append_size(qq_keyer *k, qq_message const *m)
{
  static char const units[] = "KMGTPE";
  unsigned int power = 0;
  while (power < 25 && UINT64_C(1024) << 2 * power < m->size) power++;
  qq_must_fmt(&k->text, "<=%u%c", 1u << 2 * power % 10, units[power / 5]);
}

static void append_uid(qq_keyer *k, qq_message const *m)
{
  int const said = m->received.invoked == QQ_INVOKED_BY_UID;
  uint64_t const u = said ? m->received.uid : m->uid;
  if (said || m->is_new) qq_must_fmt(&k->text, "%llu", (unsigned long long)u);
}

static void append_ip(qq_keyer *k, qq_message const *m)
{
  qq_demand_memory(stralloc_cats(&k->text, m->received.ip));
}

static int learn_injection(qq_message *m)
{
  int const r = qq_message_envelope(m);
  return r == 1 ? qq_message_received(m) : r;
}

/* In the order of QQ_KEYS: what has to be known of the message, and what appends its one key, or
   makes its keys. */
static struct {
  int (*learn)(qq_message *);
  void (*append)(qq_keyer *, qq_message const *);
  void (*make)(qq_keyer *, qq_message const *);
} const kinds[] = {
  { qq_message_envelope, append_sender, 0 },
  { qq_message_envelope, append_sender_domain, 0 },
  { qq_message_recipients, 0, make_domains },
  { learn_injection, append_uid, 0 },
  { qq_message_received, append_ip, 0 },
  { qq_message_recipients, 0, make_channels },
  { qq_message_pin, append_age, 0 },
  { qq_message_pin, append_size, 0 }
};

int qq_keyer_read(qq_keyer *k, int by, qq_message *m)
{
  int const r = kinds[by].learn(m);
  if (r != 1) return r;
  k->text.len = 0;
  genalloc_setlen(size_t, &k->ends, 0);
  if (kinds[by].make) kinds[by].make(k, m);
  else {
    kinds[by].append(k, m);
    end_key(k);
  }
  sort_keys(k);
  return 1;
}
