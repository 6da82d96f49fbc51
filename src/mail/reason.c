#include <string.h>
#include <qq/qsbmf.h>

/* In blocks, which compilers do at once; the last of them may have some of the one before. */
#define BLOCK 16

static void replace_block(char *s, char from, char to)
{
  size_t i;
  for (i = 0; i < BLOCK; i++) s[i] = s[i] == from ? to : s[i];
}

void qq_reason_replace(char *s, size_t n, char from, char to)
{
  size_t i;
  for (i = 0; n >= BLOCK && i < n - BLOCK; i += BLOCK) replace_block(s + i, from, to);
  if (n >= BLOCK) replace_block(s + n - BLOCK, from, to);
  else for (i = 0; i < n; i++) if (s[i] == from) s[i] = to;
}

int qq_reason_unlog(stralloc *out, qq_piece logged)
{
  size_t const from = out->len;
  if (!qq_reason_readable(out, logged)) return 0;
  if (logged.n && logged.s[logged.n - 1] == '/' && !stralloc_append(out, '/')) return 0;
  if (logged.n) qq_reason_replace(out->s + from, logged.n, '/', '\n');
  return 1;
}

/* The slash that ends the last line does not count. */
static size_t readable_length(qq_piece logged)
{
  return logged.n && logged.s[logged.n - 1] == '/' ? logged.n - 1 : logged.n;
}

int qq_reason_readable(stralloc *out, qq_piece logged)
{
  size_t const n = readable_length(logged);
  if (!qq_append(out, logged.s, n)) return 0;
  if (n) qq_reason_replace(out->s + out->len - n, n, '_', ' ');
  return 1;
}

/* Says whether it is none that shows. */
static inline unsigned char copy_one(char *to, char from)
{
  unsigned char const c = (unsigned char)from;
  *to = (char)(c == '_' ? ' ' : c);
  return (unsigned char)(c - 0x20) > 0x5e;
}

/* Counts to each of others what is found in its place. */
static inline void copy_block(char *restrict to, char const *restrict from,
  unsigned char *restrict others)
{
  size_t i;
  for (i = 0; i < BLOCK; i++) others[i] |= copy_one(to + i, from[i]);
}

/* All that is read is of the text that was logged: to read what has just been written, in blocks
   that begin elsewhere, would have to wait for that. */
int qq_reason_plain(char *to, size_t *n, qq_piece logged)
{
  static unsigned char const none[BLOCK];
  unsigned char others[BLOCK] = { 0 };
  size_t i;
  *n = readable_length(logged);
  if (*n < BLOCK) for (i = 0; i < *n; i++) others[0] |= copy_one(to + i, logged.s[i]);
  else {
    for (i = 0; i + BLOCK < *n; i += BLOCK) copy_block(to + i, logged.s + i, others);
    copy_block(to + *n - BLOCK, logged.s + *n - BLOCK, others);
  }
  return !memcmp(others, none, BLOCK);
}

/* ---- what is told of the other side (qmail-remote.c) ---- */

static int is_digit(char c)
{
  return c >= '0' && c <= '9';
}

#define A QQ_REASON_AROUND
#define D QQ_REASON_DIGIT
#define L QQ_REASON_LETTER
unsigned char const qq_reason_classes[256] = {
  ['a'] = L, ['b'] = L, ['c'] = L, ['d'] = L, ['e'] = L, ['f'] = L, ['g'] = L, ['h'] = L, ['i'] = L,
  ['j'] = L, ['k'] = L, ['l'] = L, ['m'] = L, ['n'] = L, ['o'] = L, ['p'] = L, ['q'] = L, ['r'] = L,
  ['s'] = L, ['t'] = L, ['u'] = L, ['v'] = L, ['w'] = L, ['x'] = L, ['y'] = L, ['z'] = L, ['A'] = L,
  ['B'] = L, ['C'] = L, ['D'] = L, ['E'] = L, ['F'] = L, ['G'] = L, ['H'] = L, ['I'] = L, ['J'] = L,
  ['K'] = L, ['L'] = L, ['M'] = L, ['N'] = L, ['O'] = L, ['P'] = L, ['Q'] = L, ['R'] = L, ['S'] = L,
  ['T'] = L, ['U'] = L, ['V'] = L, ['W'] = L, ['X'] = L, ['Y'] = L, ['Z'] = L,
  ['0'] = D, ['1'] = D, ['2'] = D, ['3'] = D, ['4'] = D, ['5'] = D, ['6'] = D, ['7'] = D, ['8'] = D,
  ['9'] = D,
  [0] = A, ['_'] = A, ['/'] = A, ['('] = A, [')'] = A, ['['] = A, [']'] = A, ['<'] = A, ['>'] = A,
  [','] = A,
  ['.'] = QQ_REASON_DOT, [':'] = QQ_REASON_COLON, ['-'] = QQ_REASON_HYPHEN,
  ['@'] = QQ_REASON_AT, ['+'] = QQ_REASON_SIGN, ['='] = QQ_REASON_SIGN
};
#undef A
#undef D
#undef L

