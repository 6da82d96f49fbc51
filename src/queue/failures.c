#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <skalibs/allreadwrite.h>
#include "queue-private.h"

#define PIECE 16384

/* Returns 1, or -1 with errno. */
static int read_all(int fd, qq_qsbmf *q, qq_failure_action *action, void *data)
{
  char buf[PIECE];
  size_t done = 0;
  int r = 0;
  qq_qsbmf_start_file(q);
  for (;;) {
    ssize_t const got = done < QQ_LARGEST ? fd_read(fd, buf, sizeof buf) : (errno = EFBIG, -1);
    char const *s = buf;
    size_t n;
    if (got < 0) return -1;
    n = (size_t)got;
    done += n;
    while ((r = qq_qsbmf_feed(q, &s, &n)) == 1) action(data, q);
    if (r < 0) return -1;
    if (!got || r == 2) return 1;
  }
}

int qq_message_failures(qq_message *m, qq_qsbmf *q, qq_failure_action *action, void *data)
{
  int const fd = qq_shard_open(m->shard, QQ_BOUNCE, m->id, O_RDONLY);
  struct stat st;
  int r;
  if (fd < 0) return errno == ENOENT ? 1 : qq_message_unreadable(m, QQ_BOUNCE);
  if (fstat(fd, &st) < 0) r = qq_message_unreadable(m, QQ_BOUNCE);
  else if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
    r = qq_message_damaged(m, QQ_BOUNCE, _("is not a regular file"));
  else r = read_all(fd, q, action, data) > 0 ? 1 : qq_message_unreadable(m, QQ_BOUNCE);
  close(fd);
  return r;
}

int qq_message_report(qq_message *m, qq_report *report, qq_failure_action *action, void *data)
{
  char s[PIECE];
  uint64_t offset = 0;
  int r = 1;
  qq_report_start(report);
  while (r == 1) {
    size_t got;
    r = qq_message_read_early(m, offset, s, sizeof s, &got);
    if (r != 1) return r;
    r = qq_report_feed(report, s, got, action, data);
    offset += got;
  }
  return r == 2 ? 1 : qq_message_unreadable(m, QQ_MESS);
}
