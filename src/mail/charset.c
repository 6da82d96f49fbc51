#include <stdlib.h>
#include <string.h>
#include <qq/charset.h>
#include <qq/text.h>

/* Conversions that are kept open: those of one text, one for the stream, and one to spare. */
#define KEPT (QQ_CHARSETS_A_TEXT + 2)

typedef struct kept {
  char name[QQ_CHARSET_NAME_MAX + 1];   /* empty: free */
  int known;                    /* there is such a set, and conversion is open */
  qq_conversion conversion;
  unsigned long text;           /* that named it last */
  unsigned long used;
} kept;

struct qq_charsets {
  kept open[KEPT];
  unsigned long uses, text;
  unsigned int seen;            /* sets that this text has named */
  unsigned int marked;          /* uses of those with a byte order mark */
  kept *stream;                 /* the one that is in use by the stream */
  stralloc tail;                /* what of the stream waits for more */
  stralloc scratch;
};

qq_charsets *qq_charsets_new(void)
{
  qq_charsets *const cs = calloc(1, sizeof(*cs));
  if (cs) qq_charsets_begin(cs);
  return cs;
}

static void forget(kept *k)
{
  if (k->known) qq_conversion_close(&k->conversion);
  k->known = 0;
}

void qq_charsets_free(qq_charsets *cs)
{
  size_t i;
  if (!cs) return;
  for (i = 0; i < KEPT; i++) forget(&cs->open[i]);
  stralloc_free(&cs->tail);
  stralloc_free(&cs->scratch);
  free(cs);
}

stralloc *qq_charsets_scratch(qq_charsets *cs)
{
  cs->scratch.len = 0;
  return &cs->scratch;
}

void qq_charsets_begin(qq_charsets *cs)
{
  cs->text++;
  cs->seen = cs->marked = 0;
}

/* The place of the name, or else of the longest unused one that this text has not named; there is
   one, because a text names fewer than KEPT. */
static kept *place_of(qq_charsets *cs, char const *name)
{
  kept *best = 0;
  size_t i;
  for (i = 0; i < KEPT; i++) {
    kept *const k = cs->open + i;
    if (k == cs->stream) continue;
    if (!strcmp(name, k->name)) return k;
    if (k->text != cs->text && (!best || k->used < best->used)) best = k;
  }
  return best;
}

/* Notes what came of opening it: what is not known to be unknown is asked for again. */
static int note(kept *k, int r)
{
  k->known = r > 0;
  if (r < 0) *k->name = 0;
  return r;
}

static int ready(qq_charsets *cs, kept *k)
{
  if (!k->known || (k->conversion.marked && cs->marked++ >= QQ_CHARSETS_MARKED)) return 0;
  return note(k, qq_conversion_restart(&k->conversion, k->name));
}

/* Finds a conversion in its initial state. Returns 1; 0 for an unknown set; -1 with errno. What it
   returns depends on this text alone, not on what was open before it. */
static int find_conversion(qq_charsets *cs, kept **found, char const *s, size_t n)
{
  char name[QQ_CHARSET_NAME_MAX + 1];
  kept *k;
  if (!qq_charset_name(name, s, n)) return 0;
  *found = k = place_of(cs, name);
  if (!k) return 0;
  if (k->text != cs->text || strcmp(name, k->name)) {
    if (cs->seen == QQ_CHARSETS_A_TEXT) return 0;
    cs->seen++;
  }
  if (strcmp(name, k->name)) {
    forget(k);
    memcpy(k->name, name, n + 1);
    if (note(k, qq_conversion_open(&k->conversion, name)) < 0) return -1;
  }
  k->text = cs->text;
  k->used = ++cs->uses;
  return ready(cs, k);
}

int qq_charset_convert(qq_charsets *cs, stralloc *out, char const *name, size_t name_length,
  char const *s, size_t n)
{
  size_t used;
  kept *k;
  int const r = find_conversion(cs, &k, name, name_length);
  return r == 1 ? qq_conversion_run(&k->conversion, out, s, n, 1, &used) : r;
}

int qq_charset_stream_start(qq_charsets *cs, char const *name, size_t name_length)
{
  kept *k;
  int r;
  cs->tail.len = 0;
  cs->stream = 0;
  r = find_conversion(cs, &k, name, name_length);
  if (r == 1) cs->stream = k;
  return r;
}

int qq_charset_stream(qq_charsets *cs, stralloc *out, char const *s, size_t n)
{
  int const last = !n;
  size_t used;
  if (!qq_room(&cs->tail, QQ_CONVERSION_REST_MAX)) return -1;
  if (cs->tail.len || last) {
    if (!qq_append(&cs->tail, s, n)) return -1;
    s = cs->tail.s;
    n = cs->tail.len;
  }
  if (qq_conversion_run(&cs->stream->conversion, out, s, n, last, &used) < 0) return -1;
  cs->tail.len = n - used;
  memmove(cs->tail.s, s + used, cs->tail.len);
  if (last) cs->stream = 0;
  return 1;
}
