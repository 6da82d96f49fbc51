#include <string.h>
#include <time.h>
#include <qq/diagnostic.h>
#include <qq/text.h>
#include <qq/when.h>
#include "cat.h"

#define PIECE 65536

/* Quoting of lines that look like a separator: `>` before `>*From ` (mboxrd). */
static char const separator[] = "From ";
#define SEPARATOR (sizeof separator - 1)

typedef struct quoter {
  size_t quotes;                /* `>` seen at the beginning of this line */
  size_t matched;               /* bytes of the separator seen behind them */
  int inside;                   /* the line was decided; what follows is copied up to its end */
  char last;
} quoter;

/* Lets out what was held back until it was clear whether the line is a separator. */
static int decide(quoter *q, stralloc *out)
{
  size_t i;
  if (q->matched == SEPARATOR && !stralloc_append(out, '>')) return 0;
  for (i = 0; i < q->quotes; i++)
    if (!stralloc_append(out, '>')) return 0;
  if (!stralloc_catb(out, separator, q->matched)) return 0;
  q->quotes = q->matched = 0;
  q->inside = 1;
  return 1;
}

static int quote(quoter *q, stralloc *out, char const *s, size_t n)
{
  while (n) {
    char const *end;
    size_t length;
    if (!q->inside) {
      if (!q->matched && *s == '>') q->quotes++;
      else if (*s == separator[q->matched]) q->matched++;
      else {
        if (!decide(q, out)) return 0;
        continue;
      }
      q->last = *s++;
      n--;
      if (q->matched == SEPARATOR && !decide(q, out)) return 0;
      continue;
    }
    end = memchr(s, '\n', n);
    length = end ? (size_t)(end - s) + 1 : n;
    if (!stralloc_catb(out, s, length)) return 0;
    q->last = s[length - 1];
    if (end) q->inside = 0;
    s += length;
    n -= length;
  }
  return 1;
}

/* `From SENDER DATE`, as qmail-local writes it: white space in the sender becomes a hyphen, an
   empty one MAILER-DAEMON. */
static int from_line(stralloc *out, qq_message const *m)
{
  static char const days[] = "SunMonTueWedThuFriSat", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  time_t const t = (time_t)(m->stamp / QQ_SECOND);
  struct tm tm;
  size_t i;
  if (!stralloc_cats(out, separator)) return 0;
  for (i = 0; i < m->sender.len; i++) {
    unsigned char const c = (unsigned char)m->sender.s[i];
    if (!stralloc_append(out, c <= ' ' || c == 0x7f ? '-' : (char)c)) return 0;
  }
  if (!m->sender.len && !stralloc_cats(out, "MAILER-DAEMON")) return 0;
  if (!gmtime_r(&t, &tm)) memset(&tm, 0, sizeof tm);
  return qq_say(out, " %.3s %.3s %2d %02d:%02d:%02d %d\n", days + 3 * tm.tm_wday, months + 3 * tm.tm_mon, tm.tm_mday,
    tm.tm_hour, tm.tm_min, tm.tm_sec, tm.tm_year + 1900);
}

int qq_cat_mbox(qq_cat *c, qq_message *m)
{
  quoter q = { 0, 0, 0, '\n' };
  char s[PIECE];
  uint64_t offset = 0;
  size_t got = 1;
  int r = qq_message_envelope(m);
  if (r != 1) return r;
  c->text.len = 0;
  if (!from_line(&c->text, m)) qq_die_memory();
  while (got) {
    r = qq_message_read(m, offset, s, sizeof s, &got);
    if (r != 1) return r;
    if (!quote(&q, &c->text, s, got)) qq_die_memory();
    if (!got && ((!q.inside && !decide(&q, &c->text)) || (q.last != '\n' && !stralloc_append(&c->text, '\n')) || !stralloc_append(&c->text, '\n')))
      qq_die_memory();
    qq_cat_write(c->text.s, c->text.len);
    c->text.len = 0;
    offset += got;
  }
  return 1;
}
