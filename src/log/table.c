/* Open addressing with linear probing. */

#include <stdlib.h>
#include <unistd.h>
#include <qq/log.h>
#include <qq/when.h>

#define SIZE_MIN 16

/* What nobody who writes into a log can know: so nobody can make many numbers or texts that have
   the same hash. */
uint64_t qq_hash_seed;

void qq_hash_begin(void)
{
  if (!qq_hash_seed) qq_hash_seed = qq_digest_numbers(qq_now(), (uint64_t)getpid());
}

/* By words: a product for each byte would wait for the one before. */
uint64_t qq_hash_bytes(char const *s, size_t n)
{
  uint64_t h = qq_hash_seed ^ n, rest = 0;
  for (; n >= 8; n -= 8, s += 8) h = qq_digest_numbers(h, qq_eight_at(s));
  while (n--) rest = rest << 8 | (unsigned char)*s++;
  return qq_digest_numbers(h, rest);
}

uint64_t qq_digest_bytes(char const *s, size_t n)
{
  uint64_t h = UINT64_C(0xcbf29ce484222325) ^ n;
  while (n--) h = (h ^ (unsigned char)*s++) * UINT64_C(0x100000001b3);
  return h ^ h >> 32;
}

static void put(qq_table *t, uint64_t hash, void *value)
{
  size_t i = (size_t)hash & (t->size - 1);
  while (t->slots[i].value) i = (i + 1) & (t->size - 1);
  t->slots[i].hash = hash;
  t->slots[i].value = value;
}

/* In the order of a probe, so that what has the same hash keeps its order: it begins behind an
   empty slot. */
static int resize(qq_table *t, size_t size)
{
  qq_table const old = *t;
  size_t i, first = 0;
  t->slots = calloc(size, sizeof *t->slots);
  if (!t->slots) {
    *t = old;
    return 0;
  }
  t->size = size;
  while (old.size && old.slots[first].value) first++;
  for (i = 0; i < old.size; i++) {
    qq_slot const *s = &old.slots[(first + i) & (old.size - 1)];
    if (s->value) put(t, s->hash, s->value);
  }
  free(old.slots);
  return 1;
}

int qq_table_add(qq_table *t, uint64_t hash, void *value)
{
  if (t->count + 1 > t->size / 8 * 7 && !resize(t, t->size ? 2 * t->size : SIZE_MIN)) return 0;
  put(t, hash, value);
  t->count++;
  return 1;
}

/* What stands behind it and belongs at it or before moves up. */
void qq_table_remove(qq_table *t, qq_slot *slot)
{
  size_t const mask = t->size - 1;
  size_t hole = (size_t)(slot - t->slots), i;
  for (i = (hole + 1) & mask; t->slots[i].value; i = (i + 1) & mask) {
    size_t const home = (size_t)t->slots[i].hash & mask;
    if (((i - home) & mask) < ((i - hole) & mask)) continue;
    t->slots[hole] = t->slots[i];
    hole = i;
  }
  t->slots[hole].value = 0;
  t->count--;
}

void qq_table_free(qq_table *t)
{
  free(t->slots);
  t->slots = 0;
  t->size = t->count = 0;
}
