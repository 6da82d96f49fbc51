#include <qq/check.h>

#define LABEL_MAX 63
#define NAME_MAX_BYTES 253

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
