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
static void decide(quoter *q, stralloc *out)
{
  size_t const quotes = q->quotes + (q->matched == SEPARATOR);
  qq_demand_memory(qq_room(out, quotes));
  memset(out->s + out->len, '>', quotes);
  out->len += quotes;
  qq_demand_memory(stralloc_catb(out, separator, q->matched));
  q->quotes = q->matched = 0;
  q->inside = 1;
}

/* Takes a byte at the beginning of a line. Returns 0 if that decides it, and the byte is still to
   be copied. */
static int hold_back(quoter *q, stralloc *out, char c)
{
  int const is_quote = !q->matched && c == '>';
  if (!is_quote && c != separator[q->matched]) {
    decide(q, out);
    return 0;
  }
  if (is_quote) q->quotes++;
  else q->matched++;
  q->last = c;
  if (q->matched == SEPARATOR) decide(q, out);
  return 1;
}

static void quote(quoter *q, stralloc *out, char const *s, size_t n)
{
  qq_piece text = { s, n }, line;
  while (text.n) {
    if (!q->inside && hold_back(q, out, *text.s)) {
      text.s++;
      text.n--;
      continue;
    }
    s = text.s;
    qq_piece_line(&text, &line);
    qq_demand_memory(stralloc_catb(out, s, (size_t)(text.s - s)));
    q->last = text.s[-1];
    q->inside = q->last != '\n';
  }
}

/* `From SENDER DATE`, as qmail-local writes it: white space in the sender becomes a hyphen, an
   empty one MAILER-DAEMON. */
static void append_from_line(stralloc *out, qq_message const *m)
{
  static char const days[] = "SunMonTueWedThuFriSat";
  time_t const t = (time_t)(m->stamp / QQ_SECOND);
  struct tm tm;
  size_t i;
  qq_must_fmt(out, "%s", separator);
  for (i = 0; i < m->sender.len; i++) {
    unsigned char const c = (unsigned char)m->sender.s[i];
    qq_demand_memory(stralloc_append(out, c <= ' ' || c == 0x7f ? '-' : (char)c));
  }
  if (!gmtime_r(&t, &tm)) memset(&tm, 0, sizeof tm);
  qq_must_fmt(out, "%s %.3s %.3s %2d %02d:%02d:%02d %d\n", m->sender.len ? "" : "MAILER-DAEMON",
    days + 3 * tm.tm_wday, qq_months + 3 * tm.tm_mon, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
    tm.tm_year + 1900);
}

int qq_cat_mbox(qq_cat *c, qq_message *m)
{
  quoter q = { 0, 0, 0, '\n' };
  static char s[PIECE];
  uint64_t offset = 0;
  size_t got = 1;
  int r = qq_message_envelope(m);
  if (r != 1) return r;
  c->text.len = 0;
  append_from_line(&c->text, m);
  while (got) {
    r = qq_message_read(m, offset, s, sizeof s, &got);
    if (r != 1) return r;
    quote(&q, &c->text, s, got);
    if (!got && !q.inside) decide(&q, &c->text);
    if (!got) qq_must_fmt(&c->text, q.last == '\n' ? "\n" : "\n\n");
    qq_cat_write(c->text.s, c->text.len);
    c->text.len = 0;
    offset += got;
  }
  return 1;
}
