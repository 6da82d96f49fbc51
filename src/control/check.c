#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <qq/controltext.h>
#include <qq/settings.h>
#include <qq/text.h>

/* conf-spawn, where it was not changed. */
#define SPAWN_DEFAULT 120

#define LABEL_MAX 63
#define NAME_MAX_BYTES 253

typedef struct file {
  qq_findings const *to;
  qq_control const *control;
  char const *name, *s;
  size_t n;
} file;

/* Report what is amiss in that line of a file; 0: with all of it. Like qq_finding_say. */
#define REPORT(f, severity, line, ...) \
  qq_finding_say((f)->to, QQ_SEVERITY_##severity, (f)->name, line, __VA_ARGS__)
#define ERROR(f, line, ...) REPORT(f, ERROR, line, __VA_ARGS__)
#define WARN(f, line, ...) REPORT(f, WARNING, line, __VA_ARGS__)
#define HINT(f, line, ...) REPORT(f, HINT, line, __VA_ARGS__)

/* For %.*s: as much of it as a person wants to read. */
#define SHOWN(s, n) (int)((n) < 80 ? (n) : 80), (s)

static int is_blank(char c)
{
  return c == ' ' || c == '\t';
}

static int is_alphanumeric(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

int qq_check_is_host(char const *s, size_t n)
{
  size_t i, label = 0;
  if (!n || n > NAME_MAX_BYTES) return 0;
  for (i = 0; i < n; i++) {
    if (s[i] == '.') {
      if (!label || s[i - 1] == '-') return 0;
      label = 0;
    }
    else if (!is_alphanumeric(s[i]) && (s[i] != '-' || !label)) return 0;
    else if (++label > LABEL_MAX) return 0;
  }
  return label && s[n - 1] != '-';
}

/* ---- bytes ---- */

static int check_bytes(file const *f)
{
  if (!f->n) return 1;
  if (memchr(f->s, 0, f->n)
    && ERROR(f, 0, _("has a NUL, which ends what qmail reads of a line")) < 0) return -1;
  if (memchr(f->s, '\r', f->n) && qq_finding_say(f->to, f->control->kind == QQ_CONTROL_INTEGER
    ? QQ_SEVERITY_WARNING : QQ_SEVERITY_ERROR, f->name, 0, _("has lines that end with a carriage "
    "return, which qmail takes for a part of them")) < 0) return -1;
  if (f->s[f->n - 1] == '\n') return 1;
  return HINT(f, 0, _("has no newline at its end; qmail does not mind, but what is added there "
    "would be"));
}

/* ---- files of one line ---- */

static int check_rest(file const *f)
{
  char const *end = f->n ? memchr(f->s, '\n', f->n) : 0;
  size_t i = end ? (size_t)(end - f->s) + 1 : f->n;
  while (i < f->n && (is_blank(f->s[i]) || f->s[i] == '\n' || f->s[i] == '\r')) i++;
  return i < f->n ? WARN(f, 2, _("is not read: qmail takes the first line alone")) : 1;
}

static int check_string(file const *f)
{
  if (!qq_controltext_line(f->s, f->n))
    return WARN(f, 1, _("is empty: qmail takes the empty string, not its default"));
  if (*f->s == '#')
    return ERROR(f, 1, _("begins with #: qmail knows no comments here, and takes it as it is"));
  if (is_blank(*f->s))
    return ERROR(f, 1, _("begins with a blank, which qmail takes for a part of it"));
  return 1;
}

static int check_host(file const *f)
{
  size_t const n = qq_controltext_line(f->s, f->n);
  int const is_me = !strcmp(f->name, "me");
  if (!n && is_me) return ERROR(f, 1, _("is empty: this host has no name"));
  if (!n || *f->s == '#' || is_blank(*f->s)) return check_string(f);
  if (!qq_check_is_host(f->s, n))
    return ERROR(f, 1, _("\"%.*s\" is no host name; qmail uses it as it is"), SHOWN(f->s, n));
  if (is_me && !memchr(f->s, '.', n))
    return ERROR(f, 1, _("\"%.*s\" is no full host name: it has no domain"), SHOWN(f->s, n));
  return 1;
}

static int check_range(file const *f, int32_t value)
{
  qq_control const *c = f->control;
  int const is_concurrency = !strncmp(c->name, "concurrency", 11) && c->effect != QQ_EFFECT_SCRIPT;
  if (value < 0) return ERROR(f, 1, _("wraps to %ld"), (long)value);
  if (is_concurrency && value > SPAWN_DEFAULT)
    return WARN(f, 1, _("%ld is cut to what qmail was built for (conf-spawn), %d if nobody changed "
      "it; qmail-showctl says"), (long)value, SPAWN_DEFAULT);
  if ((uint32_t)value < c->low || (uint32_t)value > c->high)
    return WARN(f, 1, _("%ld is out of range, expected %lu to %lu"), (long)value,
      (unsigned long)c->low, (unsigned long)c->high);
  if (is_concurrency && !value) return WARN(f, 1, _("0 holds all this mail in the queue"));
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

static int check_integer(file const *f)
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
  if (digits < n && f->s[digits] != '\r' && ERROR(f, 1, _("\"%.*s\" is no number: qmail reads as "
    "far as the digits go, %ld"), SHOWN(f->s, n), (long)value) < 0) return -1;
  return check_range(f, value);
}

/* ---- files of several entries ---- */

/* Lists and maps whose entries or keys are domains. */
static int has_domains(char const *name)
{
  static char const *const names[] = {
    "locals", "morercpthosts", "percenthack", "rcpthosts", "rejectnonexist"
  };
  size_t i;
  for (i = 0; i < sizeof names / sizeof *names; i++) if (!strcmp(name, names[i])) return 1;
  return 0;
}

static int check_domain(file const *f, size_t line, char const *s, size_t n)
{
  size_t const skip = n && *s == '.' && strcmp(f->name, "locals") ? 1 : 0;
  if (qq_check_is_host(s + skip, n - skip)) return 1;
  return ERROR(f, line, _("\"%.*s\" is no domain"), SHOWN(s, n));
}

static int has_comment(char const *s, size_t n)
{
  size_t i;
  for (i = 1; i < n; i++) if (s[i] == '#' && is_blank(s[i - 1])) return 1;
  return 0;
}

static int check_entry(file const *f, size_t line, char const *s, size_t n)
{
  if (has_comment(s, n))
    return ERROR(f, line, _("has a comment behind the entry, which qmail takes for a part of it; "
      "comments have lines of their own"));
  if (is_blank(*s))
    return ERROR(f, line, _("begins with a blank, which qmail takes for a part of it"));
  if (f->control->kind == QQ_CONTROL_MAP && !memchr(s, ':', n))
    return ERROR(f, line, _("\"%.*s\" has no colon: qmail ignores the line"), SHOWN(s, n));
  return has_domains(f->name) && s[n - 1] != '\r' ? check_domain(f, line, s, n) : 1;
}

typedef struct key { qq_piece text; size_t line; } key;

/* By key without case, then by line. */
static int compare_keys(void const *p, void const *q)
{
  key const *a = p, *b = q;
  int const r = qq_piece_compare_case(&a->text, &b->text);
  return r ? r : a->line < b->line ? -1 : a->line > b->line;
}

static int report_duplicates(file const *f, genalloc *keys)
{
  key *k = genalloc_s(key, keys);
  size_t const n = genalloc_len(key, keys);
  size_t i;
  if (n) qsort(k, n, sizeof *k, compare_keys);
  for (i = 1; i < n; i++) {
    qq_piece const *text = &k[i].text;
    int const is_map = f->control->kind == QQ_CONTROL_MAP;
    if (qq_piece_compare_case(&k[i - 1].text, text)) continue;
    if (qq_finding_say(f->to, is_map ? QQ_SEVERITY_WARNING : QQ_SEVERITY_HINT, f->name, k[i].line,
      is_map ? _("\"%.*s\" stands in line %zu too: the later one wins")
      : _("\"%.*s\" stands in line %zu too"), SHOWN(text->s, text->n), k[i - 1].line) < 0)
      return -1;
  }
  return 1;
}

static int check_entries(file const *f)
{
  genalloc keys = GENALLOC_ZERO;        /* of key */
  qq_entries e;
  int r = 1;
  qq_entries_begin(&e, f->s, f->n);
  while (r > 0 && qq_entries_next(&e)) {
    char const *s = f->s + e.start;
    key const k = { { s, qq_edit_key(f->control->kind, s, e.length) }, e.line };
    if (!e.length) continue;
    r = check_entry(f, e.line, s, e.length);
    if (r > 0 && !genalloc_append(key, &keys, &k)) r = -1;
  }
  if (r > 0) r = report_duplicates(f, &keys);
  genalloc_free(key, &keys);
  return r;
}

static int check_kind(file const *f)
{
  switch (f->control->kind) {
    case QQ_CONTROL_HOST: return check_host(f);
    case QQ_CONTROL_INTEGER: return check_integer(f);
    default: return check_string(f);
  }
}

int qq_check_file(qq_findings const *to, qq_setting const *s)
{
  file const f = { to, s->exists ? qq_control_find(s->name) : 0, s->name, s->content.s,
    s->content.len };
  if (!s->exists) return 1;
  if (!f.control) return HINT(&f, 0, _("is no control file that is known here"));
  if (s->error == EACCES) return WARN(&f, 0, _("cannot be read (run this as root)"));
  if (s->error) return WARN(&f, 0, _("cannot be read: %s"), strerror(s->error));
  if (qq_control_is_opaque(f.control)) return 1;
  if (!(s->owner.mode & 04) && WARN(&f, 0, _("has mode %04o: not all of qmail's users can read it, "
    "and their programs fail for a time"), (unsigned int)s->owner.mode) < 0) return -1;
  if (check_bytes(&f) < 0) return -1;
  if (qq_control_has_entries(f.control)) return check_entries(&f);
  return check_kind(&f) < 0 ? -1 : check_rest(&f);
}
