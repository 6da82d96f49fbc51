/* Control files: lines, numbers, entries, and lists that are changed. */

#include <skalibs/bytestr.h>
#include <qq/control.h>
#include <qq/home.h>
#include <qq/settings.h>
#include <qq/text.h>
#include "fuzz.h"

static int blank(char c)
{
  return c == ' ' || c == '\t' || c == '\n';
}

/* ---- reading ---- */

static void read_line(char const *s, size_t n)
{
  size_t const length = qq_controltext_line(s, n);
  int32_t value = 0;
  size_t i;
  promise(length <= n, "a line lies within the text");
  promise(!length || !memchr(s, '\n', length), "a line is one line");
  promise(!length || !blank(s[length - 1]), "no blanks at its end");
  for (i = length; i < n && s[i] != '\n'; i++) promise(blank(s[i]), "only blanks are left out");
  promise(qq_controltext_integer(s, n, &value) == (length && *s >= '0' && *s <= '9'),
      "a number begins with a digit");
}

static size_t line_of(char const *s, size_t at)
{
  size_t i, n = 1;
  for (i = 0; i < at; i++) n += s[i] == '\n';
  return n;
}

static void read_entries(char const *s, size_t n)
{
  qq_entries e;
  size_t end = 0;
  qq_entries_begin(&e, s, n);
  while (qq_entries_next(&e)) {
    size_t const start = (size_t)(e.entry.s - s), length = e.entry.n;
    promise(start >= end && start + length <= n,
        "entries lie within the text, one behind the other");
    promise(!length || (!memchr(s + start, '\n', length) && !memchr(s + start, 0, length)),
        "an entry has no newline and no NUL");
    promise(e.line == line_of(s, start), "its line is its line");
    if (!start || s[start - 1] == '\n')
      promise(length && s[start] != '#', "no comments, nothing empty");
    else promise(!s[start - 1], "it begins with a line or behind a NUL");
    end = start + length;
  }
  promise(!qq_entries_next(&e), "the last is the last");
}

/* ---- checking ---- */

typedef struct told { size_t findings, lines; } told;

static void take(void *p, qq_finding const *f)
{
  told *t = p;
  t->findings++;
  promise(f->text.len > 0, "a finding says something");
  promise(f->line <= t->lines + 1, "it is in a line that there is");
  promise(f->severity == QQ_SEVERITY_ERROR || f->severity == QQ_SEVERITY_WARNING
          || f->severity == QQ_SEVERITY_HINT,
      "it has a severity");
}

static void check(char const *name, char const *s, size_t n)
{
  qq_settings all = QQ_SETTINGS_ZERO;
  told t = { 0, 0 };
  qq_findings const findings = { take, &t };
  t.lines = line_of(s, n);
  promise(qq_settings_put(&all, name, 1, s, n) && qq_settings_put(&all, "locals", 1, s, n)
          && qq_settings_put(&all, "rcpthosts", 1, s, n)
          && qq_settings_put(&all, "percenthack", 1, s, n),
      "memory");
  promise(qq_check_file(&findings, qq_settings_find(&all, name), -1, "") == 1
          && qq_check_set(&findings, &all) == 1 && qq_check_domains(&findings, &all) == 1,
      "memory");
  qq_settings_free(&all);
}

/* ---- editing ---- */

static size_t key_length(qq_control_kind kind, char const *s, size_t n)
{
  char const *colon = kind == QQ_CONTROL_MAP && n ? memchr(s, ':', n) : 0;
  return colon ? (size_t)(colon - s) : n;
}

/* Says whether the text's line is an entry like this one: the same; or in a map one with its key.
 */
static int is_like(
    qq_control_kind kind, char const *line, size_t length, char const *entry, size_t n)
{
  size_t const key = key_length(kind, entry, n);
  while (length && (line[length - 1] == ' ' || line[length - 1] == '\t')) length--;
  if (!length || *line == '#') return 0;
  if (kind == QQ_CONTROL_MAP)
    return key_length(kind, line, length) == key && !case_diffb(line, key, entry);
  return length == n && !case_diffb(line, n, entry);
}

/* The lines that are not like the entry, each with a newline. */
static void others(
    stralloc *out, qq_control_kind kind, char const *s, size_t n, char const *entry, size_t length)
{
  size_t at = 0;
  while (at < n) {
    char const *end = memchr(s + at, '\n', n - at);
    size_t const line = end ? (size_t)(end - s) - at : n - at;
    if (!is_like(kind, s + at, line, entry, length))
      promise(stralloc_catb(out, s + at, line) && stralloc_append(out, '\n'), "memory");
    at += line + 1;
  }
}

