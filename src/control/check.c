#include <errno.h>
#include <string.h>
#include <qq/home.h>
#include "check-private.h"

/* ---- bytes ---- */

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

static int has_byte_order_mark(qq_checked const *f)
{
  return f->n >= strlen(BYTE_ORDER_MARK)
    && !memcmp(f->s, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK));
}

static int check_bytes(qq_checked const *f)
{
  if (!f->n) return 1;
  if (has_byte_order_mark(f) && ERROR(f, 1, _("begins with a byte order mark, which qmail takes as "
    "part of the line")) < 0) return -1;
  if (memchr(f->s, 0, f->n)
    && ERROR(f, 0, _("has a NUL, which ends what qmail reads of a line")) < 0) return -1;
  if (memchr(f->s, '\r', f->n) && qq_finding_say(f->to, f->control->kind == QQ_CONTROL_INTEGER
    ? QQ_SEVERITY_WARNING : QQ_SEVERITY_ERROR, f->name, 0, _("has lines that end with a carriage "
    "return, which qmail takes as part of them")) < 0) return -1;
  if (f->s[f->n - 1] == '\n') return 1;
  return HINT(f, 0, _("does not end with a newline: qmail does not mind, but a line that is "
    "appended would become part of the last one"));
}

/* ---- files of one line ---- */

static int check_rest(qq_checked const *f)
{
  char const *end = f->n ? memchr(f->s, '\n', f->n) : 0;
  size_t i = end ? (size_t)(end - f->s) + 1 : f->n;
  while (i < f->n && (qq_is_blank(f->s[i]) || f->s[i] == '\n' || f->s[i] == '\r')) i++;
  return i < f->n ? WARN(f, 2, _("is not read: qmail reads only the first line")) : 1;
}

static int check_string(qq_checked const *f)
{
  if (!qq_controltext_line(f->s, f->n))
    return WARN(f, 1, _("is empty: qmail takes the empty string, not its default"));
  if (*f->s == '#')
    return ERROR(f, 1, _("begins with #: this file has no comments, and qmail takes the line as it "
      "is"));
  if (qq_is_blank(*f->s))
    return ERROR(f, 1, _("begins with a blank, which qmail takes as part of it"));
  return 1;
}

static int check_host(qq_checked const *f)
{
  size_t const n = qq_controltext_line(f->s, f->n);
  int const is_me = !strcmp(f->name, "me");
  if (!n && is_me) return ERROR(f, 1, _("is empty: this host has no name"));
  if (!n || *f->s == '#' || qq_is_blank(*f->s)) return check_string(f);
  if (!qq_check_is_host(f->s, n))
    return ERROR(f, 1, _("\"%.*s\" is not a host name; qmail uses it as it is"), SHOWN(f->s, n));
  if (is_me && !memchr(f->s, '.', n))
    return ERROR(f, 1, _("\"%.*s\" is not a full host name: it has no domain"), SHOWN(f->s, n));
  return 1;
}

static int check_range(qq_checked const *f, int32_t value)
{
  qq_control const *c = f->control;
  int const is_concurrency = !strncmp(c->name, "concurrency", 11) && c->effect != QQ_EFFECT_SCRIPT;
  if (value < 0) return ERROR(f, 1, _("wraps to %ld"), (long)value);
  if (is_concurrency && value) {
    qq_built built;
    qq_built_ask(&built, f->home_path);
    if ((unsigned long)value > built.spawn)
      return WARN(f, 1, built.is_asked
        ? _("%ld is more than qmail was built for (conf-spawn), and counts as %lu")
        : _("%ld is more than the %lu that most qmails are built for (conf-spawn), and then counts "
          "as that; bin/qmail-showctl cannot be asked"), (long)value, built.spawn);
  }
  if ((uint32_t)value < c->low || (uint32_t)value > c->high)
    return WARN(f, 1, c->is_seconds ? _("%ld seconds are out of range, expected %lu to %lu")
      : _("%ld is out of range, expected %lu to %lu"), (long)value, (unsigned long)c->low,
      (unsigned long)c->high);
  if (is_concurrency && !value)
    return WARN(f, 1, _("0 keeps all mail of this channel waiting"));
  return 1;
}

