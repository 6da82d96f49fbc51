#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <skalibs/bytestr.h>
#include <qq/header.h>

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

int qq_received_address(char *ip, qq_piece t)
{
  static unsigned char const mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
  char copy[QQ_RECEIVED_IP_MAX];
  unsigned char a[16];
  if (t.n > 2 && *t.s == '[' && t.s[t.n - 1] == ']') {
    t.s++;
    t.n -= 2;
  }
  if (!t.n || t.n >= sizeof(copy) || memchr(t.s, 0, t.n)) return 0;
  memcpy(copy, t.s, t.n);
  copy[t.n] = 0;
  /* inet_pton(3) takes no leading zeros: that is canonical */
  if (inet_pton(AF_INET, copy, a) == 1) memcpy(ip, copy, t.n + 1);
  else if (inet_pton(AF_INET6, copy, a) != 1) return 0;
  else if (!memcmp(a, mapped, sizeof(mapped)))
    inet_ntop(AF_INET, a + 12, ip, QQ_RECEIVED_IP_MAX);
  else inet_ntop(AF_INET6, a, ip, QQ_RECEIVED_IP_MAX);
  return 1;
}

/* ---- the line of qmail-queue ---- */

/* Takes what is in front of the end off the text, and the end itself. */
static int take_until(qq_piece *t, qq_piece *taken, char const *end)
{
  size_t const length = strlen(end), at = byte_search(t->s, t->n, end, length);
  if (at + length > t->n) return 0;
  taken->s = t->s;
  taken->n = at;
  qq_piece_skip(t, at + length);
  return 1;
}

/* WHO; indimail names the address, as $TCPREMOTEIP has it, beside the user. */
static qq_invoked who(qq_piece t, qq_received *r)
{
  static struct { char const *words; qq_invoked by; } const table[] = {
    { "by alias);", QQ_INVOKED_BY_ALIAS }, { "from network);", QQ_INVOKED_FROM_NETWORK },
    { "for bounce);", QQ_INVOKED_FOR_BOUNCE }
  };
  qq_piece ip = { 0, 0 }, host;
  size_t i;
  for (i = 0; i < sizeof(table) / sizeof(*table); i++)
    if (qq_piece_take(&t, table[i].words)) return table[i].by;
  if (qq_piece_take(&t, "from network "))
    take_until(&t, &ip, ", ");
  else if (!qq_piece_take(&t, "from network, ") && qq_piece_take(&t, "from ")
    && take_until(&t, &ip, " by host "))
    take_until(&t, &host, " ");
  if (!qq_piece_take(&t, "by uid ") || !take_number(&t, &r->uid)
    || !qq_piece_take(&t, ");")) return QQ_INVOKED_UNKNOWN;
  qq_received_address(r->origin.ip, ip);
  return QQ_INVOKED_BY_UID;
}

/* The first field. indimail's of today: `Received: indimail-mta queue PID by host HOST\n (invoked
   WHO);\n  DATE', without HOST if that is to be hidden. */
static qq_invoked invoked(qq_piece t, qq_received *r)
{
  qq_piece host;
  if (qq_piece_take(&t, "Received: indimail-mta queue ")) {
    if (!take_number(&t, &r->qp)) return QQ_INVOKED_UNKNOWN;
    if (!qq_piece_take(&t, "(invoked ") && !take_until(&t, &host, "(invoked "))
      return QQ_INVOKED_UNKNOWN;
    return who(t, r);
  }
  if (!qq_piece_take(&t, "Received: (qmail ")
    && !qq_piece_take(&t, "Received: (indimail-mta ")) return QQ_INVOKED_UNKNOWN;
  return take_number(&t, &r->qp) && qq_piece_take(&t, " invoked ") ? who(t, r)
    : QQ_INVOKED_UNKNOWN;
}

/* ---- the fields ---- */

static int is_named(qq_piece line)
{
  size_t i = 0;
  while (i < line.n && line.s[i] > ' ' && line.s[i] < 127 && line.s[i] != ':') i++;
  return i && i < line.n && line.s[i] == ':';
}

/* Takes the next field with its line ends, which is complete if a line that goes on with it cannot
   follow. Returns 1; 0: the header is over; or -1: it is cut off. */
static int take_field(qq_piece *t, qq_piece *field, int ends)
{
  qq_piece rest = *t, line;
  if (!t->n) return ends ? 0 : -1;
  do {
    size_t const before = rest.n;
    qq_piece_line(&rest, &line);
    if (rest.s == line.s + line.n) return ends ? 0 : -1;
    if (before == t->n && !is_named(line)) return 0;
  } while (rest.n && qq_is_blank(*rest.s));
  if (!rest.n && !ends) return -1;
  field->s = t->s;
  field->n = t->n - rest.n;
  *t = rest;
  return 1;
}

static int take_name(qq_piece *field, char const *name)
{
  size_t const n = strlen(name);
  if (field->n < n || case_diffb(field->s, n, name)) return 0;
  qq_piece_skip(field, n);
  while (field->n && qq_is_blank(*field->s)) qq_piece_skip(field, 1);
  return 1;
}

int qq_received_parse(qq_received *r, char const *s, size_t n, uint64_t size)
{
  static qq_received const none;
  qq_piece t = { s, n }, field;
  int got;
  *r = none;
  got = take_field(&t, &field, n == size);
  if (got < 1) return got == 0;
  r->invoked = invoked(field, r);
  if (r->invoked != QQ_INVOKED_BY_UID) r->uid = 0;
  if (r->invoked != QQ_INVOKED_BY_UID && r->invoked != QQ_INVOKED_FROM_NETWORK) return 1;
  do got = take_field(&t, &field, n == size);
  while (got == 1 && (!take_name(&field, "Received:") || qq_relay_read(r, field) == QQ_RELAY_NONE));
  return got >= 0;
}

void qq_received_disbelieve(qq_received *r)
{
  static qq_origin const none;
  qq_piece const login = r->origin.login.n ? r->origin.login : r->claimed.login;
  r->claimed = r->origin;
  r->claimed.login = login;
  r->origin = none;
}