static size_t count(qq_control_kind kind, stralloc const *text, char const *entry, size_t n)
{
  size_t found = 0;
  qq_entries e;
  qq_entries_begin(&e, text->s, text->len);
  while (qq_entries_next(&e)) {
    char const *s = e.entry.s;
    found += is_like(kind, s, e.entry.n, entry, n)
        && (kind != QQ_CONTROL_MAP || memchr(s, ':', e.entry.n) || !memchr(entry, ':', n));
  }
  return found;
}

/* The entry as it is written, in the line that counts: the last of its key. */
static int counts(qq_control_kind kind, stralloc const *text, char const *entry, size_t n)
{
  int same_bytes = 0;
  qq_entries e;
  qq_entries_begin(&e, text->s, text->len);
  while (qq_entries_next(&e)) {
    char const *s = e.entry.s;
    if (!is_like(kind, s, e.entry.n, entry, n)
        || (kind == QQ_CONTROL_MAP && !memchr(s, ':', e.entry.n)))
      continue; /* qmail ignores it */
    same_bytes = e.entry.n == n
        && (kind == QQ_CONTROL_MAP ? !memcmp(s + key_length(kind, s, n),
                entry + key_length(kind, s, n), n - key_length(kind, s, n))
                                   : !case_diffb(s, n, entry));
  }
  return same_bytes;
}

/* One that qmail would see as it is. */
static int is_plain(char const *entry, size_t n)
{
  return n && *entry != '#' && !memchr(entry, '\n', n) && !memchr(entry, 0, n)
      && !blank(entry[n - 1]);
}

static void edit(qq_control_kind kind, char const *s, size_t n, stralloc const *entry)
{
  stralloc text = STRALLOC_ZERO, again = STRALLOC_ZERO, kept = STRALLOC_ZERO, after = STRALLOC_ZERO;
  size_t removed = 0, second = 0, had;
  int const is_whole = kind != QQ_CONTROL_MAP || memchr(entry->s, ':', entry->len - 1) != 0;
  if (n && memchr(s, 0, n)) return; /* lines of several entries are left to people */
  promise(qq_copy(&text, s, n) && qq_copy(&again, s, n), "memory");
  if (!n) text.len = again.len = 0;
  others(&kept, kind, s, n, entry->s, entry->len - 1);
  had = count(kind, &text, entry->s, entry->len - 1);
  promise(qq_edit_add(&text, kind, entry->s), "memory");
  if (kind != QQ_CONTROL_MAP || is_whole) {
    promise(counts(kind, &text, entry->s, entry->len - 1), "what was added counts");
    if (kind == QQ_CONTROL_MAP || had < 2)
      promise(count(kind, &text, entry->s, entry->len - 1) == 1, "it is there once");
    others(&after, kind, text.s, text.len, entry->s, entry->len - 1);
    same(&kept, &after, "adding leaves the other lines alone");
    again.len = 0;
    promise(qq_copy(&again, text.s, text.len) && qq_edit_add(&again, kind, entry->s), "memory");
    same(&again, &text, "adding again changes nothing");
    promise(qq_copy(&again, s, n), "memory");
    if (!n) again.len = 0;
  }
  promise(qq_edit_remove(&text, kind, entry->s, &removed)
          && qq_edit_remove(&again, kind, entry->s, &second),
      "memory");
  promise(removed > 0, "what was added can be removed");
  if (kind != QQ_CONTROL_MAP) {
    promise(!count(kind, &text, entry->s, entry->len - 1)
            && !count(kind, &again, entry->s, entry->len - 1),
        "what was removed is gone");
    after.len = 0;
    others(&after, kind, text.s, text.len, entry->s, entry->len - 1);
    same(&kept, &after, "removing leaves the other lines alone");
    promise(second == had, "as many are removed as there were");
  }
  if (!second)
    promise(again.len == n && (!n || !memcmp(again.s, s, n)),
        "where nothing is removed, nothing is changed");
  stralloc_free(&text);
  stralloc_free(&again);
  stralloc_free(&kept);
  stralloc_free(&after);
}

/* The first bytes say which file it is, and where the entry to edit ends; then comes that, then the
   text. */
int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  fuzz_input const in = fuzz_cut(data, size);
  qq_control const *c;
  stralloc entry = STRALLOC_ZERO;
  size_t i;
  if (!in.n) return 0;
  c = &qq_controls[data[0] % qq_controls_count];
  read_line(in.s, in.n);
  read_entries(in.s, in.n);
  check(c->name, in.s, in.n);
  for (i = 0; i < qq_controls_count; i++)
    if (i % 16 == (size_t)data[1] % 16) check(qq_controls[i].name, in.s, in.n);
  if (is_plain(in.s, in.cut)) {
    promise(qq_copy(&entry, in.s, in.cut) && stralloc_0(&entry), "memory");
    edit(QQ_CONTROL_LIST, in.s + in.cut, in.n - in.cut, &entry);
    edit(QQ_CONTROL_MAP, in.s + in.cut, in.n - in.cut, &entry);
  }
  stralloc_free(&entry);
  return 0;
}
