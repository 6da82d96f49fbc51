#include <string.h>
#include <skalibs/bytestr.h>
#include <qq/control.h>
#include <qq/home.h>
#include <qq/text.h>

size_t qq_edit_key(qq_control_kind kind, char const *s, size_t n)
{
  char const *colon = kind == QQ_CONTROL_MAP && n ? memchr(s, ':', n) : 0;
  return colon ? (size_t)(colon - s) : n;
}

/* The length of the entry in the line; 0: it has none. */
static size_t entry_in(qq_piece const *line)
{
  return line->n && *line->s != '#' ? qq_controltext_line(line->s, line->n) : 0;
}

/* Says whether the line has that entry; with only the key of a map, whether it has that key. */
static int is_entry(qq_piece const *line, qq_control_kind kind, char const *entry, size_t n)
{
  char const *s = line->s;
  size_t const kept = entry_in(line);
  if (kept && kept == n && !case_diffb(s, n, entry)) return 1;
  return kept && kind == QQ_CONTROL_MAP && !memchr(entry, ':', n) && memchr(s, ':', kept)
    && qq_edit_key(kind, s, kept) == n && !case_diffb(s, n, entry);
}

int qq_edit_remove(stralloc *text, qq_control_kind kind, char const *entry, size_t *removed)
{
  stralloc kept = STRALLOC_ZERO;
  qq_piece rest = { text->s, text->len }, line;
  int good = 1;
  *removed = 0;
  while (good && qq_piece_line(&rest, &line)) {
    if (is_entry(&line, kind, entry, strlen(entry))) ++*removed;
    else good = qq_append(&kept, line.s, line.n) && stralloc_append(&kept, '\n');
  }
  if (good && *removed) good = qq_copy(text, kept.s, kept.len);
  stralloc_free(&kept);
  return good;
}

/* Says whether the text has the entry, and of a map no other line with its key: of two the later
   would win. */
static int has_already(stralloc const *text, qq_control_kind kind, char const *entry, size_t n)
{
  size_t const key = qq_edit_key(kind, entry, n);
  qq_piece rest = { text->s, text->len }, line;
  size_t same = 0, alike = 0;
  while (qq_piece_line(&rest, &line)) {
    char const *s = line.s;
    size_t const kept = entry_in(&line);
    if (!kept) continue;
    if (kind != QQ_CONTROL_MAP) same += kept == n && !case_diffb(s, n, entry);
    else if (memchr(s, ':', kept) && qq_edit_key(kind, s, kept) == key
      && !case_diffb(s, key, entry)) {
      alike++;
      same += kept == n && !memcmp(s + key, entry + key, n - key);
    }
  }
  return kind == QQ_CONTROL_MAP ? same == 1 && alike == 1 : same > 0;
}

int qq_edit_add(stralloc *text, qq_control_kind kind, char const *entry)
{
  size_t const n = strlen(entry), key = qq_edit_key(kind, entry, n);
  stralloc name = STRALLOC_ZERO;
  size_t removed;
  int good = 1;
  if (has_already(text, kind, entry, n)) return 1;
  if (key < n) {
    good = qq_append(&name, entry, key) && stralloc_0(&name)
      && qq_edit_remove(text, kind, name.s, &removed);
    stralloc_free(&name);
  }
  if (good && text->len && text->s[text->len - 1] != '\n') good = stralloc_append(text, '\n');
  return good && qq_append(text, entry, n) && stralloc_append(text, '\n');
}