/* Within a host. */
#define IN_HOST (QQ_REASON_LETTER | QQ_REASON_DIGIT | QQ_REASON_DOT | QQ_REASON_COLON \
  | QQ_REASON_HYPHEN)

static inline unsigned int class_of(char c)
{
  return qq_reason_classes[(unsigned char)c];
}

/* Two of them at least. */
static int has_colons(qq_piece p)
{
  char const *colon = memchr(p.s, ':', p.n);
  return colon && memchr(colon + 1, ':', (size_t)(p.s + p.n - colon) - 1) != 0;
}

/* Says whether it looks like a name with a dot, or an address; not one of mail. */
static int is_host(qq_piece p)
{
  unsigned int bits = 0, dots = 0, c;
  size_t i;
  for (i = 0; i < p.n; i++) {
    c = class_of(p.s[i]);
    bits |= c ? c : ~0u;
    dots += c == QQ_REASON_DOT;
  }
  if (bits & ~(unsigned int)IN_HOST) return 0;
  if (!p.n || p.s[0] == '.' || p.s[0] == '-' || p.s[p.n - 1] == '-') return 0;
  if (bits & QQ_REASON_COLON) return has_colons(p);
  return bits & QQ_REASON_LETTER ? dots && p.s[p.n - 1] != '.' : dots == 3;
}

static qq_piece first_host(qq_piece p)
{
  qq_piece none = { "", 0 }, word;
  while (p.n) {
    word = (qq_piece){ p.s, 0 };
    while (word.n < p.n && class_of(p.s[word.n]) != QQ_REASON_AROUND) word.n++;
    qq_piece_skip(&p, word.n + (word.n < p.n));
    if (is_host(word)) return word;
  }
  return none;
}

/* A word, whose length is looked up once. */
#define WORD(s) { s, sizeof s - 1 }

/* The host behind the place, up to what is not part of one. */
static qq_piece host_at(qq_piece p)
{
  qq_piece host;
  while (p.n && (*p.s == '[' || *p.s == '(')) qq_piece_skip(&p, 1);
  host.s = p.s;
  host.n = 0;
  while (host.n < p.n && class_of(p.s[host.n]) & IN_HOST) host.n++;
  while (host.n && (host.s[host.n - 1] == '.' || host.s[host.n - 1] == ':')) host.n--;
  if (!is_host(host)) host.n = 0;
  return host;
}

/* Behind one of the words, the first of these that has one behind it. */
static qq_piece host_behind(qq_piece p)
{
  static qq_piece const words[] = {
    WORD("Connected_to_"), WORD("Giving_up_on_"),
    WORD(";_connected_to_"), WORD(";_connecting_to_")   /* with TLS */
  };
  qq_piece host = { "", 0 };
  size_t i;
  for (i = 0; i < sizeof words / sizeof *words && !host.n; i++) {
    char const *at = qq_piece_find_piece(p, words[i]);
    if (at) host = host_at((qq_piece){ at + words[i].n, (size_t)(p.s + p.n - at) - words[i].n });
  }
  return host;
}

/* In front of one. */
static qq_piece host_before(qq_piece p)
{
  static qq_piece const words[] = { WORD("_accepted"), WORD("_does_not_like"), WORD("_but_") };
  qq_piece host = { "", 0 };
  size_t i;
  for (i = 0; i < sizeof words / sizeof *words && !host.n; i++) {
    char const *at = qq_piece_find_piece(p, words[i]);
    if (at) host = first_host((qq_piece){ p.s, (size_t)(at - p.s) });
  }
  return host;
}

/* Most texts begin with a host, and say nothing more in their first line than this. */
static qq_piece host_of_accepted(qq_piece first)
{
  static qq_piece const end = WORD("_accepted_message.");
  qq_piece host = { first.s, first.n > end.n ? first.n - end.n : 0 };
  if (!host.n || memcmp(host.s + host.n, end.s, end.n) || !is_host(host)) host.n = 0;
  return host;
}

static qq_piece host_of(qq_piece t)
{
  char const *slash = memchr(t.s, '/', t.n);
  qq_piece const first = { t.s, slash ? (size_t)(slash - t.s) : t.n };
  qq_piece host = host_of_accepted(first);
  if (!host.n) host = host_behind(first);
  if (!host.n) host = host_before(first);
  return host.n || first.n + 1 >= t.n ? host : host_behind(t);
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

qq_piece qq_reply_host(qq_piece logged)
{
  qq_piece const none = { "", 0 };
  return logged.n ? host_of(logged) : none;
}

void qq_reply_scan(qq_reply *r, qq_piece logged)
{
  qq_piece const none = { "", 0 };
  r->host = qq_reply_host(logged);
  r->code = r->enhanced = none;
  if (logged.n) scan_codes(r, logged);
}
