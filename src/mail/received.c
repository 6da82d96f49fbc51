#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <qq/received.h>
#include <qq/text.h>

/* Takes the next line, if it has its LF. */
static int take_line(qq_piece *t, qq_piece *line)
{
  return qq_piece_line(t, line) && t->s > line->s + line->n;
}

/* From here on the piece is what is left of a line. */

static int take_word(qq_piece *t, char const *word)
{
  size_t const n = strlen(word);
  if (t->n < n || memcmp(t->s, word, n)) return 0;
  qq_piece_skip(t, n);
  return 1;
}

static int take_number(qq_piece *t, uint64_t *u)
{
  size_t const n = t->n;
  for (*u = 0; t->n && *t->s >= '0' && *t->s <= '9'; t->s++, t->n--) {
    unsigned int const digit = (unsigned int)(*t->s - '0');
    if (*u > (UINT64_MAX - digit) / 10) return 0;
    *u = *u * 10 + digit;
  }
  return t->n != n;
}

/* qmail-queue.c:receivedfmt; indimail-mta's differs in the name. */
static qq_invoked invoked(qq_piece line, uint64_t *uid)
{
  static struct { char const *words; qq_invoked by; } const table[] = {
    { "by alias); ", QQ_INVOKED_BY_ALIAS }, { "from network); ", QQ_INVOKED_FROM_NETWORK },
    { "for bounce); ", QQ_INVOKED_FOR_BOUNCE }
  };
  uint64_t pid;
  size_t i;
  if ((!take_word(&line, "Received: (qmail ") && !take_word(&line, "Received: (indimail-mta "))
    || !take_number(&line, &pid) || !take_word(&line, " invoked ")) return QQ_INVOKED_UNKNOWN;
  for (i = 0; i < sizeof(table) / sizeof(*table); i++)
    if (take_word(&line, table[i].words)) return table[i].by;
  return take_word(&line, "by uid ") && take_number(&line, uid) && take_word(&line, "); ")
    ? QQ_INVOKED_BY_UID : QQ_INVOKED_UNKNOWN;
}

/* The canonical text of an address, in brackets as qmail-ldap writes it or not. */
static void canonical(char *ip, qq_piece t)
{
  char copy[QQ_RECEIVED_IP_MAX];
  unsigned char a[16];
  static unsigned char const mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
  if (t.n > 2 && *t.s == '[' && t.s[t.n - 1] == ']') {
    t.s++;
    t.n -= 2;
  }
  if (!t.n || t.n >= sizeof(copy) || memchr(t.s, 0, t.n)) return;
  memcpy(copy, t.s, t.n);
  copy[t.n] = 0;
  /* inet_pton(3) takes no leading zeros: that is canonical */
  if (inet_pton(AF_INET, copy, a) == 1) memcpy(ip, copy, t.n + 1);
  else if (inet_pton(AF_INET6, copy, a) != 1) return;
  else if (!memcmp(a, mapped, sizeof(mapped)))
    inet_ntop(AF_INET, a + 12, ip, QQ_RECEIVED_IP_MAX);
  else inet_ntop(AF_INET6, a, ip, QQ_RECEIVED_IP_MAX);
}

/* received.c:received. All that the client may have chosen, its name, HELO and user, has gone
   through safeput, which leaves no parenthesis; the user may contain a @. */
static void client(char *ip, qq_piece line)
{
  size_t open, begin;
  if (!take_word(&line, "Received: from ") || !line.n || line.s[line.n - 1] != ')') return;
  begin = --line.n;
  while (begin && line.s[begin - 1] != '@' && line.s[begin - 1] != '(') begin--;
  open = begin;
  while (open && line.s[open - 1] != '(') open--;
  if (!open) return;
  qq_piece_skip(&line, begin);
  canonical(ip, line);
}

void qq_received_parse(qq_received *r, char const *s, size_t n)
{
  qq_piece t = { s, n }, line;
  r->uid = 0;
  *r->ip = 0;
  r->invoked = take_line(&t, &line) ? invoked(line, &r->uid) : QQ_INVOKED_UNKNOWN;
  if (r->invoked != QQ_INVOKED_BY_UID) r->uid = 0;
  if (r->invoked == QQ_INVOKED_FROM_NETWORK && take_line(&t, &line)) client(r->ip, line);
}
