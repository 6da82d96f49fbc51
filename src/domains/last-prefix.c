#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <qq/domains.h>
#include <qq/file.h>
#include <qq/id.h>

#define NAME "last-prefix"

/* Longer ones are no numbers of domains (prefix.c). */
#define DIGITS 17

int qq_last_prefix_read(int directory, uint64_t *highest)
{
  char s[QQ_NUMBER_FMT + 1];
  ssize_t n;
  int fd;
  *highest = 0;
  fd = directory < 0 ? -1 : openat(directory, NAME, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return directory < 0 || errno == ENOENT ? 1 : -1;
  n = read(fd, s, sizeof s);
  fd_close(fd);
  if (n < 0) return -1;
  if (n && s[n - 1] == '\n' && qq_number_scan(s, (size_t)n - 1, highest)) return 1;
  errno = EPROTO;
  return -1;
}

int qq_last_prefix_note(int directory, char const *prefix, size_t n)
{
  qq_owner const owner = qq_owner_self(0644);
  char s[QQ_NUMBER_FMT + 1];
  uint64_t u, highest;
  size_t length;
  if (n > DIGITS || !qq_number_scan(prefix, n, &u)) return 1;
  if (qq_last_prefix_read(directory, &highest) < 0) return -1;
  if (u <= highest) return 1;
  length = qq_number_format(s, u);
  s[length++] = '\n';
  return qq_replace(directory, NAME, s, length, &owner);
}
