#include <string.h>
#include <skalibs/bytestr.h>
#include "check-private.h"

/* ---- domains ---- */

/* An address in brackets may stand for a domain. */
static int is_literal(char const *s, size_t n)
{
  return n > 2 && *s == '[' && memchr(s, ']', n) == s + n - 1;
}

static int has_8bit(char const *s, size_t n)
{
  size_t i;
  for (i = 0; i < n; i++) if (s[i] & 0x80) return 1;
  return 0;
}

/* Says what was meant, where that can be seen. */
static int refuse_domain(qq_checked const *f, size_t line, char const *s, size_t n)
{
  return ERROR(f, line, n > 2 && s[0] == '*' && s[1] == '.'
    ? _("\"%.*s\" is not a domain: for what is below one, write a dot in front, and no asterisk")
    : byte_in(s, n, " \t", 2) < n
    ? _("\"%.*s\" is not a domain: there is a blank in it, and each domain needs a line of its own")
    : n > 1 && s[n - 1] == '.'
    ? _("\"%.*s\" is not a domain as addresses have it: leave out the dot at its end")
    : byte_chr(s, n, '@') + 1 < n
    ? _("\"%.*s\" is not a domain: leave out the @, and what is in front of it")
    : has_8bit(s, n)
    ? _("\"%.*s\" is not a domain as mail has it: write its form with xn--, which idn2(1) prints")
    : _("\"%.*s\" is not a domain"), SHOWN(s, n));
}

static int check_host(qq_checked const *f, size_t line, char const *s, size_t n)
{
  return qq_check_is_name(s, n) || is_literal(s, n) ? 1 : refuse_domain(f, line, s, n);
}

/* With a dot in front, what is below it. */
static int check_domain(qq_checked const *f, size_t line, char const *s, size_t n)
{
  size_t const dot = n && *s == '.';
  return qq_check_is_name(s + dot, n - dot) || is_literal(s, n) ? 1 : refuse_domain(f, line, s, n);
}

/* The key of a map: the same, or nothing. */
static int check_key(qq_checked const *f, size_t line, char const *s, size_t n)
{
  size_t const dot = n && *s == '.';
  if (!n || qq_check_is_name(s + dot, n - dot) || is_literal(s, n)) return 1;
  if (qq_is_blank(s[n - 1]))
    return ERROR(f, line, _("\"%.*s\" ends with a blank before the colon, which qmail takes as "
      "part of it"), SHOWN(s, n));
  return refuse_domain(f, line, s, n);
}

/* ---- virtualdomains (qmail-send.c:rewrite) ---- */

static int check_address(qq_checked const *f, size_t line, char const *s, size_t n, size_t at)
{
  if (!at)
    return ERROR(f, line, _("\"%.*s\" is not an address: for all of a domain, leave out the @"),
      SHOWN(s, n));
  if (qq_check_is_name(s + at + 1, n - at - 1) || is_literal(s + at + 1, n - at - 1)) return 1;
  return ERROR(f, line, _("\"%.*s\" is not an address"), SHOWN(s, n));
}

static int check_prefix(qq_checked const *f, size_t line, char const *s, size_t n)
{
  if (n && qq_is_blank(*s))
    return ERROR(f, line, _("the prefix \"%.*s\" begins with a blank, which qmail takes as part of "
      "it"), SHOWN(s, n));
  if (byte_in(s, n, " \t/@:", 5) < n)
    return ERROR(f, line, _("\"%.*s\" is not a prefix, which is a name that qmail puts before the "
      "address, with a dash between"), SHOWN(s, n));
  if (n && s[n - 1] == '-')
    return WARN(f, line, _("the prefix \"%.*s\" ends with a dash, and qmail adds another"),
      SHOWN(s, n));
  return 1;
}

static int check_virtual(qq_checked const *f, size_t line, char const *s, size_t n)
{
  size_t const key = byte_chr(s, n, ':'), at = byte_rchr(s, key, '@');
  int const r = at < key ? check_address(f, line, s, key, at) : check_key(f, line, s, key);
  return r < 0 ? -1 : check_prefix(f, line, s + key + 1, n - key - 1);
}

/* ---- smtproutes (qmail-remote.c:main) ---- */

static int check_route(qq_checked const *f, size_t line, char const *s, size_t n)
{
  size_t const key = byte_chr(s, n, ':');
  /* s/qmail: where bounces go */
  int const is_bounces = key == 2 && !memcmp(s, "!@", 2)
    && qq_check_sign(f, QQ_SIGN_SMTPROUTES_SQMAIL);
  if (!is_bounces && check_key(f, line, s, key) < 0) return -1;
  return qq_check_relay(f, line, s + key + 1, n - key - 1);
}

/* ---- badmailfrom (qmail-smtpd.c:bmfcheck) ---- */

/* Says whether a sender can look like that, and is not meant as a pattern. */
static int is_sender(char const *s, size_t n, size_t at)
{
  char const *domain = s + at + 1;
  size_t i;
  if (at + 1 >= n || (at && strchr("!?.", *s)) || byte_in(s, at, "*^\\[]() \t", 9) < at) return 0;
  if (is_literal(domain, n - at - 1)) return 1;
  for (i = at + 1; i < n; i++)
    if (!(s[i] & 0x80) && s[i] != '.' && s[i] != '-' && !qq_check_is_name(s + i, 1)) return 0;
  return *domain != '.';
}

static int check_sender(qq_checked const *f, size_t line, char const *s, size_t n)
{
  if (is_sender(s, n, byte_rchr(s, n, '@')) || qq_check_sign(f, QQ_SIGN_BADMAILFROM_PATTERNS)
    || qq_check_sign(f, QQ_SIGN_BADMAILFROM_SQMAIL)) return 1;
  return WARN(f, line, _("\"%.*s\" matches no sender unless qmail-smtpd has a patch for patterns: "
    "what counts is user@domain or @domain"), SHOWN(s, n));
}

int qq_check_meaning(qq_checked const *f, size_t line, char const *s, size_t n)
{
  static struct {
    char const *name;
    int (*check)(qq_checked const *, size_t, char const *, size_t);
  } const meanings[] = {
    { "badmailfrom", check_sender }, { "locals", check_host }, { "morercpthosts", check_domain },
    { "percenthack", check_domain }, { "rcpthosts", check_domain },
    { "rejectnonexist", check_domain }, { "smtproutes", check_route },
    { "virtualdomains", check_virtual }
  };
  size_t i;
  for (i = 0; i < sizeof meanings / sizeof *meanings; i++)
    if (!strcmp(f->name, meanings[i].name)) return meanings[i].check(f, line, s, n);
  return 1;
}
