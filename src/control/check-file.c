#include <stdlib.h>
#include <string.h>
#include <qq/check.h>
#include <qq/control.h>
#include <qq/controltext.h>
#include <qq/gettext.h>
#include <qq/id.h>

/* conf-spawn, where it was not changed. */
#define SPAWN_DEFAULT 120

typedef struct file { qq_findings const *to; qq_control const *control; qq_setting const *setting; char const *s; size_t n; } file;

/* Lists and maps whose entries or keys are domains. */
static int has_domains(char const *name)
{
  static char const *const names[] = { "locals", "morercpthosts", "percenthack", "rcpthosts", "rejectnonexist" };
  size_t i;
  for (i = 0; i < sizeof names / sizeof *names; i++) if (!strcmp(name, names[i])) return 1;
  return 0;
}

/* ---- bytes ---- */

static int check_bytes(file const *f)
{
  char const *name = f->setting->name, *found;
  if (!f->n) return 1;
  if (memchr(f->s, 0, f->n) && qq_finding_say(f->to, QQ_SEVERITY_ERROR, name, 0, _("has a NUL, which ends what qmail reads of a line")) < 0) return -1;
  found = memchr(f->s, '\r', f->n);
  if (found && qq_finding_say(f->to, f->control->kind == QQ_CONTROL_INTEGER ? QQ_SEVERITY_WARNING : QQ_SEVERITY_ERROR, name, 0,
    _("has lines that end with a carriage return, which qmail takes for a part of them")) < 0) return -1;
  if (f->s[f->n - 1] == '\n') return 1;
  return qq_finding_say(f->to, QQ_SEVERITY_HINT, name, 0, _("has no newline at its end; qmail does not mind, but what is added there would be"));
}

/* ---- files of one line ---- */

static int check_rest(file const *f)
{
  char const *end = f->n ? memchr(f->s, '\n', f->n) : 0;
  size_t const at = end ? (size_t)(end - f->s) + 1 : f->n;
  size_t i;
  for (i = at; i < f->n; i++)
    if (f->s[i] != ' ' && f->s[i] != '\t' && f->s[i] != '\n' && f->s[i] != '\r')
      return qq_finding_say(f->to, QQ_SEVERITY_WARNING, f->setting->name, 2, _("is not read: qmail takes the first line alone"));
  return 1;
}

static int check_string(file const *f)
{
  size_t const n = qq_controltext_line(f->s, f->n);
  char const *name = f->setting->name;
  if (!n) return qq_finding_say(f->to, QQ_SEVERITY_WARNING, name, 1, _("is empty: qmail takes the empty string, not its default"));
  if (*f->s == '#') return qq_finding_say(f->to, QQ_SEVERITY_ERROR, name, 1, _("begins with #: qmail knows no comments here, and takes it as it is"));
  if (*f->s == ' ' || *f->s == '\t') return qq_finding_say(f->to, QQ_SEVERITY_ERROR, name, 1, _("begins with a blank, which qmail takes for a part of it"));
  return 1;
}

static int check_host(file const *f)
{
  size_t const n = qq_controltext_line(f->s, f->n), shown = n < 80 ? n : 80;
  char const *name = f->setting->name;
  int const is_me = !strcmp(name, "me");
  if (!n && is_me) return qq_finding_say(f->to, QQ_SEVERITY_ERROR, name, 1, _("is empty: this host has no name"));
  if (!n || *f->s == '#' || *f->s == ' ' || *f->s == '\t') return check_string(f);
  if (!qq_check_is_host(f->s, n))
    return qq_finding_say(f->to, QQ_SEVERITY_ERROR, name, 1, _("\"%.*s\" is no host name; qmail uses it as it is"), (int)shown, f->s);
  if (is_me && !memchr(f->s, '.', n))
    return qq_finding_say(f->to, QQ_SEVERITY_ERROR, name, 1, _("\"%.*s\" is no full host name: it has no domain"), (int)shown, f->s);
  return 1;
}

