#include <ctype.h>
#include <string.h>
#include <qq/qsbmf.h>

/* In blocks, which compilers do at once. */
#define BLOCK 16

static void replace(char *s, size_t n, char from, char to)
{
  size_t i;
  for (; n >= BLOCK; n -= BLOCK, s += BLOCK)
    for (i = 0; i < BLOCK; i++) s[i] = s[i] == from ? to : s[i];
  for (i = 0; i < n; i++) if (s[i] == from) s[i] = to;
}

int qq_reason_unlog(stralloc *out, qq_piece logged)
{
  size_t const from = out->len;
  if (!qq_reason_readable(out, logged)) return 0;
  if (logged.n && logged.s[logged.n - 1] == '/' && !stralloc_append(out, '/')) return 0;
  if (logged.n) replace(out->s + from, logged.n, '/', '\n');
  return 1;
}

int qq_reason_readable(stralloc *out, qq_piece logged)
{
  size_t const n = logged.n && logged.s[logged.n - 1] == '/' ? logged.n - 1 : logged.n;
  if (!qq_append(out, logged.s, n)) return 0;
  if (n) replace(out->s + out->len - n, n, '_', ' ');
  return 1;
}

/* ---- what is told of the other side (qmail-remote.c) ---- */

static int is_digit(char c)
{
  return c >= '0' && c <= '9';
}

static int is_in_host(char c)
{
  return isalnum((unsigned char)c) || c == '.' || c == '-' || c == ':';
}

/* Says whether it looks like a name with a dot, or an address; not one of mail. */
static int is_host(qq_piece p)
{
  size_t i, dots = 0, colons = 0, letters = 0;
  for (i = 0; i < p.n; i++) {
    if (!is_in_host(p.s[i])) return 0;
    dots += p.s[i] == '.';
    colons += p.s[i] == ':';
    letters += isalpha((unsigned char)p.s[i]) != 0;
  }
  if (!p.n || p.s[0] == '.' || p.s[0] == '-' || p.s[p.n - 1] == '-') return 0;
  if (colons) return colons > 1;
  return letters ? dots > 0 && p.s[p.n - 1] != '.' : dots == 3;
}

/* What may be around a host. */
static int is_around(char c)
{
  switch (c) {
    case 0: case '_': case '/': case '(': case ')': case '[': case ']': case '<': case '>':
    case ',': return 1;
    default: return 0;
  }
}

static qq_piece first_host(qq_piece p)
{
  qq_piece none = { "", 0 }, word;
  while (p.n) {
    for (word.s = p.s, word.n = 0; word.n < p.n && !is_around(p.s[word.n]); word.n++) ;
    qq_piece_skip(&p, word.n + (word.n < p.n));
    if (is_host(word)) return word;
  }
  return none;
}

/* The host behind the word, up to what is not part of one. */
static qq_piece host_behind(qq_piece p, char const *word)
{
  char const *at = qq_piece_find(p, word);
  qq_piece host = { "", 0 };
  if (!at) return host;
  qq_piece_skip(&p, (size_t)(at - p.s) + strlen(word));
  while (p.n && (*p.s == '[' || *p.s == '(')) qq_piece_skip(&p, 1);
  host.s = p.s;
  while (host.n < p.n && is_in_host(p.s[host.n])) host.n++;
  while (host.n && (host.s[host.n - 1] == '.' || host.s[host.n - 1] == ':')) host.n--;
  if (!is_host(host)) host.n = 0;
  return host;
}

static qq_piece host_of(qq_piece t)
{
  static char const *const before[] = { "_accepted", "_does_not_like", "_but_" };
  static char const *const behind[] = {
    "Connected_to_", "Giving_up_on_", ";_connected_to_", ";_connecting_to_"   /* with TLS */
  };
  size_t const count = sizeof behind / sizeof *behind;
  qq_piece first = t, host = { "", 0 };
  char const *slash = memchr(t.s, '/', t.n);
  size_t i;
  if (slash) first.n = (size_t)(slash - t.s);
  for (i = 0; i < count && !host.n; i++) host = host_behind(first, behind[i]);
  for (i = 0; i < 3 && !host.n; i++) {
    char const *at = qq_piece_find(first, before[i]);
    if (at) host = first_host((qq_piece){ first.s, (size_t)(at - first.s) });
  }
  for (i = 0; i < count && !host.n; i++) host = host_behind(t, behind[i]);
  return host;
}

/* D.D.D, of RFC 3463. */
static qq_piece enhanced_at(qq_piece t)
{
  qq_piece none = { "", 0 }, code = { t.s, 0 };
  unsigned int dots = 0, digits = 0;
  if (!t.n || !strchr("245", *t.s)) return none;
  while (code.n < t.n && (is_digit(t.s[code.n]) || (t.s[code.n] == '.' && digits && dots < 2))) {
    digits = t.s[code.n] == '.' ? 0 : digits + 1;
    dots += t.s[code.n] == '.';
    if (digits > 3) return none;
    code.n++;
  }
  return dots == 2 && digits && code.s[1] == '.' ? code : none;
}

static void scan_codes(qq_reply *r, qq_piece t)
{
  static char const word[] = "Remote_host_said:_";
  char const *at = qq_piece_find(t, word);
  if (at) {
    qq_piece_skip(&t, (size_t)(at - t.s) + sizeof word - 1);
    if (t.n >= 3 && *t.s >= '2' && *t.s <= '5' && is_digit(t.s[1]) && is_digit(t.s[2])
      && (t.n == 3 || strchr("_-/", t.s[3]))) {
      r->code.s = t.s;
      r->code.n = 3;
      qq_piece_skip(&t, t.n == 3 ? 3 : 4);
      r->enhanced = enhanced_at(t);
    }
  }
  while (!r->enhanced.n && (at = qq_piece_find(t, "(#"))) {
    qq_piece_skip(&t, (size_t)(at - t.s) + 2);
    r->enhanced = enhanced_at(t);
  }
}

void qq_reply_scan(qq_reply *r, qq_piece logged)
{
  qq_piece const none = { "", 0 };
  r->host = r->code = r->enhanced = none;
  if (!logged.n) return;
  r->host = host_of(logged);
  scan_codes(r, logged);
}
