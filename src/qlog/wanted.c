/* Lines of lives that have ended, to be printed in the order of the log: by the megabyte in which
   they stand, each megabyte as a list of packed places. */

#include <stdlib.h>
#include <qq/diagnostic.h>
#include "qlog.h"

#define SHIFT 20

static stralloc *parts;
static size_t count;

static stralloc *part_of(uint64_t at)
{
  size_t const which = (size_t)(at >> SHIFT);
  if (which >= count) {
    size_t const more = which / 2 * 3 + 16;
    parts = realloc(parts, more * sizeof *parts);
    qq_demand_memory(parts != 0);
    for (; count < more; count++) parts[count] = (stralloc)STRALLOC_ZERO;
  }
  return &parts[which];
}

void qlog_wanted_add(qq_life const *l)
{
  qq_trail_walk w = { l->trail, 0, 0 };
  qq_log_place p;
  while (qq_trail_next(&w, &p)) {
    unsigned char s[QQ_LOG_PLACE];
    size_t const n = qq_log_place_pack(s, &p, p.at >> SHIFT << SHIFT);
    qq_demand_memory(qq_append(part_of(p.at), (char const *)s, n));
  }
}

/* ---- printing ---- */

/* Where a whole is put together, all of its pieces have been met. */
static int compare(void const *x, void const *y)
{
  qq_log_place const *a = x, *b = y;
  if (a->at != b->at) return a->at < b->at ? -1 : 1;
  if (!a->n != !b->n) return a->n ? 1 : -1;
  return (a->whole > b->whole) - (a->whole < b->whole);
}

/* The places of a part, in order. */
static void unpack(genalloc *places, size_t which)
{
  stralloc const *part = &parts[which];
  size_t at = 0;
  genalloc_setlen(qq_log_place, places, 0);
  while (at < part->len) {
    qq_log_place p;
    at += qq_log_place_unpack((unsigned char const *)part->s + at, &p, (uint64_t)which << SHIFT);
    qq_demand_memory(genalloc_append(qq_log_place, places, &p));
  }
  if (places->len)
    qsort(genalloc_s(qq_log_place, places), genalloc_len(qq_log_place, places),
      sizeof(qq_log_place), compare);
  stralloc_free(&parts[which]);
}

/* A line of which pieces have been met. */
typedef struct whole { uint64_t number; stralloc text; } whole;
static genalloc wholes = GENALLOC_ZERO;

static whole *whole_of(uint64_t number)
{
  whole const fresh = { number, STRALLOC_ZERO };
  size_t i = genalloc_len(whole, &wholes);
  while (i--) if (genalloc_s(whole, &wholes)[i].number == number) break;
  if (i == (size_t)-1) {
    i = genalloc_len(whole, &wholes);
    qq_demand_memory(genalloc_append(whole, &wholes, &fresh));
  }
  return &genalloc_s(whole, &wholes)[i];
}

static void copy(stralloc *to, qq_log_place const *p)
{
  static stralloc why = STRALLOC_ZERO;
  qq_demand_done(qq_log_copy(qlog_log(), p, to, &why), &why);
}

static void print_place(qq_log_place const *p, qlog_print_line *print)
{
  static stralloc line = STRALLOC_ZERO;
  whole *w;
  if (!p->whole) {
    line.len = 0;
    copy(&line, p);
    print(&line);
    return;
  }
  w = whole_of(p->whole);
  copy(&w->text, p);
  if (p->n) return;
  print(&w->text);
  stralloc_free(&w->text);
  *w = genalloc_s(whole, &wholes)[genalloc_len(whole, &wholes) - 1];
  genalloc_setlen(whole, &wholes, genalloc_len(whole, &wholes) - 1);
}

void qlog_wanted_print(qlog_print_line *print)
{
  static stralloc why = STRALLOC_ZERO;
  genalloc places = GENALLOC_ZERO;
  size_t i, k;
  qq_demand_done(qq_log_rewind(qlog_log(), &why), &why);
  for (i = 0; i < count; i++) {
    unpack(&places, i);
    for (k = 0; k < genalloc_len(qq_log_place, &places); k++)
      print_place(&genalloc_s(qq_log_place, &places)[k], print);
  }
  genalloc_free(qq_log_place, &places);
}
