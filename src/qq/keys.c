#include <stdlib.h>
#include <string.h>
#include <qq/diagnostic.h>
#include <qq/text.h>
#include "show.h"
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
   domains or in one. each: the recipients that one of them stands for. */
static void sort_keys(qq_keyer *k, uint64_t each)
{
  size_t const *ends = genalloc_s(size_t, &k->ends);
  size_t const n = genalloc_len(size_t, &k->ends);
  size_t i, kept = 0;
  qq_key *keys;
  qq_demand_memory(genalloc_ready(qq_key, &k->keys, n));
  keys = genalloc_s(qq_key, &k->keys);
  for (i = 0; i < n; i++) {
    size_t const start = i ? ends[i - 1] : 0;
    keys[i].text.s = k->text.s + start;
    keys[i].text.n = ends[i] - start;
    keys[i].recipients = each;
  }
  if (n > 1) qsort(keys, n, sizeof *keys, qq_piece_compare);
  for (i = 0; i < n; i++)
    if (!kept || qq_piece_compare(&keys[kept - 1], &keys[i])) keys[kept++] = keys[i];
    else keys[kept - 1].recipients += each;
  genalloc_setlen(qq_key, &k->keys, kept);
}

void qq_key_domain(stralloc *out, qq_piece domain)
{
  stralloc spelled = STRALLOC_ZERO;
  if (qq_idn_is_in(domain.s, domain.n)) {
    qq_demand_memory(qq_idn_spell(&spelled, domain.s, domain.n));
    domain = qq_piece_of(&spelled);
  }
  qq_demand_memory(domain.n ? qq_fold(out, domain.s, domain.n) : stralloc_append(out, '-'));
  stralloc_free(&spelled);
}

/* As it stands, but for its domain in other letters than ASCII. */
static void append_address(qq_keyer *k, char const *s, size_t n)
{
  qq_demand_memory(qq_idn_is_in(s, n) ? qq_idn_spell(&k->text, s, n)
    : stralloc_catb(&k->text, s, n));
}

static void append_sender(qq_keyer *k, qq_message const *m)
{
  if (m->sender.len) append_address(k, m->sender.s, m->sender.len);
  else qq_demand_memory(stralloc_cats(&k->text, "<>"));
}

static void append_sender_domain(qq_keyer *k, qq_message const *m)
{
  qq_key_domain(&k->text, qq_sender_domain(m));
}

/* ---- of each recipient that waits ---- */

static void append_to(qq_keyer *k, qq_message const *m, qq_recipient const *r)
{
  qq_piece const address = qq_recipient_plain(m, r);
  append_address(k, address.s, address.n);
}

static void append_to_domain(qq_keyer *k, qq_message const *m, qq_recipient const *r)
{
  qq_key_domain(&k->text, qq_address_domain(qq_recipient_address(m, r), r->length));
}

static void append_channel(qq_keyer *k, qq_message const *m, qq_recipient const *r)
{
  char *const *trees = m->shard->queue->trees;
  qq_must_fmt(&k->text, "%s", r->channel < 0 ? "new" : trees[QQ_CHANNEL + r->channel]);
}

/* ---- of the message ---- */

static void append_field(qq_keyer *k, qq_message const *m)
{
  (void)m;
  if (!k->field.found) return;
  if (!k->charsets) k->charsets = qq_charsets_new();
  qq_demand_memory(k->charsets
    && qq_field_decode(k->charsets, &k->header, &k->line, &k->text, &k->field) > 0);
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
  qq_demand_memory(stralloc_cats(&k->text, m->received.origin.ip));
  k->claims += *m->received.claimed.ip != 0;
}

static void append_login(qq_keyer *k, qq_message const *m)
{
  qq_piece const login = m->received.origin.login;
  qq_demand_memory(qq_append(&k->text, login.s, login.n));
  k->claims += m->received.claimed.login.n != 0;
}

static int learn_envelope(qq_keyer *k, qq_message *m)
{
  (void)k;
  return qq_message_envelope(m);
}

static int learn_received(qq_keyer *k, qq_message *m)
{
  (void)k;
  return qq_message_received(m);
}

static int learn_injection(qq_keyer *k, qq_message *m)
{
  int const r = qq_message_envelope(m);
  return r == 1 ? learn_received(k, m) : r;
}

static int learn_field(qq_keyer *k, qq_message *m)
{
  k->field.name = k->by->field ? k->by->field : "Subject";
  return qq_message_header(m, &k->header, &k->field, 1);
}

/* In the order of QQ_KEYS: what has to be known of the message, but for recipients, and what
   appends its one key, or the key of one recipient. */
static struct {
  int (*learn)(qq_keyer *, qq_message *);
  void (*append)(qq_keyer *, qq_message const *);
  void (*append_of)(qq_keyer *, qq_message const *, qq_recipient const *);
} const kinds[] = {
  { learn_envelope, append_sender, 0 },
  { learn_envelope, append_sender_domain, 0 },
  { 0, 0, append_to },
  { 0, 0, append_to_domain },
  { learn_field, append_field, 0 },
  { learn_field, append_field, 0 },
  { learn_injection, append_uid, 0 },
  { learn_received, append_ip, 0 },
  { learn_received, append_login, 0 },
  { 0, 0, append_channel },
  { 0, append_age, 0 },
  { 0, append_size, 0 }
};

char const *qq_by_field(char const *value)
{
  static char const header[] = "header:";
  char const *name = value + strlen(header);
  return !strncmp(value, header, strlen(header)) && *name && !strchr(name, ':') ? name : 0;
}

int qq_by_recipients(qq_by const *by)
{
  return kinds[by->kind].append_of != 0;
}

int qq_by_origin(qq_by const *by)
{
  return kinds[by->kind].learn == learn_received;
}

/* A message may have none. */
static void make_keys_of_recipients(qq_keyer *k, qq_message const *m)
{
  qq_recipient const *r = genalloc_s(qq_recipient, &m->recipients);
  qq_recipient const *const end = r + genalloc_len(qq_recipient, &m->recipients);
  for (; r < end; r++) {
    if (r->done) continue;
    kinds[k->by->kind].append_of(k, m, r);
    end_key(k);
  }
  if (!genalloc_len(size_t, &k->ends)) end_key(k);
}

static uint64_t count_waiting(qq_message const *m)
{
  size_t more;
  return qq_show_waiting(m, &more) ? 1 + more : 0;
}

int qq_keyer_read(qq_keyer *k, qq_message *m)
{
  int const of_recipients = qq_by_recipients(k->by);
  int r = 1;
  if (kinds[k->by->kind].learn) r = kinds[k->by->kind].learn(k, m);
  if (r == 1 && k->by->counts_recipients) r = qq_message_recipients(m);
  if (r != 1) return r;
  k->recipients = k->by->counts_recipients ? count_waiting(m) : 0;
  k->text.len = 0;
  genalloc_setlen(size_t, &k->ends, 0);
  if (of_recipients) make_keys_of_recipients(k, m);
  else {
    kinds[k->by->kind].append(k, m);
    end_key(k);
  }
  sort_keys(k, of_recipients ? k->recipients != 0 : k->recipients);
  return 1;
}
