#include <string.h>
#include <qq/id.h>

uint64_t qq_stamp(struct stat const *st)
{
  uint64_t const second = UINT64_C(1000000000);
  uint64_t s;
  if (st->st_mtim.tv_sec < 0) return 0;
  s = (uint64_t)st->st_mtim.tv_sec;
  if (s > QQ_STAMP_MAX / second - 1) return QQ_STAMP_MAX;
  return s * second + (uint64_t)st->st_mtim.tv_nsec;
}

size_t qq_number_format(char *s, uint64_t u)
{
  uint64_t least = 10;          /* that has a digit more */
  size_t n = 1, i;
  for (; n < QQ_NUMBER_FMT && u >= least; n++) least *= 10;
  for (i = n; i--; u /= 10) s[i] = (char)('0' + u % 10);
  return n;
}

size_t qq_id_format(char *s, qq_id const *id)
{
  size_t n = qq_number_format(s, id->id), length;
  char digits[QQ_NUMBER_FMT];
  if (id->stamp == QQ_UNSTAMPED) return n;
  s[n++] = '@';
  memset(s + n, '0', QQ_STAMP_DIGITS);          /* a time before September 2001 has fewer */
  length = qq_number_format(digits, id->stamp);
  memcpy(s + n + QQ_STAMP_DIGITS - length, digits, length);
  return n + QQ_STAMP_DIGITS;
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

/* All of it, so that the beginning of a stamp is none. */
static int scan_stamp(char const *s, size_t n, uint64_t *stamp)
{
  if (n != QQ_STAMP_DIGITS) return 0;
  for (; n > 1 && *s == '0'; n--) s++;
  return qq_number_scan(s, n, stamp);
}

int qq_id_scan(char const *s, size_t n, qq_id *id)
{
  char const *at = n ? memchr(s, '@', n) : 0;
  id->stamp = QQ_UNSTAMPED;
  return qq_number_scan(s, at ? (size_t)(at - s) : n, &id->id)
    && (!at || scan_stamp(at + 1, n - (size_t)(at + 1 - s), &id->stamp));
}
