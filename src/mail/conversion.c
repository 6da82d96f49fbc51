#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <skalibs/bytestr.h>
#include <qq/charset.h>
#include <qq/os.h>
#include <qq/text.h>

/* What a text becomes must depend on the text alone, but some of glibc's modules go wrong where
   their output is full, TSCII for one. So a text is converted in windows, wherever its pieces end,
   and always with room for all that a window may become. */
#define WINDOW QQ_CONVERSION_REST_MAX
#define BYTES_A_BYTE 16         /* more than what any byte becomes */
#define ROOM 64                 /* for what iconv has kept back */

#define CHARACTER_MAX 16        /* longer than any character of any set */

/* UTF-16 and UTF-32 stay in step only if whole units are skipped. */
static size_t unit_of(char const *name)
{
  if (str_start(name, "utf-16") || str_start(name, "utf16") || str_start(name, "ucs-2")
    || !strcmp(name, "unicode")) return 2;
  return str_start(name, "utf-32") || str_start(name, "utf32") || str_start(name, "ucs-4") ? 4 : 1;
}

/* utf-16be, utf-32le and the like say the order themselves. */
static int ends_in_order(char const *name)
{
  size_t const n = strlen(name);
  return n > 2 && name[n - 1] == 'e' && (name[n - 2] == 'b' || name[n - 2] == 'l');
}

static iconv_t from_set(char const *set)
{
  return iconv_open("UTF-8", set);
}

/* Asks again. glibc says EINVAL, too, when it could not read a set's file, or, and then for good,
   the list of them; so this counts only if a file could be read, and a set is known that every
   system has. */
static int open_again(qq_conversion *c, char const *set)
{
  iconv_t any;
  if (!qq_os_has_room()) return -1;
  c->iconv = from_set(set);
  if (c->iconv != (iconv_t)-1) return 1;
  if (errno != EINVAL) return -1;
  any = from_set("ISO-8859-1");
  if (any == (iconv_t)-1) {
    errno = EIO;
    return -1;
  }
  iconv_close(any);
  return 0;
}

static int open_set(qq_conversion *c, char const *set)
{
  c->iconv = from_set(set);
  if (c->iconv != (iconv_t)-1) return 1;
  return errno == EINVAL ? open_again(c, set) : -1;
}

int qq_conversion_open(qq_conversion *c, char const *name)
{
  int r;
  qq_charset_alias const *const alias = qq_charset_alias_of(name);
  char const *const target = alias ? alias->best : name;
  c->unit = unit_of(name);
  c->marked = c->unit > 1 && !ends_in_order(name);
  c->utf8 = !strcmp(target, "utf-8");
  if (c->utf8) return 1;
  if (!*target) return 0;
  r = open_set(c, target);
  return r || !alias || !alias->other ? r : open_set(c, alias->other);
}

void qq_conversion_close(qq_conversion *c)
{
  if (!c->utf8) iconv_close(c->iconv);
}

int qq_conversion_restart(qq_conversion *c, char const *name)
{
  if (c->utf8) return 1;
#if !defined(__linux__) || defined(__GLIBC__)
  /* musl does nothing when asked for the initial state; there opening costs nothing either. glibc
     keeps the order that an earlier text's byte order mark said. */
  if (!c->marked && iconv(c->iconv, 0, 0, 0, 0) != (size_t)-1) return 1;
#endif
  iconv_close(c->iconv);
  return qq_conversion_open(c, name);
}

static int run_utf8(stralloc *out, char const *s, size_t n, int last, size_t *used)
{
  *used = n - (last ? 0 : qq_utf8_cut(s, n));
  return qq_utf8_repair(out, s, *used) ? 1 : -1;
}

/* Converts until iconv stops. Returns its errno, 0 at the end of s. With in == 0 it gives out what
   iconv still keeps. */
static int step(qq_conversion *c, stralloc *out, char **in, size_t *left)
{
  char *to;
  size_t room, r;
  room = (left ? BYTES_A_BYTE * *left : 0) + ROOM;
  if (!qq_room(out, room)) return ENOMEM;
  to = out->s + out->len;
  r = iconv(c->iconv, in, left, &to, &room);
  out->len = (size_t)(to - out->s);
  return r == (size_t)-1 ? errno : 0;
}

/* What iconv gives for UTF-8 need not be: glibc's UCS-4 lets anything pass. */
static int verify(stralloc *out, size_t from)
{
  stralloc bad = STRALLOC_ZERO;
  int good;
  if (out->len == from || qq_utf8_valid(out->s + from, out->len - from)) return 1;
  good = stralloc_catb(&bad, out->s + from, out->len - from);
  out->len = from;
  good = good && qq_utf8_repair(out, bad.s, bad.len);
  stralloc_free(&bad);
  return good ? 1 : -1;
}

/* Converts the n bytes at s, but for a cut character at their end unless it is the text's. Returns
   how many these were, or 0 without memory. */
static size_t run_window(qq_conversion *c, stralloc *out, char const *s, size_t n, int last)
{
  char *in = (char *)(uintptr_t)s;      /* iconv's type lacks a const */
  size_t left = n;
  while (left) {
    size_t const left_before = left, length_before = out->len;
    int const e = step(c, out, &in, &left);
    size_t const skip = c->unit < left ? c->unit : left;
    if (e == ENOMEM) return 0;
    if (!e) break;
    if (e == E2BIG && (left != left_before || out->len != length_before)) continue;
    if (e == EINVAL && !last && left < CHARACTER_MAX) break;
    /* EILSEQ, or the text ends in a character */
    if (!qq_append(out, QQ_UTF8_REPLACEMENT, 3)) return 0;
    in += skip;
    left -= skip;
  }
  return n - left;
}

int qq_conversion_run(qq_conversion *c, stralloc *out, char const *s, size_t n, int last,
  size_t *used)
{
  size_t const from = out->len;
  if (c->utf8) return run_utf8(out, s, n, last, used);
  for (*used = 0; *used < n && (last || n - *used >= WINDOW); ) {
    size_t const left = n - *used, window = left < WINDOW ? left : WINDOW;
    size_t const taken = run_window(c, out, s + *used, window, left < WINDOW);
    if (!taken) return -1;
    *used += taken;
  }
  return last && step(c, out, 0, 0) == ENOMEM ? -1 : verify(out, from);
}
