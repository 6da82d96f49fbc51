/* What qmail-send says (qmail-send.c, with the words of its patches), behind all that a logger puts
   in front of it. */

#include <string.h>
#include <qq/names.h>
#include "log-private.h"

/* From here on the piece is what is left of the text. */

static int is_digit(char c)
{
  return c >= '0' && c <= '9';
}

/* Up to eight bytes of the piece, zeros behind its end. It has a word of eight bytes in front of
   it, or is that long itself. */
static QQ_ALWAYS_INLINE uint64_t up_to_eight(qq_piece t)
{
  if (t.n >= 8) return qq_eight_at(t.s);
  return t.n ? qq_eight_at(t.s + t.n - 8) >> (64 - 8 * t.n) : 0;
}

/* So many digits are below 2^64, whichever they are. */
#define SAFE_DIGITS 19

static int is_too_great(char const *s, char const *end)
{
  uint64_t v = 0;
  for (; s < end; s++) {
    unsigned int const digit = (unsigned int)(*s - '0');
    if (v > (UINT64_MAX - digit) / 10) return 1;
    v = v * 10 + digit;
  }
  return 0;
}

/* How many digits the number has that the text begins with; 0: it is none. */
static size_t scan_long_number(qq_piece t, uint64_t *u)
{
  char const *s = t.s, *const end = s + t.n;
  uint64_t v = 0;
  unsigned int digit;
  for (; s < end && (digit = (unsigned int)*s - '0') < 10; s++) v = v * 10 + digit;
  if (s - t.s > SAFE_DIGITS && is_too_great(t.s, s)) return 0;
  *u = v;
  return (size_t)(s - t.s);
}

/* Up to seven digits are taken at once. No address of the piece goes to what is not inline, so that
   it stays in registers: a piece is copied at once, which stalls until both halves are stored. */
static QQ_ALWAYS_INLINE int take_number(qq_piece *t, uint64_t *u)
{
  uint64_t const v = up_to_eight(*t) ^ QQ_EACH('0'), other = qq_no_digits(v);
  unsigned int bits;
  size_t n;
  if (!other) n = scan_long_number(*t, u);
  else {
    bits = (unsigned int)__builtin_ctzll(other) & 0x38;
    n = bits / 8;
    if (n) *u = qq_digits_value(v, bits);
  }
  qq_piece_skip(t, n);
  return n != 0;
}

/* One that a process or a user can have. */
static QQ_ALWAYS_INLINE int take_small(qq_piece *t, uint64_t *u)
{
  return take_number(t, u) && *u < UINT32_MAX;
}

static void trim(qq_piece *t)
{
  while (t->n && (qq_is_blank(t->s[t->n - 1]) || t->s[t->n - 1] == '\r')) t->n--;
}

/* Of what take_queue takes off the end, there may be some. */
static QQ_ALWAYS_INLINE int may_have_queue(qq_piece t)
{
  return t.n && t.s[t.n - 1] != '/' && t.s[t.n - 1] <= '9';     /* most texts have none */
}

/* indimail: ` queueN' at the end of what each of its qmail-send says. */
static void take_queue(qq_log_line *l)
{
  static char const word[] = " queue";
  size_t const length = sizeof word - 1;
  qq_piece *t = &l->text;
  size_t n;
  trim(t);
  n = t->n;
  while (n && is_digit(t->s[n - 1])) n--;
  if (n == t->n || n < length || memcmp(t->s + n - length, word, length)) return;
  l->queue.s = t->s + n - length + 1;
  l->queue.n = t->n - (n - length) - 1;
  t->n = n - length;
  trim(t);
}

/* Takes the address in front of the last > of the piece off it: an address may have any. */
static QQ_ALWAYS_INLINE int take_address(qq_piece *t, qq_piece *address)
{
  char const *const end = t->s + t->n, *next = t->s, *last = 0;
  while ((next = memchr(next, '>', (size_t)(end - next)))) last = next++;
  if (!last) return 0;
  address->s = t->s;
  address->n = (size_t)(last - t->s);
  qq_piece_skip(t, address->n + 1);
  return 1;
}

static int scan_info(qq_log_line *l, qq_piece t)
{
  l->event = QQ_LOG_INFO;
  l->qp = l->uid = QQ_LOG_UNKNOWN;
  if (!take_number(&t, &l->message) || !qq_piece_take(&t, ": bytes ") || !take_number(&t, &l->size)
    || !qq_piece_take(&t, " from <") || !take_address(&t, &l->address)) return 0;
  if (qq_piece_take(&t, " qp ") && !take_small(&t, &l->qp)) return 0;
  return !qq_piece_take(&t, " uid ") || take_small(&t, &l->uid);
}

static int scan_loose(qq_log_line *l, qq_piece t)
{
  static char const suffix[] = " exiting";
  l->event = QQ_LOG_EXIT;
  if (!qq_piece_take(&t, "qmail-send: pid ") || !qq_piece_ends(t, suffix)) return 0;
  l->text.n -= sizeof suffix - 1;       /* what is in front of it may be the queue */
  if (may_have_queue(l->text)) take_queue(l);
  return 1;
}

