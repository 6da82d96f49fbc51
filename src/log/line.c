/* A line: what the logger has put in front of it, and the event behind that. */

#include <string.h>
#include <qq/log.h>

/* The byte order mark. */
#define BOM "\xef\xbb\xbf"

/* The next word, up to a blank, which goes with it. */
static qq_piece take_word(qq_piece *t)
{
  qq_piece word = { t->s, 0 };
  while (word.n < t->n && t->s[word.n] != ' ') word.n++;
  qq_piece_skip(t, word.n);
  qq_piece_skip_blanks(t);
  return word;
}

/* Says whether the list has the word, whatever is in that, between blanks. */
static int is_among(char const *list, char const *word, size_t n)
{
  char const *at = list, *end;
  for (; (end = strchr(at + 1, ' ')); at = end)
    if ((size_t)(end - at) == n + 1 && !memcmp(at + 1, word, n)) return 1;
  return 0;
}

/* FACILITY.LEVEL of syslog, as mail.info. */
static int is_priority(qq_piece word)
{
  static char const facilities[] = " mail daemon user syslog local0 local1 local2 local3 local4"
    " local5 local6 local7 ";
  static char const levels[] = " debug info notice warning warn err error crit alert emerg panic ";
  char const *dot = word.n ? memchr(word.s, '.', word.n) : 0;
  size_t const n = dot ? (size_t)(dot - word.s) : 0;
  return dot && is_among(facilities, word.s, n) && is_among(levels, dot + 1, word.n - n - 1);
}

/* `TAG:' or `TAG[PID]:'. */
static int is_tag(qq_piece word, qq_piece *tag)
{
  char const *bracket;
  if (word.n < 2 || word.s[word.n - 1] != ':') return 0;
  word.n--;
  bracket = word.s[word.n - 1] == ']' ? memchr(word.s, '[', word.n) : 0;
  if (bracket) word.n = (size_t)(bracket - word.s);
  *tag = word;
  return word.n != 0;
}

/* [TAG], which metalog has. */
static int is_bracketed(qq_piece word, qq_piece *tag)
{
  if (word.n < 3 || *word.s != '[' || word.s[word.n - 1] != ']') return 0;
  *tag = (qq_piece){ word.s + 1, word.n - 2 };
  return 1;
}

/* Takes `HOST TAG[PID]: ' or `TAG[PID]: ' off the text, with <mail.info> in front of it or not
   (FreeBSD's syslogd -v), or mail.info between (busybox's syslogd). */
static int take_host_and_tag(qq_log_line *l)
{
  qq_piece t = l->text, first = take_word(&t);
  int r;
  if (first.n > 2 && *first.s == '<' && first.s[first.n - 1] == '>') first = take_word(&t);
  r = is_tag(first, &l->tag) || is_bracketed(first, &l->tag);
  if (!r) {
    qq_piece second = take_word(&t);
    if (is_priority(second)) second = take_word(&t);
    r = is_tag(second, &l->tag);
    if (r) l->host = first;
  }
  if (r) l->text = t;
  return r;
}

/* ---- RFC 5424: <PRI>1 STAMP HOST TAG PID MSGID SD MESSAGE ---- */

/* One element, [...], or -; quoted values may have anything behind a backslash. */
static int take_structured_data(qq_piece *t)
{
  size_t i = 0;
  int is_quoted = 0;
  if (t->n && *t->s == '-') qq_piece_skip(t, 1);
  while (t->n && *t->s == '[') {
    for (i = 1; i < t->n && (is_quoted || t->s[i] != ']'); i++) {
      if (t->s[i] == '\\') i++;
      else if (t->s[i] == '"') is_quoted = !is_quoted;
    }
    if (i >= t->n) return 0;
    qq_piece_skip(t, i + 1);
  }
  return 1;
}

static int take_priority(qq_piece *t)
{
  size_t n = 1;
  while (n < t->n && n < 4 && t->s[n] >= '0' && t->s[n] <= '9') n++;
  if (n == 1 || n == t->n || t->s[n] != '>') return 0;
  qq_piece_skip(t, n + 1);
  return 1;
}

