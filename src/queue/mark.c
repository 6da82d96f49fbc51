#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <qq/change.h>
#include <qq/file.h>
#include <qq/names.h>
#include <qq/remove.h>
#include <qq/text.h>

/* A last record without its NUL is never delivered, and left alone. */
static int mark(int fd, stralloc const *records, char letter, qq_matcher *matcher, uint64_t *marked)
{
  size_t at = 0;
  while (at < records->len) {
    char const *s = records->s + at, *end = memchr(s, 0, records->len - at);
    if (!end) return 1;
    if (*s == QQ_RECORD_RECIPIENT) {
      int const meant = matcher ? qq_match(matcher, s + 1, (size_t)(end - s) - 1) : 1;
      if (meant < 0 || (meant && pwrite(fd, &letter, 1, (off_t)at) != 1)) return -1;
      *marked += (uint64_t)meant;
    }
    at += (size_t)(end - s) + 1;
  }
  return 1;
}

static int is_regular(int fd)
{
  struct stat st;
  if (fstat(fd, &st) < 0) return -1;
  errno = EINVAL;
  return S_ISREG(st.st_mode);
}

int qq_mark_recipients(qq_shard *shard, unsigned int tree, uint64_t id, char letter, qq_matcher *matcher, uint64_t *marked, stralloc *why)
{
  int const fd = qq_shard_open(shard, tree, id, O_RDWR);
  stralloc records = STRALLOC_ZERO;
  int r;
  if (fd < 0) {
    if (errno == ENOENT) return 1;
    qq_outcome_failed(shard, _("write"), tree, id, why);
    return -1;
  }
  r = is_regular(fd);
  if (!r) {
    qq_outcome_why(shard, tree, id, _("is no regular file"), why);
    r = -1;
  }
  else {
    if (r > 0) r = qq_slurp(&records, fd);
    if (r > 0) r = mark(fd, &records, letter, matcher, marked);
    if (r < 0) qq_outcome_failed(shard, _("mark recipients in"), tree, id, why);
  }
  stralloc_free(&records);
  close(fd);
  return r;
}