static QQ_ALWAYS_INLINE int take_delivery(qq_log_line *l, qq_piece *t)
{
  uint64_t queue;
  l->delivery_queue = 0;
  if (!take_number(t, &l->delivery) || !l->delivery) return 0;     /* they begin with 1 */
  if (!qq_piece_take(t, ".")) return 1;
  if (!take_small(t, &queue)) return 0;
  l->delivery_queue = (uint32_t)queue;
  return 1;
}

static QQ_ALWAYS_INLINE int take_channel(qq_log_line *l, qq_piece *t)
{
  uint64_t n = 0;
  if (qq_piece_take(t, QQ_NAME_LOCAL)) l->channel = 0;
  else if (qq_piece_take(t, QQ_NAME_REMOTE)) l->channel = 1;
  else if (qq_piece_take(t, QQ_NAME_SUPPLEMENTAL) && take_number(t, &n) && n < UINT16_MAX - 2)
    l->channel = 2 + (unsigned int)n;
  else return 0;
  return qq_piece_take(t, " ");
}

static int scan_start(qq_log_line *l, qq_piece t)
{
  l->event = QQ_LOG_START;
  if (!take_delivery(l, &t) || !qq_piece_take(&t, ": msg ") || !take_number(&t, &l->message)
    || !qq_piece_take(&t, " to ") || !take_channel(l, &t) || t.n > UINT32_MAX) return 0;
  l->address = t;
  return t.n != 0;
}

static int scan_delivery(qq_log_line *l, qq_piece t)
{
  if (!take_delivery(l, &t) || !qq_piece_take(&t, ": ") || t.n > UINT32_MAX) return 0;
  l->reason = t;
  if (qq_piece_is(t, "report mangled, will defer")) l->event = QQ_LOG_DEFERRAL;
  else if (qq_piece_take(&t, "success:")) l->event = QQ_LOG_SUCCESS;
  else if (qq_piece_take(&t, "deferral:")) l->event = QQ_LOG_DEFERRAL;
  else if (qq_piece_take(&t, "failure:")) l->event = QQ_LOG_FAILURE;
  else if (qq_piece_take(&t, "log:")) l->event = QQ_LOG_NOTE;
  else return 0;
  if (t.n < l->reason.n) {
    qq_piece_take(&t, " ");
    l->reason = t;
  }
  return 1;
}

static int scan_bounce(qq_log_line *l, qq_piece t)
{
  l->event = QQ_LOG_BOUNCE;
  return take_number(&t, &l->message) && qq_piece_take(&t, " qp ") && take_small(&t, &l->qp)
    && !t.n;
}

static int scan_discard(qq_log_line *l, qq_piece t)
{
  l->event = QQ_LOG_DISCARD;
  return qq_piece_take(&t, QQ_NAME_BOUNCE "/") && take_number(&t, &l->message);
}

/* journald: Suppressed N messages from UNIT. */
static int scan_suppressed(qq_log_line *l, qq_piece t)
{
  uint64_t count;
  l->event = QQ_LOG_LOSS;
  if (!take_number(&t, &count) || !qq_piece_take(&t, " messages from ")) return 0;
  l->address = t;
  return t.n != 0;
}

/* rsyslog: imuxsock[...]: begin to drop messages due to rate-limiting. */
static int scan_dropped(qq_log_line *l, qq_piece t)
{
  static char const why[] = "due to rate-limiting";
  size_t const n = sizeof why - 1;
  size_t i;
  l->event = QQ_LOG_LOSS;
  l->address.n = 0;
  for (i = 0; i + n <= t.n; i++) if (!memcmp(t.s + i, why, n)) return 1;
  return 0;
}

/* ---- qmail-smtpd ---- */

/* The value of `NAME=VALUE ' in the text; empty if it has none. */
static qq_piece value_of(qq_piece t, char const *name)
{
  size_t const n = strlen(name);
  qq_piece v = { t.s, 0 };
  size_t i;
  for (i = 0; i + n <= t.n; i++)
    if ((!i || t.s[i - 1] == ' ') && !memcmp(t.s + i, name, n)) {
      v.s = t.s + i + n;
      while (i + n + v.n < t.n && v.s[v.n] != ' ') v.n++;
      break;
    }
  return v;
}

static int is_all_of_number(qq_piece t, uint64_t *u)
{
  return take_small(&t, u) && !t.n;
}

static int begin_smtp(qq_log_line *l)
{
  qq_piece const none = { "", 0 };
  l->event = QQ_LOG_SMTP;
  l->qp = l->pid = QQ_LOG_UNKNOWN;
  l->ip = l->helo = l->login = none;
  return 1;
}

