#include <string.h>
#include <skalibs/bytestr.h>
#include <qq/dotqmail.h>
#include <qq/text.h>

/* qmail-local forwards to whatever it does not know: `Maildir/', a line with a blank or a byte
   order mark in front, a list. */
static int is_odd(char const *s, size_t n)
{
  return !n || s[n - 1] == '/' || *s == '\\' || byte_in(s, n, " \t\r,;<>|", 8) < n
    || (n > 2 && !memcmp(s, "\xef\xbb\xbf", 3));
}

static int judge_forward(qq_dotqmail *q, char const *s, size_t n)
{
  return qq_verdict_add(q, QQ_VERDICT_FORWARD, s, n)
    && (!is_odd(s, n) || qq_verdict_add(q, QQ_VERDICT_ODD, s, n));
}

/* A line that does more than forward; refusal: what becomes of such lines, 0: they are carried
   out. */
static int judge_delivery(qq_dotqmail *q, char const *s, size_t n, qq_verdict_kind refusal)
{
  qq_verdict_kind const kind = *s == '|' ? QQ_VERDICT_PROGRAM
    : s[n - 1] == '/' ? QQ_VERDICT_MAILDIR : QQ_VERDICT_MBOX;
  size_t const sign = kind == QQ_VERDICT_PROGRAM;
  if (!qq_verdict_add(q, kind, s + sign, n - sign)) return 0;
  if (s[n - 1] == '\r' && !qq_verdict_add(q, QQ_VERDICT_ODD, s, n)) return 0;
  if (refusal) return qq_verdict_add(q, refusal, s, n);
  return (sign ? qq_dotqmail_judge_program : qq_dotqmail_judge_target)(q, s + sign, n - sign);
}

/* qmail-local does not see blanks at the end. */
static qq_piece without_blanks(qq_piece line)
{
  while (line.n && qq_is_blank(line.s[line.n - 1])) line.n--;
  return line;
}

int qq_dotqmail_forward(qq_piece line, qq_piece *to)
{
  line = without_blanks(line);
  if (!line.n || byte_in(line.s, 1, "#|./+", 5) < 1) return 0;
  if (*line.s == '&') qq_piece_skip(&line, 1);
  *to = line;
  return 1;
}

static int judge_line(qq_dotqmail *q, char const *s, size_t n, qq_verdict_kind *refusal)
{
  qq_piece to;
  if (qq_dotqmail_forward((qq_piece){ s, n }, &to)) return judge_forward(q, to.s, to.n);
  n = without_blanks((qq_piece){ s, n }).n;
  if (!n) return s > q->text.s || qq_verdict_add(q, QQ_VERDICT_BLANK, s, n);
  switch (*s) {
    case '#': return 1;
    case '|':
    case '.':
    case '/': return judge_delivery(q, s, n, *refusal);
    default: /* + */
      if (!*refusal && n == 5 && !memcmp(s, "+list", n)) *refusal = QQ_VERDICT_REFUSED_LIST;
      return qq_verdict_add(q, QQ_VERDICT_OTHER, s, n);
  }
}

int qq_dotqmail_judge_text(qq_dotqmail *q)
{
  size_t const before = genalloc_len(qq_verdict, &q->verdicts);
  qq_verdict_kind refusal = q->stat.st_mode & 0100 ? QQ_VERDICT_REFUSED : 0;
  qq_piece text = { q->text.s, q->text.len }, line;
  if (!text.n) return qq_verdict_add(q, QQ_VERDICT_EMPTY, 0, 0);
  while (!q->is_over && qq_piece_line(&text, &line))
    if (!judge_line(q, line.s, line.n, &refusal)) return 0;
  return genalloc_len(qq_verdict, &q->verdicts) > before
    || qq_verdict_add(q, QQ_VERDICT_NOTHING, 0, 0);
}
