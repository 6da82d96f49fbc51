#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <skalibs/bytestr.h>
#include <qq/dotqmail.h>

/* Looks for one name. Returns 1, 0: there is none, or -1: there is one that cannot be opened; or no memory, errno ENOMEM. */
static int look(qq_dotqmail *q, int home, char const *dash, stralloc const *ext, size_t n, char const *tail)
{
  q->name.len = 0;
  if (!stralloc_cats(&q->name, ".qmail") || !stralloc_cats(&q->name, dash) || !stralloc_catb(&q->name, ext->s, n) || !stralloc_cats(&q->name, tail)
    || !stralloc_0(&q->name)) return -1;
  q->fd = openat(home, q->name.s, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (q->fd >= 0) {
    if (fstat(q->fd, &q->st) < 0) return -1;
    if (S_ISREG(q->st.st_mode)) return 1;
    close(q->fd);               /* qmail-local passes over what is no file */
    q->fd = -1;
    errno = ENOENT;
  }
  if (errno != ENOENT && errno != ENOTDIR && errno != ENAMETOOLONG) return -1;
  return stralloc_cats(&q->tried, q->name.s) && stralloc_append(&q->tried, '\n') ? 0 : -1;
}

/* The whole extension, in lower case and with colons for dots; then what is left of it at each dash, with default behind it. */
static int search(qq_dotqmail *q, int home, char const *dash, stralloc const *ext)
{
  int r = look(q, home, dash, ext, ext->len, "");
  size_t i;
  for (i = ext->len + 1; !r && i--;)
    if (!i || ext->s[i - 1] == '-') r = look(q, home, dash, ext, i, "default");
  return r;
}

int qq_dotqmail_find(qq_dotqmail *q, char const *home, char const *dash, char const *ext, size_t ext_length)
{
  stralloc safe = STRALLOC_ZERO;
  int const fd = open(home, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  size_t i;
  int r;
  memset(q, 0, sizeof *q);
  q->fd = -1;
  if (fd < 0) return -1;
  if (!stralloc_catb(&safe, ext, ext_length)) r = -1;
  else {
    case_lowerb(safe.s, safe.len);
    for (i = 0; i < safe.len; i++) if (safe.s[i] == '.') safe.s[i] = ':';
    r = search(q, fd, dash, &safe);
    if (r < 0) q->error = errno;
  }
  stralloc_free(&safe);
  close(fd);
  return r < 0 ? 1 : r;
}

void qq_dotqmail_free(qq_dotqmail *q)
{
  if (q->fd >= 0) close(q->fd);
  stralloc_free(&q->name);
  stralloc_free(&q->tried);
}