/* sagredo's qmail-smtpd. */
static int scan_received(qq_log_line *l, qq_piece t)
{
  begin_smtp(l);
  l->ip = value_of(t, "remoteip=");
  l->helo = value_of(t, "helo=");
  l->login = value_of(t, "authuser=");
  return qq_piece_is(value_of(t, "result="), "accepted")
    && is_all_of_number(value_of(t, "qp="), &l->qp);
}

/* QmailToaster: mail recv: pid PID from <S> qp QP. */
static int scan_recv(qq_log_line *l, qq_piece t)
{
  begin_smtp(l);
  return qq_piece_take(&t, "pid ") && take_small(&t, &l->pid) && qq_piece_take(&t, " from <")
    && take_address(&t, &l->address) && qq_piece_take(&t, " qp ") && take_small(&t, &l->qp) && !t.n;
}

/* tcpserver: ok PID LHOST:LIP:LPORT RHOST:RIP:INFO:RPORT, where RIP may have colons; end PID. */
static int scan_tcpserver(qq_log_line *l, qq_piece t)
{
  int const is_end = qq_piece_take(&t, "end ");
  size_t n;
  begin_smtp(l);
  if (!is_end && !qq_piece_take(&t, "ok ")) return 0;
  if (!take_small(&t, &l->pid)) return 0;
  if (is_end) return 1;
  for (n = t.n; n && t.s[n - 1] != ' '; n--) ;
  qq_piece_skip(&t, n);
  while (t.n && *t.s != ':') qq_piece_skip(&t, 1);
  if (!qq_piece_take(&t, ":")) return 0;
  for (n = 0; n < 2; n++) {
    while (t.n && t.s[t.n - 1] != ':') t.n--;
    if (!t.n--) return 0;
  }
  l->ip = t;
  return t.n != 0;
}

/* Two lines in five are `status:', and of these only one counts: all others are known, too. */
static int scan_status(qq_log_line *l)
{
  static char const words[] = "status: exiting";
  size_t const n = sizeof words - 1;
  if (memcmp(l->text.s, words, 8)) return 0;
  l->event = QQ_LOG_OTHER;
  if (l->text.n < n || l->text.s[8] != 'e') return 1;
  take_queue(l);
  if (l->text.n == n && !memcmp(l->text.s, words, n)) l->event = QQ_LOG_EXIT;
  return 1;
}

typedef int scan_rest(qq_log_line *, qq_piece);

/* Scans what may end with a queue, behind the first n bytes. What is no event keeps its text. */
static int scan_queued(qq_log_line *l, size_t n, scan_rest *scan)
{
  qq_piece const text = l->text;
  qq_piece t;
  take_queue(l);
  t = l->text;
  if (t.n >= n) {
    qq_piece_skip(&t, n);
    if (scan(l, t)) return 1;
  }
  l->text = text;
  l->queue.n = 0;
  return 0;
}

/* Scans the rest of a text that begins with the word. */
static inline int begins(qq_log_line *l, char const *word, scan_rest *scan)
{
  qq_piece t = l->text;
  if (!qq_piece_take(&t, word)) return 0;
  return may_have_queue(l->text) ? scan_queued(l, strlen(word), scan) : scan(l, t);
}

static int scan_message(qq_log_line *l, qq_piece t)
{
  return take_number(&t, &l->message) && !t.n;
}

/* `new msg M' or the like. Where the number is all of it, no queue stands at its end. */
static QQ_ALWAYS_INLINE int begins_message(qq_log_line *l, char const *word, qq_log_event event)
{
  qq_piece t = l->text;
  if (!qq_piece_take(&t, word)) return 0;
  l->event = event;
  return scan_message(l, t)
    || (may_have_queue(l->text) && scan_queued(l, strlen(word), scan_message));
}

static inline int scan(qq_log_line *l)
{
  switch (*l->text.s) {
    case 'd': return begins(l, "delivery ", scan_delivery)
      || begins(l, "double bounce: discarding ", scan_discard);
    case 's': return l->text.s[3] == 't' ? scan_status(l)
      : begins(l, "starting delivery ", scan_start);
    case 'n': return begins_message(l, "new msg ", QQ_LOG_NEW);
    case 'i': return begins(l, "info msg ", scan_info) || begins(l, "info: ", scan_loose)
      || begins(l, "imuxsock", scan_dropped);
    case 'e': return begins_message(l, "end msg ", QQ_LOG_END);
    case 'b': return begins(l, "bounce msg ", scan_bounce);
    case 't': return begins(l, "triple bounce: discarding ", scan_discard)
      || begins(l, "tcpserver: ", scan_tcpserver);
    case 'q': return begins(l, "qlogreceived: ", scan_received);
    case 'm': return begins(l, "mail recv: ", scan_recv);
    case 'S': return begins(l, "Suppressed ", scan_suppressed);
    default: return 0;
  }
}

int qq_log_event_scan(qq_log_line *l)
{
  l->queue.n = 0;
  if (l->text.n > 7 && scan(l)) return 1;
  l->event = QQ_LOG_OTHER;
  return 0;
}