static int out_of_range(file const *f, int32_t value)
{
  qq_control const *c = f->control;
  int const is_concurrency = !strncmp(c->name, "concurrency", 11) && c->effect != QQ_EFFECT_SCRIPT;
  if (value < 0) return qq_finding_say(f->to, QQ_SEVERITY_ERROR, c->name, 1, _("wraps to %ld"), (long)value);
  if (is_concurrency && value > SPAWN_DEFAULT)
    return qq_finding_say(f->to, QQ_SEVERITY_WARNING, c->name, 1,
      _("%ld is cut to what qmail was built for (conf-spawn), %d if nobody changed it; qmail-showctl says"), (long)value, SPAWN_DEFAULT);
  if ((uint32_t)value < c->low || (uint32_t)value > c->high)
    return qq_finding_say(f->to, QQ_SEVERITY_WARNING, c->name, 1, _("%ld is out of range, expected %lu to %lu"), (long)value, (unsigned long)c->low,
      (unsigned long)c->high);
  if (is_concurrency && !value) return qq_finding_say(f->to, QQ_SEVERITY_WARNING, c->name, 1, _("0 holds all this mail in the queue"));
  return 1;
}

/* More digits than fit are taken modulo 2 to the 32. */
static int does_wrap(char const *s, size_t digits)
{
  uint64_t u = 0;
  size_t i;
  for (i = 0; i < digits; i++) {
    u = u * 10 + (uint64_t)(s[i] - '0');
    if (u > INT32_MAX) return 1;
  }
  return 0;
}

static int check_integer(file const *f)
{
  size_t const n = qq_controltext_line(f->s, f->n), shown = n < 80 ? n : 80;
  char const *name = f->setting->name, *fallback = f->control->fallback ? f->control->fallback : _("none");
  size_t digits = 0;
  int32_t value;
  if (!qq_controltext_integer(f->s, f->n, &value))
    return qq_finding_say(f->to, QQ_SEVERITY_ERROR, name, 1, _("\"%.*s\" does not begin with a digit: qmail ignores it, and the default counts: %s"), (int)shown, f->s, fallback);
  while (digits < n && f->s[digits] >= '0' && f->s[digits] <= '9') digits++;
  if (does_wrap(f->s, digits))
    return qq_finding_say(f->to, QQ_SEVERITY_ERROR, name, 1, _("%.*s is too large: it wraps to %ld"), (int)shown, f->s, (long)value);
  if (digits < n && f->s[digits] != '\r'
    && qq_finding_say(f->to, QQ_SEVERITY_ERROR, name, 1, _("\"%.*s\" is no number: qmail reads as far as the digits go, %ld"), (int)shown, f->s, (long)value) < 0) return -1;
  return out_of_range(f, value);
}

/* ---- files of several entries ---- */

static int check_domain(file const *f, qq_entries const *e, char const *s, size_t n)
{
  size_t const skip = n && *s == '.' && strcmp(f->setting->name, "locals") ? 1 : 0;
  if (qq_check_is_host(s + skip, n - skip)) return 1;
  return qq_finding_say(f->to, QQ_SEVERITY_ERROR, f->setting->name, e->line, _("\"%.*s\" is no domain"), (int)(n < 80 ? n : 80), s);
}

static int has_comment(char const *s, size_t n)
{
  size_t i;
  for (i = 1; i < n; i++) if (s[i] == '#' && (s[i - 1] == ' ' || s[i - 1] == '\t')) return 1;
  return 0;
}

