#include <fcntl.h>
#include <string.h>
#include <skalibs/bytestr.h>
#include <skalibs/djbunix.h>
#include <qq/file.h>
#include <qq/home.h>
#include <qq/names.h>
#include <qq/text.h>

/* The largest program that is looked at. */
#define PROGRAM_MAX 67108864

int qq_home_program_has(int home, char const *program, char const *sign)
{
  size_t const n = strlen(sign);
  stralloc path = STRALLOC_ZERO, text = STRALLOC_ZERO;
  int fd = -1, found = 0;
  if (qq_fmt(&path, QQ_NAME_BIN "/%s", program) && stralloc_0(&path))
    fd = openat(home, path.s, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd >= 0) {
    if (qq_slurp_regular(&text, fd, PROGRAM_MAX) > 0)
      found = byte_search(text.s, text.len, sign, n) + n <= text.len;
    fd_close(fd);
  }
  stralloc_free(&path);
  stralloc_free(&text);
  return found;
}
