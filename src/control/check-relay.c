/* A relay in smtproutes: NAME, or an address, and :PORT (qmail-remote.c:main). */

#include <string.h>
#include <skalibs/bytestr.h>
#include <qq/home.h>
#include <qq/id.h>
#include <qq/names.h>
#include "check-private.h"

int qq_check_sign(qq_checked const *f, qq_sign which)
{
  static struct { char const *program, *sign; } const signs[] = {
    { QQ_NAME_QMAIL_REMOTE, QQ_SIGN_REMOTE_SQMAIL }, { QQ_NAME_QMAIL_REMOTE, QQ_SIGN_REMOTE_AUTH },
    { QQ_NAME_QMAIL_REMOTE, QQ_SIGN_REMOTE_IP6 },
    { QQ_NAME_QMAIL_SMTPD, QQ_SIGN_SMTPD_EXPRESSIONS },
    { QQ_NAME_QMAIL_SMTPD, QQ_SIGN_SMTPD_SQMAIL }
  };
  unsigned int const bit = 1U << which;
  if (!(*f->asked & bit) && f->home >= 0
    && qq_home_program_has(f->home, signs[which].program, signs[which].sign)) *f->found |= bit;
  *f->asked |= bit;
  return (*f->found & bit) != 0;
}

static int check_port(qq_checked const *f, size_t line, char const *s, size_t n)
{
  uint64_t port;
  while (n > 1 && *s == '0') { s++; n--; }      /* qmail-remote does not mind */
  if (qq_number_scan(s, n, &port) && port && port < 65536) return 1;
  return ERROR(f, line, _("\"%.*s\" is not a port, which is a number from 1 to 65535"),
    SHOWN(s, n));
}

static int check_name(qq_checked const *f, size_t line, char const *s, size_t n)
{
  if (qq_check_is_name(s, n)) return 1;
  return ERROR(f, line, _("\"%.*s\" is neither the name nor the address of a host"), SHOWN(s, n));
}

/* An IPv6 address, as far as it can be told from a name with a port. */
static int is_ip6(char const *s, size_t n)
{
  size_t i, colons = 0;
  for (i = 0; i < n; i++) {
    if (!memchr("0123456789abcdefABCDEF:.", s[i], 24)) return 0;
    colons += s[i] == ':';
  }
  return colons > 1;
}

static int check_name_and_port(qq_checked const *f, size_t line, char const *s, size_t n)
{
  size_t const colon = byte_chr(s, n, ':');
  if (is_ip6(s, n))
    return ERROR(f, line, _("\"%.*s\" is an IPv6 address without brackets: qmail takes what "
      "follows the first colon as the port"), SHOWN(s, n));
  if (check_name(f, line, s, colon) < 0) return -1;
  return colon == n ? 1 : check_port(f, line, s + colon + 1, n - colon - 1);
}

/* [192.0.2.1] or [2001:db8::1], and perhaps a port. */
static int check_brackets(qq_checked const *f, size_t line, char const *s, size_t n)
{
  size_t const end = byte_chr(s, n, ']');
  if (end == n || (end + 1 < n && s[end + 1] != ':')) return check_name(f, line, s, n);
  if (is_ip6(s + 1, end - 1)) {
    if (!qq_check_sign(f, QQ_SIGN_SMTPROUTES_IP6))
      return WARN(f, line, _("\"%.*s\" has an IPv6 address, which qmail-remote cannot reach "
        "without a patch for them"), SHOWN(s, n));
  }
  else if (check_name(f, line, s + 1, end - 1) < 0) return -1;
  return end + 1 == n ? 1 : check_port(f, line, s + end + 2, n - end - 2);
}

/* s/qmail has a semicolon in front of the port, so that IPv6 addresses need no brackets. */
static int check_sqmail(qq_checked const *f, size_t line, char const *s, size_t n)
{
  size_t const semicolon = byte_chr(s, n, ';');
  if (byte_chr(s, semicolon, ':') < semicolon && !is_ip6(s, semicolon) && *s != '[')
    return WARN(f, line, _("\"%.*s\" has a colon, but s/qmail takes a port after a semicolon, and "
      "looks for a host of that name"), SHOWN(s, n));
  return semicolon == n ? 1 : check_port(f, line, s + semicolon + 1, n - semicolon - 1);
}

int qq_check_relay(qq_checked const *f, size_t line, char const *s, size_t n)
{
  size_t const relay = byte_in(s, n, " \t|", 3);
  int const is_sqmail = n && qq_check_sign(f, QQ_SIGN_SMTPROUTES_SQMAIL);
  if (n && qq_is_blank(*s))
    return ERROR(f, line, _("the relay \"%.*s\" begins with a blank, which qmail takes as part of "
      "it"), SHOWN(s, n));
  if (!relay) return 1;         /* by MX, as if there were no route */
  if (is_sqmail) return check_sqmail(f, line, s, relay);
  if (byte_chr(s, relay, ';') < relay)
    return WARN(f, line, _("\"%.*s\" has a semicolon, which only s/qmail takes as the beginning of "
      "a port: others look for a host of that name"), SHOWN(s, relay));
  /* what is behind the relay may be a password */
  if (relay < n && !qq_check_sign(f, QQ_SIGN_SMTPROUTES_LOGIN))
    return WARN(f, line, _("\"%.*s\" has more than a relay and a port: a qmail-remote without a "
      "patch for that does not log in"), SHOWN(s, relay));
  return *s == '[' ? check_brackets(f, line, s, relay) : check_name_and_port(f, line, s, relay);
}
