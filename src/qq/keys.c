#include <stdlib.h>
#include <string.h>
#include <qq/diagnostic.h>
#include <qq/utf8.h>
#include "stat.h"

/* Ends the key that was appended to text. */
static void end_key(qq_keyer *k)
{
  if (k->text.len == k->start && !stralloc_append(&k->text, '-')) qq_die_memory();
  if (!genalloc_append(size_t, &k->starts, &k->start)) qq_die_memory();
  k->start = k->text.len;
}

static int compare(void const *a, void const *b)
{
  qq_key_text const *x = a, *y = b;
  int const r = memcmp(x->s, y->s, x->length < y->length ? x->length : y->length);
  return r ? r : x->length < y->length ? -1 : x->length > y->length;
}

/* Sorts the keys and takes out duplicates: a message may have 100,000 recipients, in as many
   domains or in one. */
static void make_keys(qq_keyer *k)
{
  size_t const *starts = genalloc_s(size_t, &k->starts);
  size_t const n = genalloc_len(size_t, &k->starts);
  size_t i, kept = 0;
  qq_key_text *keys;
  if (!genalloc_ready(qq_key_text, &k->keys, n)) qq_die_memory();
  keys = genalloc_s(qq_key_text, &k->keys);
  for (i = 0; i < n; i++) {
    keys[i].s = k->text.s + starts[i];
    keys[i].length = (i + 1 < n ? starts[i + 1] : k->text.len) - starts[i];
  }
  if (n) qsort(keys, n, sizeof *keys, compare);
  for (i = 0; i < n; i++)
    if (!kept || compare(&keys[kept - 1], &keys[i])) keys[kept++] = keys[i];
  genalloc_setlen(qq_key_text, &k->keys, kept);
}

/* Behind the last @. */
static void domain(qq_keyer *k, char const *s, size_t n)
{
  size_t at = n;
  while (at && s[at - 1] != '@') at--;
  if (at && !qq_fold(&k->text, s + at, n - at)) qq_die_memory();
  end_key(k);
}

/* Behind the last @, that of VERP (`list-@host-@[]`, qmail-send.c:senderadd) left out. */
static void sender_domain(qq_keyer *k, char const *s, size_t n)
{
  static char const verp[] = "-@[]";
  size_t const length = sizeof verp - 1;
  domain(k, s, n > length && !memcmp(s + n - length, verp, length) ? n - length : n);
}

static void domains(qq_keyer *k, qq_message const *m)
{
  qq_recipient const *r = genalloc_s(qq_recipient, &m->recipients);
  size_t const n = genalloc_len(qq_recipient, &m->recipients);
  size_t i;
  for (i = 0; i < n; i++)
    if (!r[i].done) domain(k, qq_recipient_address(m, &r[i]), r[i].length);
}

static void channels(qq_keyer *k, qq_message const *m)
{
  qq_queue const *q = m->shard->queue;
  unsigned int i;
  for (i = 0; i < q->channels && !m->is_new; i++) {
    if (!qq_message_undelivered(m, i)) continue;
    if (!stralloc_cats(&k->text, q->trees[QQ_CHANNEL + i])) qq_die_memory();
    end_key(k);
  }
  if (m->is_new && !stralloc_cats(&k->text, "new")) qq_die_memory();
  if (!genalloc_len(size_t, &k->starts)) end_key(k);
}

/* The bucket of the age, as its limits in minutes. */
static void age(qq_keyer *k, qq_message const *m)
{
  unsigned int const bucket = qq_tally_bucket(k->now > m->stamp ? k->now - m->stamp : 0);
  unsigned int const from = bucket ? QQ_TALLY_FIRST_MINUTES << (bucket - 1) : 0;
  if (!(bucket == QQ_TALLY_AGES - 1 ? qq_say(&k->text, "%um+", from) : qq_say(&k->text, "%um-%um", from, QQ_TALLY_FIRST_MINUTES << bucket)))
    qq_die_memory();
  end_key(k);
}

/* Up to 1K, 4K, 16K, ... */
static void size(qq_keyer *k, qq_message const *m)
{
  static char const units[] = "KMGTPE";
  unsigned int power = 0;
  while (power < 25 && UINT64_C(1024) << 2 * power < m->size) power++;
  if (!qq_say(&k->text, "<=%u%c", 1u << 2 * power % 10, units[power / 5])) qq_die_memory();
  end_key(k);
}

static void uid(qq_keyer *k, qq_message const *m)
{
  uint64_t const u = m->received.invoked == QQ_INVOKED_BY_UID ? m->received.uid : m->uid;
  if ((m->received.invoked == QQ_INVOKED_BY_UID || m->is_new) && !qq_say(&k->text, "%llu", (unsigned long long)u)) qq_die_memory();
  end_key(k);
}

static int load(qq_key key, qq_message *m)
{
  int r = 1;
  switch (key) {
    case QQ_KEY_FROM: case QQ_KEY_FROM_DOMAIN: return qq_message_envelope(m);
    case QQ_KEY_TO_DOMAIN: case QQ_KEY_CHANNEL: return qq_message_recipients(m);
    case QQ_KEY_UID: r = qq_message_envelope(m); return r == 1 ? qq_message_received(m) : r;
    case QQ_KEY_IP: return qq_message_received(m);
    default: return r;
  }
}

int qq_keyer_read(qq_keyer *k, qq_key key, qq_message *m)
{
  int const r = load(key, m);
  if (r != 1) return r;
  k->start = k->text.len = 0;
  genalloc_setlen(size_t, &k->starts, 0);
  switch (key) {
    case QQ_KEY_FROM:
      if (!stralloc_cats(&k->text, m->sender.len ? "" : "<>") || !stralloc_catb(&k->text, m->sender.s, m->sender.len)) qq_die_memory();
      end_key(k);
      break;
    case QQ_KEY_FROM_DOMAIN: sender_domain(k, m->sender.s, m->sender.len); break;
    case QQ_KEY_TO_DOMAIN: domains(k, m); break;
    case QQ_KEY_UID: uid(k, m); break;
    case QQ_KEY_IP:
      if (!stralloc_cats(&k->text, m->received.ip)) qq_die_memory();
      end_key(k);
      break;
    case QQ_KEY_CHANNEL: channels(k, m); break;
    case QQ_KEY_AGE: age(k, m); break;
    case QQ_KEY_SIZE: size(k, m); break;
  }
  make_keys(k);
  return 1;
}
