/* users/assign: lines, records and changes of them are what a second implementation says. */

#include <unistd.h>
#include <skalibs/bytestr.h>
#include <skalibs/genalloc.h>
#include <qq/assign.h>
#include <qq/text.h>
#include <qq/users.h>
#include "fuzz.h"

/* ---- what a line is, said a second time ---- */

static char lower(char c)
{
  return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

/* The length of the text's first line; n if it has no newline. */
static size_t line_length(char const *s, size_t n)
{
  char const *end = n ? memchr(s, '\n', n) : 0;
  return end ? (size_t)(end - s) : n;
}

/* Says whether qmail-newu takes the line. */
static int is_good(char const *s, size_t n)
{
  size_t i, colons = 0;
  for (i = 0; i < n; i++) {
    if (!s[i]) return 0;
    colons += s[i] == ':';
  }
  return colons >= 7 && *s != ':';
}

/* The key of its record: ! and the address in lower case; with a NUL, if it is a whole local part.
 */
static void key_of(stralloc *key, char const *s)
{
  char const *c = s + 1;
  key->len = 0;
  promise(stralloc_append(key, '!'), "memory");
  for (; *c != ':'; c++) promise(stralloc_append(key, lower(*c)), "memory");
  promise(*s == '+' || stralloc_0(key), "memory");
}

/* The first six fields, with NULs between them. */
static void data_of(stralloc *data, char const *s)
{
  unsigned int colons = 0;
  data->len = 0;
  for (s = strchr(s, ':') + 1; colons < 6; s++)
    if (*s != ':') promise(stralloc_append(data, *s), "memory");
    else if (++colons < 6) promise(stralloc_0(data), "memory");
}

/* The last bytes of prefixes, as users/cdb has them. */
static void wildchars_of(stralloc *set, char const *s, size_t n)
{
  size_t at, length;
  set->len = 0;
  for (at = 0; at < n && s[at] != '.'; at += length + 1) {
    char const *colon = memchr(s + at, ':', n - at);
    length = line_length(s + at, n - at);
    if (s[at] == '+' && colon > s + at + 1 && !(set->len && memchr(set->s, colon[-1], set->len)))
      promise(stralloc_append(set, colon[-1]), "memory");
  }
}

/* ---- reading ---- */

/* Returns 1 if the text is whole. */
static int read_all(char const *s, size_t n)
{
  size_t at = 0, line = 1;
  qq_assignment one;
  qq_assign a;
  int r;
  qq_assign_begin(&a, s, n);
  while ((r = qq_assign_next(&a, &one)) > 0) {
    promise(one.line == line && one.whole.s == s + at && one.whole.n == line_length(s + at, n - at),
        "a line is the next line");
    promise(is_good(one.whole.s, one.whole.n), "what is taken is good");
    promise(one.address.s == one.whole.s + 1 && one.address.s[one.address.n] == ':',
        "an address ends with its colon");
    promise(!a.why && (!qq_assign_fault(&one) || *qq_assign_fault(&one)),
        "what has a fault has a reason");
    at += one.whole.n + 1;
    line++;
  }
  if (!r) promise(a.end == at && s[at] == '.', "it ends with the dot");
  else {
    promise(a.why && *a.why && a.line == line, "what is refused has a reason, and a line");
    promise(at == n
            || (s[at] != '.'
                && (line_length(s + at, n - at) == n - at
                    || !is_good(s + at, line_length(s + at, n - at)))),
        "what is refused is bad");
  }
  return !r;
}

/* ---- compiling ---- */

/* An empty file; the same one each time. */
static int scratch(void)
{
  static FILE *f;
  if (!f) f = tmpfile();
  promise(f != 0 && !ftruncate(fileno(f), 0) && !lseek(fileno(f), 0, SEEK_SET), "a file");
  return fileno(f);
}

typedef struct walked { char const *s; size_t n, at; int is_over; stralloc wildchars; } walked;

static int walk(void *p, char const *key, size_t key_length, char const *data, size_t data_length)
{
  stralloc want = STRALLOC_ZERO;
  walked *w = p;
  char const *line = w->s + w->at;
  promise(!w->is_over, "the empty key is the last record");
  w->is_over = *line == '.';
  if (w->is_over) {
    promise(!key_length, "the last record has the empty key");
    promise(data_length == w->wildchars.len
            && (!data_length || !memcmp(data, w->wildchars.s, data_length)),
        "and the last bytes of prefixes");
    return 1;
  }
  key_of(&want, line);
  promise(want.len == key_length && !memcmp(want.s, key, key_length), "a key is its line's");
  data_of(&want, line);
  promise(want.len == data_length && !memcmp(want.s, data, data_length), "data are their line's");
  w->at += line_length(line, w->n - w->at) + 1;
  stralloc_free(&want);
  return 1;
}

/* As qmail-lspawn would go through the lines: the local part, then ever shorter prefixes; the first
   line that has it. */
static char const *find(
    char const *s, size_t n, char const *local, size_t length, stralloc const *wildchars)
{
  stralloc key = STRALLOC_ZERO;
  char const *found = 0;
  size_t try, at;
  for (try = 0; !found && try <= length + 1; try++) {
    size_t const taken = try ? length + 1 - try : length;
    if (try && taken
        && !(wildchars->len && memchr(wildchars->s, lower(local[taken - 1]), wildchars->len)))
      continue;
    for (at = 0; !found && s[at] != '.'; at += line_length(s + at, n - at) + 1) {
      if ((s[at] == '+') != (try > 0)) continue;
      key_of(&key, s + at);
      if (key.len - !try == taken + 1 && !case_diffb(key.s + 1, taken, local)) found = s + at;
    }
  }
  stralloc_free(&key);
  return found;
}

static void look_up(
    int fd, char const *s, size_t n, char const *local, size_t length, stralloc const *wildchars)
{
  qq_usercdb_found found = { STRALLOC_ZERO, 0, 0 };
  stralloc want = STRALLOC_ZERO;
  char const *line;
  int const r = qq_usercdb_lookup(fd, local, length, &found);
  line = find(s, n, local, length, wildchars);
  promise(r == (line != 0), "found what there is");
  if (line) {
    data_of(&want, line);
    promise(found.is_wildcard == (*line == '+')
            && qq_append(&want, local + found.taken, length - found.taken),
        "a prefix takes a part, a local part all");
    same(&want, &found.data, "the first line of the longest prefix");
  }
  stralloc_free(&want);
  stralloc_free(&found.data);
}

static void compile(stralloc const *text, int is_whole, char const *local, size_t length)
{
  char const *why, *s = text->s;
  size_t const n = text->len;
  walked w = { s, n, 0, 0, STRALLOC_ZERO };
  qq_assign at;
  int const fd = scratch(), r = qq_usercdb_make(fd, text, &at);
  promise(r == is_whole, "what can be read can be compiled, and nothing else");
  if (!r) {
    promise(at.why && at.line, "a refusal has a line");
    return;
  }
  wildchars_of(&w.wildchars, s, n);
  promise(qq_usercdb_each(fd, walk, &w, &why) == 1 && w.is_over,
      "a record for each line, and the last one");
  if (!memchr(local, 0, length)) look_up(fd, s, n, local, length, &w.wildchars);
  stralloc_free(&w.wildchars);
}

/* ---- a compiled file of somebody else's ---- */

static int take(void *p, char const *key, size_t key_length, char const *data, size_t data_length)
{
  size_t *sum = p, i;
  for (i = 0; i < key_length; i++) *sum += (unsigned char)key[i];
  for (i = 0; i < data_length; i++) *sum += (unsigned char)data[i];
  return 1;
}

static void read_foreign(char const *s, size_t n)
{
  qq_usercdb_found found = { STRALLOC_ZERO, 0, 0 };
  char const *why;
  size_t sum = 0;
  int const fd = scratch();
  promise(write(fd, s, n) == (ssize_t)n, "a file");
  if (qq_usercdb_each(fd, take, &sum, &why) < 0)
    promise(why && *why, "what is refused has a reason");
  qq_usercdb_lookup(fd, s, n < 8 ? n : 8, &found);
  stralloc_free(&found.data);
}

/* ---- editing ---- */

/* The text without the lines that have one of the keys. */
static void others(stralloc *out, char const *s, size_t n, genalloc const *keys)
{
  size_t at, length;
  for (at = 0; s[at] != '.'; at += length + 1) {
    qq_assign_key k = { { s + at + 1, 0 }, s[at] == '+', 0, 0 };
    k.address.n = (size_t)(strchr(s + at, ':') - s) - at - 1;
    length = line_length(s + at, n - at);
    if (!qq_assign_keys_find(keys, &k)) promise(stralloc_catb(out, s + at, length + 1), "memory");
  }
  promise(stralloc_catb(out, s + at, n - at), "memory");
}

static void remove_some(stralloc const *text, genalloc *keys)
{
  size_t const n = genalloc_len(qq_assign_key, keys);
  stralloc rest = STRALLOC_ZERO, kept = STRALLOC_ZERO;
  genalloc there = GENALLOC_ZERO;
  qq_assign at;
  size_t i;
  promise(qq_copy(&rest, text->s, text->len), "memory");
  promise(qq_assign_remove(&rest, keys, &at), "a whole text can be edited");
  others(&kept, text->s, text->len, keys);
  same(&kept, &rest, "the other lines stay");
  promise(qq_assign_keys_read(&there, text), "memory");
  for (i = 0; i < n; i++) {
    qq_assign_key const *k = &genalloc_s(qq_assign_key, keys)[i];
    qq_assign_key const *first = qq_assign_keys_find(keys, k);
    promise(first->is_found == (qq_assign_keys_find(&there, k) != 0), "what was there is found");
  }
  genalloc_free(qq_assign_key, &there);
  stralloc_free(&rest);
  stralloc_free(&kept);
}

/* Takes lines out of the text, and puts them on top of it. */
static void edit(stralloc const *text, stralloc const *lines)
{
  stralloc whole = STRALLOC_ZERO, added = STRALLOC_ZERO;
  genalloc keys = GENALLOC_ZERO;
  promise(qq_copy(&whole, lines->s, lines->len) && stralloc_cats(&whole, ".\n")
          && qq_copy(&added, text->s, text->len),
      "memory");
  if (read_all(whole.s, whole.len)) {
    promise(qq_assign_keys_read(&keys, &whole), "memory");
    remove_some(text, &keys);
    promise(stralloc_insert(&added, 0, lines), "memory");
    promise(added.len == lines->len + text->len && !memcmp(added.s, lines->s, lines->len)
            && !memcmp(added.s + lines->len, text->s, text->len),
        "lines come on top");
    promise(memchr(lines->s, '.', lines->len) || read_all(added.s, added.len),
        "and leave a whole text");
  }
  genalloc_free(qq_assign_key, &keys);
  stralloc_free(&whole);
  stralloc_free(&added);
}

/* The first bytes say where the text begins: in front of it stand lines to add, which are an
   address to look for too. */
int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  fuzz_input const in = fuzz_cut(data, size);
  stralloc text = STRALLOC_ZERO, lines = STRALLOC_ZERO;
  int is_whole;
  if (!in.n) return 0;
  promise(stralloc_ready(&text, 1) && stralloc_ready(&lines, 1), "memory");
  promise(stralloc_catb(&text, in.s + in.cut, in.n - in.cut) && stralloc_catb(&lines, in.s, in.cut),
      "memory");
  is_whole = read_all(text.s, text.len);
  compile(&text, is_whole, lines.s, lines.len);
  if (is_whole && lines.len && lines.s[lines.len - 1] == '\n') edit(&text, &lines);
  read_foreign(in.s, in.n);
  stralloc_free(&text);
  stralloc_free(&lines);
  return 0;
}
