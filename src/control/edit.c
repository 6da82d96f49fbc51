#include <string.h>
#include <skalibs/bytestr.h>
#include <qq/append.h>
#include <qq/edit.h>

int qq_edit_set(stralloc *text, char const *const *values)
{
  text->len = 0;
  for (; *values; values++)
    if (!stralloc_cats(text, *values) || !stralloc_append(text, '\n')) return 0;
  return 1;
}

/* A line of the text, from at to its end, the newline not counted; and where the next one begins. */
typedef struct line { size_t at, length, kept, next; } line;

static int next_line(stralloc const *text, line *l)
{
  char const *s, *end;
  l->at = l->next;
  if (l->at >= text->len) return 0;
  s = text->s + l->at;
  end = memchr(s, '\n', text->len - l->at);
  l->length = end ? (size_t)(end - s) : text->len - l->at;
  l->next = l->at + l->length + 1;
  l->kept = l->length;
  while (l->kept && (s[l->kept - 1] == ' ' || s[l->kept - 1] == '\t')) l->kept--;
  return 1;
}

static size_t key_length(qq_control_kind kind, char const *s, size_t n)
{
  char const *colon = kind == QQ_CONTROL_MAP && n ? memchr(s, ':', n) : 0;
  return colon ? (size_t)(colon - s) : n;
}

/* Says whether the line has that entry; with only the key of a map, whether it has that key. */
static int is_entry(stralloc const *text, line const *l, qq_control_kind kind, char const *entry, size_t n)
{
  char const *s = text->s + l->at;
  if (!l->kept || *s == '#') return 0;
  if (l->kept == n && !case_diffb(s, n, entry)) return 1;
  return kind == QQ_CONTROL_MAP && !memchr(entry, ':', n) && memchr(s, ':', l->kept) && key_length(kind, s, l->kept) == n && !case_diffb(s, n, entry);
}

int qq_edit_remove(stralloc *text, qq_control_kind kind, char const *entry, size_t *removed)
{
  stralloc kept = STRALLOC_ZERO;
  line l = { 0, 0, 0, 0 };
  int good = 1;
  *removed = 0;
  while (good && next_line(text, &l)) {
    if (is_entry(text, &l, kind, entry, strlen(entry))) ++*removed;
    else good = qq_append(&kept, text->s + l.at, l.length) && stralloc_append(&kept, '\n');
  }
  if (good && *removed) good = qq_copy(text, kept.s, kept.len);
  stralloc_free(&kept);
  return good;
}

/* Says whether the text has the entry, and of a map no other line with its key: of two the later would win. */
static int has_already(stralloc const *text, qq_control_kind kind, char const *entry, size_t n, size_t key)
{
  line l = { 0, 0, 0, 0 };
  size_t same = 0, alike = 0;
  while (next_line(text, &l)) {
    char const *s = text->s + l.at;
    if (!l.kept || *s == '#') continue;
    if (kind != QQ_CONTROL_MAP) same += l.kept == n && !case_diffb(s, n, entry);
    else if (memchr(s, ':', l.kept) && key_length(kind, s, l.kept) == key && !case_diffb(s, key, entry)) {
      alike++;
      same += l.kept == n && !memcmp(s + key, entry + key, n - key);
    }
  }
  return kind == QQ_CONTROL_MAP ? same == 1 && alike == 1 : same > 0;
}

int qq_edit_add(stralloc *text, qq_control_kind kind, char const *entry)
{
  size_t const n = strlen(entry), key = key_length(kind, entry, n);
  stralloc name = STRALLOC_ZERO;
  size_t removed;
  int good = 1;
  if (has_already(text, kind, entry, n, key)) return 1;
  if (key < n) {
    good = qq_append(&name, entry, key) && stralloc_0(&name) && qq_edit_remove(text, kind, name.s, &removed);
    stralloc_free(&name);
  }
  if (good && text->len && text->s[text->len - 1] != '\n') good = stralloc_append(text, '\n');
  return good && qq_append(text, entry, n) && stralloc_append(text, '\n');
}
