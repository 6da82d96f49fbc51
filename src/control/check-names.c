#include <string.h>
#include "check-private.h"

#define LABEL_MAX 63
#define NAME_MAX_BYTES 253

static int is_alphanumeric(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* more: what else may stand anywhere in a label. */
static int is_name(char const *s, size_t n, char more)
{
  size_t i, label = 0;
  if (!n || n > NAME_MAX_BYTES) return 0;
  for (i = 0; i < n; i++) {
    if (s[i] == '.') {
      if (!label || s[i - 1] == '-') return 0;
      label = 0;
    }
    else if (!is_alphanumeric(s[i]) && s[i] != more && (s[i] != '-' || !label)) return 0;
    else if (++label > LABEL_MAX) return 0;
  }
  return label && s[n - 1] != '-';
}

int qq_check_is_host(char const *s, size_t n)
{
  return is_name(s, n, 'a');
}

int qq_check_is_name(char const *s, size_t n)
{
  return is_name(s, n, '_');
}

/* ---- those of several files ---- */

int qq_names_collect(genalloc *names, stralloc *value, qq_settings const *all, char const *name)
{
  qq_control const *c = qq_control_find(name);
  qq_piece rest, line;
  if (qq_value_get(value, c, all) < 0) return -1;
  rest = qq_piece_of(value);
  while (qq_piece_line(&rest, &line)) {
    int const has_key = c->kind != QQ_CONTROL_MAP || (line.n && memchr(line.s, ':', line.n));
    line.n = qq_edit_key(c->kind, line.s, line.n);
    if (has_key && !genalloc_append(qq_piece, names, &line)) return -1;
  }
  qq_pieces_sort(names, qq_piece_compare_case);
  return 1;
}

int qq_names_have(genalloc const *names, char const *s, size_t n)
{
  size_t i;
  for (i = 0; i < n; i++) {
    qq_piece const end = { s + i, n - i };
    if ((!i || s[i] == '.') && qq_pieces_have(names, &end, qq_piece_compare_case)) return 1;
  }
  return 0;
}