static int take_rfc5424(qq_log_line *l, qq_log_clock *c)
{
  qq_piece *t = &l->text;
  if (*t->s != '<' || !take_priority(t)) return 0;
  if (t->n < 2 || memcmp(t->s, "1 ", 2)) return qq_log_stamp_scan(l, c) && take_host_and_tag(l);
  qq_piece_skip(t, 2);
  if (!qq_log_stamp_scan(l, c)) take_word(t);
  l->host = take_word(t);
  l->tag = take_word(t);
  take_word(t);
  take_word(t);
  if (!take_structured_data(t)) return 0;
  qq_piece_skip_blanks(t);
  qq_piece_take(t, BOM);
  return 1;
}

/* ---- all together ---- */

/* Of Solaris: [ID 748625 mail.info]. */
static void skip_message_id(qq_piece *t)
{
  char const *end;
  if (t->n < 4 || memcmp(t->s, "[ID ", 4) || !(end = memchr(t->s, ']', t->n))) return;
  qq_piece_skip(t, (size_t)(end + 1 - t->s));
  qq_piece_skip_blanks(t);
}

/* Behind the tag there may be the stamp of splogger, which has a year and no zone. */
static int scan_tagged(qq_log_line *l, qq_log_clock *c)
{
  int r;
  skip_message_id(&l->text);
  r = qq_log_inner_stamp_scan(l, c);
  if (r == 2) return 2;
  l->is_cut = r && l->text.n == QQ_LOG_SPLOGGER_CHUNK;
  if (!l->is_cut) qq_log_event_scan(l);
  return 1;
}

static int scan_rest(qq_log_line *l, qq_log_clock *c)
{
  return take_host_and_tag(l) ? scan_tagged(l, c) : 1;
}

/* Of containers: the stream, and that it is a full line. */
static void skip_stream(qq_piece *t)
{
  if (!qq_piece_take(t, "stdout F ")) qq_piece_take(t, "stderr F ");
}

static int scan_plain(qq_log_line *l, qq_log_clock *c)
{
  int const r = qq_log_stamp_scan(l, c);
  if (r == 2) return 2;
  if (r) skip_stream(&l->text);
  if (r && l->text.n && *l->text.s == '@') qq_log_inner_stamp_scan(l, c);
  return qq_log_event_scan(l) ? 1 : scan_rest(l, c);
}

/* Behind TAI64N there may be another stamp (s6-log t T), or all that a syslog has put in front,
   with the priority first (socklog). The first one is exact. */
static int scan_behind_tai(qq_log_line *l, qq_log_clock *c)
{
  uint64_t const stamp = l->stamp;
  qq_piece t = l->text, word;
  int r;
  if (qq_log_event_scan(l)) return 1;
  word = take_word(&t);
  if (word.n > 1 && word.s[word.n - 1] == ':'
    && is_priority((qq_piece){ word.s, word.n - 1 })) l->text = t;
  t = l->text;
  r = qq_log_stamp_scan(l, c);
  l->stamp = stamp;
  l->is_yearless = 0;
  if (r == 2) l->text = t;              /* no piece of splogger's is behind TAI64N */
  if (r) c->count = QQ_LOG_STAMPS + 1;  /* no front: it would go by the last */
  if (r == 1 && qq_log_event_scan(l)) return 1;
  return scan_rest(l, c);
}

int qq_log_line_scan(qq_log_line *l, qq_log_clock *c)
{
  static qq_piece const none = { "", 0 };
  int r;
  l->stamp = QQ_LOG_UNKNOWN;
  l->host = l->tag = l->unit = l->queue = none;
  l->event = QQ_LOG_OTHER;
  l->is_cut = l->is_yearless = 0;
  l->origin = 0;
  c->count = 0;
  l->text = l->raw;
  if (l->text.n && l->text.s[l->text.n - 1] == '\n') l->text.n--;
  qq_piece_take(&l->text, BOM);
  if (l->text.n && qq_is_blank(*l->text.s)) qq_piece_skip_blanks(&l->text);
  if (!l->text.n) return 1;
  switch (*l->text.s) {
    case '@': return qq_log_tai_scan(l, c) ? scan_behind_tai(l, c) : scan_rest(l, c);
    case '<': return take_rfc5424(l, c) ? scan_tagged(l, c) : 1;
    case '{': case '_':
      r = qq_log_journal_scan(l, c);
      return r > 0 ? scan_tagged(l, c) : r < 0 ? -1 : scan_plain(l, c);
    default: return scan_plain(l, c);
  }
}
