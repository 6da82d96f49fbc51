#include <string.h>
#include <qq/id.h>

uint64_t qq_stamp(struct stat const *st)
{
  uint64_t const second = UINT64_C(1000000000);
  uint64_t s;
  if (st->st_mtim.tv_sec < 0) return 0;
  s = (uint64_t)st->st_mtim.tv_sec;
  if (s > UINT64_MAX / second - 1) return UINT64_MAX - 1;
  return s * second + (uint64_t)st->st_mtim.tv_nsec;
}

size_t qq_number_format(char *s, uint64_t u)
{
  char digits[QQ_NUMBER_FMT];
  size_t at = sizeof digits;
  do {
    digits[--at] = (char)('0' + u % 10);
    u /= 10;
  } while (u);
  memcpy(s, digits + at, sizeof digits - at);
  return sizeof digits - at;
}

size_t qq_id_format(char *s, qq_id const *id)
{
  size_t n = qq_number_format(s, id->id);
  if (id->stamp == QQ_UNSTAMPED) return n;
  s[n++] = '@';
  return n + qq_number_format(s + n, id->stamp);
}

int qq_number_scan(char const *s, size_t n, uint64_t *u)
{
  uint64_t v = 0;
  size_t i;
  if (!n || (*s == '0' && n > 1)) return 0;
  for (i = 0; i < n; i++) {
    unsigned int const digit = (unsigned int)(unsigned char)s[i] - '0';
    if (digit > 9 || v > (UINT64_MAX - digit) / 10) return 0;
    v = v * 10 + digit;
  }
  *u = v;
  return 1;
}

int qq_id_scan(char const *s, size_t n, qq_id *id)
{
  char const *at = n ? memchr(s, '@', n) : 0;
  if (!at) {
    id->stamp = QQ_UNSTAMPED;
    return qq_number_scan(s, n, &id->id);
  }
  if (!qq_number_scan(s, (size_t)(at - s), &id->id)
    || !qq_number_scan(at + 1, n - (size_t)(at + 1 - s), &id->stamp)) return 0;
  /* It must not turn into a bare id. No file has either stamp. */
  if (id->stamp == QQ_UNSTAMPED) id->stamp--;
  return 1;
}
