/* What the name of a rotated file says: its set, and how old it is within that. */

#include <stdlib.h>
#include <string.h>
#include <qq/names.h>
#include "log-private.h"

/* The length without `.gz' and its like. */
static size_t without_compression(char const *s, size_t n)
{
  static char const *const ends[] = { ".gz", ".bz2", ".xz", ".zst" };
  size_t i;
  for (i = 0; i < sizeof ends / sizeof *ends; i++)
    if (qq_piece_ends((qq_piece){ s, n }, ends[i])) return n - strlen(ends[i]);
  return n;
}

/* The length without the digits at its end. */
static size_t without_digits(char const *s, size_t n)
{
  while (n && s[n - 1] >= '0' && s[n - 1] <= '9') n--;
  return n;
}

int qq_log_is_finished(char const *name)
{
  size_t const n = without_compression(name, strlen(name));
  size_t i;
  if (n != 27 || *name != '@') return 0;
  for (i = 1; i < 25; i++)
    if (!(name[i] >= '0' && name[i] <= '9') && !(name[i] >= 'a' && name[i] <= 'f')) return 0;
  return name[i] == '.' && (name[i + 1] == 's' || name[i + 1] == 'u');
}

static int is_of_multilog(char const *name)
{
  return qq_log_is_finished(name) || !strcmp(name, QQ_NAME_CURRENT);
}

/* Says whether it ends so, and has something in front of that; 0 stands for any digit. */
static int ends_as(char const *s, size_t n, char const *form)
{
  size_t i = strlen(form);
  if (n <= i) return 0;
  for (; i; i--) {
    char const c = s[n - i], f = *form++;
    if (f == '0' ? c < '0' || c > '9' : c != f) return 0;
  }
  return 1;
}

/* The length of a date at the end that is no number: logrotate's dateformat -%Y-%m-%d, newsyslog -t
   (20261125T000000). */
static size_t date_length(char const *s, size_t n)
{
  static char const *const forms[] = { "-0000-00-00", ".00000000T000000" };
  size_t i;
  for (i = 0; i < sizeof forms / sizeof *forms; i++)
    if (ends_as(s, n, forms[i])) return strlen(forms[i]);
  return 0;
}

/* Sets age by the end of the name, and returns the length without that. */
static size_t take_age(char const *s, size_t n, qq_log_age *age)
{
  size_t const whole = n, plain = without_compression(s, n), date = date_length(s, plain);
  size_t const digits = date ? plain - date : without_digits(s, plain);
  uint64_t v = 0;
  size_t i;
  age->kind = 2;
  age->is_compressed = plain < whole;
  for (i = digits; i < plain && i < digits + 18; i++)
    if (s[i] >= '0' && s[i] <= '9') v = v * 10 + (uint64_t)(s[i] - '0');
  if (date) {
    age->kind = 0;
    n = digits;
  }
  else if (digits > 1 && plain > digits && plain - digits <= 9 && s[digits - 1] == '.') {
    age->kind = 1;
    n = digits - 1;
  }
  else if (digits > 1 && plain - digits >= 8 && plain - digits <= 14 && s[digits - 1] == '-') {
    age->kind = 0;
    n = digits - 1;
  }
  else if (qq_piece_ends((qq_piece){ s, plain }, ".processed")) n = plain;
  else return plain < whole ? plain : whole;
  age->value = age->kind == 2 ? 0 : v;
  if (qq_piece_ends((qq_piece){ s, n }, ".processed")) {
    age->is_processed = 1;
    if (age->kind == 2) age->kind = 1;
    n -= strlen(".processed");
  }
  return n;
}

char *qq_log_set_of(char const *path, qq_log_age *age)
{
  char const *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
  size_t n = strlen(path);
  char *set;
  memset(age, 0, sizeof *age);
  age->kind = 2;
  if (is_of_multilog(base)) {
    memcpy(age->name, base, strlen(base));
    if (!slash) return strdup(".");
    n = slash == path ? 1 : (size_t)(slash - path);
  }
  else n = (size_t)(base - path) + take_age(base, strlen(base), age);
  set = malloc(n + 1);
  if (!set) return 0;
  memcpy(set, path, n);
  set[n] = 0;
  return set;
}

static int compare(uint64_t a, uint64_t b)
{
  return a < b ? -1 : a > b;
}

/* Dates go up with time and numbers down; `@' is below `c' in ASCII. */
int qq_log_age_compare(qq_log_age const *a, qq_log_age const *b)
{
  int const names = strcmp(a->name, b->name);
  if (names) return names;
  if (a->kind != b->kind) return a->kind < b->kind ? -1 : 1;
  if (a->value != b->value)
    return a->kind == 1 ? compare(b->value, a->value) : compare(a->value, b->value);
  return b->is_processed - a->is_processed;
}