/* More digits than fit are taken modulo 2 to the 32. */
static int does_wrap(char const *s, size_t digits)
{
  uint64_t u = 0;
  size_t i;
  for (i = 0; i < digits && u <= INT32_MAX; i++) u = u * 10 + (uint64_t)(s[i] - '0');
  return u > INT32_MAX;
}

static int check_integer(qq_checked const *f)
{
  size_t const n = qq_controltext_line(f->s, f->n);
  size_t digits = 0;
  int32_t value;
  if (!qq_controltext_integer(f->s, f->n, &value)) {
    if (!f->control->fallback)
      return ERROR(f, 1, _("\"%.*s\" does not begin with a digit: qmail ignores it"),
        SHOWN(f->s, n));
    return ERROR(f, 1, _("\"%.*s\" does not begin with a digit: qmail ignores it, and the default "
      "counts: %s"), SHOWN(f->s, n), f->control->fallback);
  }
  while (digits < n && f->s[digits] >= '0' && f->s[digits] <= '9') digits++;
  if (does_wrap(f->s, digits))
    return ERROR(f, 1, _("%.*s is too large: it wraps to %ld"), SHOWN(f->s, n), (long)value);
  if (digits < n && f->s[digits] != '\r' && ERROR(f, 1, _("\"%.*s\" is not a number: qmail reads "
    "only the digits at its beginning, %ld"), SHOWN(f->s, n), (long)value) < 0) return -1;
  return check_range(f, value);
}

static int check_kind(qq_checked const *f)
{
  switch (f->control->kind) {
    case QQ_CONTROL_HOST: return check_host(f);
    case QQ_CONTROL_INTEGER: return check_integer(f);
    default: return check_string(f);
  }
}

/* What the mark is in front of is checked without it. */
static int check_entries(qq_checked f)
{
  if (has_byte_order_mark(&f)) {
    f.s += strlen(BYTE_ORDER_MARK);
    f.n -= strlen(BYTE_ORDER_MARK);
  }
  return qq_check_entries(&f);
}

static int is_utf16(qq_checked const *f)
{
  return f->n > 1 && (!memcmp(f->s, "\xff\xfe", 2) || !memcmp(f->s, "\xfe\xff", 2));
}

static int check_content(qq_checked const *f, qq_setting const *s)
{
  if (is_utf16(f)) return ERROR(f, 0, _("is in UTF-16, which qmail cannot read: save it as plain "
    "text, in UTF-8 without a byte order mark"));
  if (!(s->owner.mode & 04) && WARN(f, 0, _("has mode %04o: some of qmail's users cannot read it, "
    "and their programs fail with temporary errors"), (unsigned int)s->owner.mode) < 0) return -1;
  if (check_bytes(f) < 0) return -1;
  if (qq_control_has_entries(f->control)) return check_entries(*f);
  return check_kind(f) < 0 ? -1 : check_rest(f);
}

int qq_check_file(qq_findings const *to, qq_setting const *s, int home, char const *home_path)
{
  unsigned int asked = 0, found = 0;
  qq_checked const f = { to, s->exists ? qq_control_find(s->name) : 0, s->name, s->content.s,
    s->content.len, home, home_path, &asked, &found };
  if (!s->exists) return 1;
  if (!f.control) return HINT(&f, 0, _("is not a known control file"));
  if (s->error == EACCES) return WARN(&f, 0, _("cannot be read (run this as root)"));
  if (s->error) return WARN(&f, 0, _("cannot be read: %s"), strerror(s->error));
  return qq_control_is_opaque(f.control) ? 1 : check_content(&f, s);
}