static int check_entry(file const *f, qq_entries const *e)
{
  char const *s = f->s + e->start, *name = f->setting->name;
  if (has_comment(s, e->length))
    return qq_finding_say(f->to, QQ_SEVERITY_ERROR, name, e->line, _("has a comment behind the entry, which qmail takes for a part of it; comments have lines of their own"));
  if (*s == ' ' || *s == '\t') return qq_finding_say(f->to, QQ_SEVERITY_ERROR, name, e->line, _("begins with a blank, which qmail takes for a part of it"));
  if (f->control->kind == QQ_CONTROL_MAP && !memchr(s, ':', e->length))
    return qq_finding_say(f->to, QQ_SEVERITY_ERROR, name, e->line, _("\"%.*s\" has no colon: qmail ignores the line"), (int)(e->length < 80 ? e->length : 80), s);
  return has_domains(name) && s[e->length - 1] != '\r' ? check_domain(f, e, s, e->length) : 1;
}

static size_t key_length(file const *f, char const *s, size_t n)
{
  char const *colon = f->control->kind == QQ_CONTROL_MAP && n ? memchr(s, ':', n) : 0;
  return colon ? (size_t)(colon - s) : n;
}

typedef struct key { qq_piece text; size_t line; } key;

/* By key without case, then by line. */
static int compare_keys(void const *p, void const *q)
{
  key const *a = p, *b = q;
  int const r = qq_piece_compare_case(&a->text, &b->text);
  return r ? r : a->line < b->line ? -1 : a->line > b->line;
}

static int report_duplicates(file const *f, key const *keys, size_t n)
{
  char const *name = f->setting->name;
  size_t i;
  for (i = 1; i < n; i++) {
    qq_piece const *text = &keys[i].text;
    int const shown = (int)(text->n < 80 ? text->n : 80);
    if (qq_piece_compare_case(&keys[i - 1].text, text)) continue;
    if ((f->control->kind == QQ_CONTROL_MAP
      ? qq_finding_say(f->to, QQ_SEVERITY_WARNING, name, keys[i].line, _("\"%.*s\" stands in line %zu too: the later one wins"), shown, text->s, keys[i - 1].line)
      : qq_finding_say(f->to, QQ_SEVERITY_HINT, name, keys[i].line, _("\"%.*s\" stands in line %zu too"), shown, text->s, keys[i - 1].line)) < 0) return -1;
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
    key k;
    k.text.s = f->s + e.start;
    k.text.n = key_length(f, k.text.s, e.length);
    k.line = e.line;
    if (!e.length) continue;
    r = check_entry(f, &e);
    if (r > 0 && !genalloc_append(key, &keys, &k)) r = -1;
  }
  if (r > 0) {
    if (genalloc_len(key, &keys)) qsort(genalloc_s(key, &keys), genalloc_len(key, &keys), sizeof(key), compare_keys);
    r = report_duplicates(f, genalloc_s(key, &keys), genalloc_len(key, &keys));
  }
  genalloc_free(key, &keys);
  return r;
}

int qq_check_file(qq_findings const *to, qq_setting const *s)
{
  qq_control const *c = s->exists ? qq_control_find(s->name) : 0;
  file f;
  int r;
  if (!s->exists) return 1;
  if (!c) return qq_finding_say(to, QQ_SEVERITY_HINT, s->name, 0, _("is no control file that is known here"));
  if (s->is_unreadable) return qq_finding_say(to, QQ_SEVERITY_WARNING, s->name, 0, _("cannot be read (run this as root)"));
  if (c->kind == QQ_CONTROL_OPAQUE) return 1;
  if (!(s->owner.mode & 04)
    && qq_finding_say(to, QQ_SEVERITY_WARNING, s->name, 0, _("has mode %04o: not all of qmail's users can read it, and their programs fail for a time"), (unsigned int)s->owner.mode) < 0) return -1;
  f.to = to;
  f.control = c;
  f.setting = s;
  f.s = s->content.s;
  f.n = s->content.len;
  r = check_bytes(&f);
  if (r < 0) return -1;
  if (c->kind == QQ_CONTROL_LIST || c->kind == QQ_CONTROL_MAP) return check_entries(&f);
  r = c->kind == QQ_CONTROL_HOST ? check_host(&f) : c->kind == QQ_CONTROL_STRING ? check_string(&f) : check_integer(&f);
  return r < 0 ? -1 : check_rest(&f);
}
