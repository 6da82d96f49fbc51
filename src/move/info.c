#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <qq/id.h>
#include <qq/move.h>

#define MACHINE_ID "/etc/machine-id"
#define MACHINE_DIGITS 32

/* Where the system has no such file, or it is not filled in yet, its name has to do. Returns the
   number of digits read; 0; or -1. */
static ssize_t read_machine_id(char *id)
{
  int const fd = open(MACHINE_ID, O_RDONLY | O_CLOEXEC);
  ssize_t n;
  if (fd < 0) return errno == ENOENT ? 0 : -1;
  n = read(fd, id, MACHINE_DIGITS);
  fd_close(fd);
  return n < 0 || n == MACHINE_DIGITS ? n : 0;
}

static int append_machine(stralloc *out)
{
  char id[MACHINE_DIGITS + 1];
  ssize_t const n = read_machine_id(id);
  if (n < 0 || (!n && gethostname(id, sizeof id) < 0)) return -1;
  id[n ? n : (ssize_t)sizeof id - 1] = 0;
  return qq_append(out, id, strlen(id)) ? 1 : -1;
}

int qq_move_source(stralloc *out, int queue_fd)
{
  struct stat st;
  if (fstat(queue_fd, &st) < 0 || append_machine(out) < 0) return -1;
  return qq_fmt(out, ":%llu:%llu", (unsigned long long)st.st_dev, (unsigned long long)st.st_ino)
    ? 1 : -1;
}

static int append_number(stralloc *out, char const *name, int is_known, uint64_t n)
{
  if (!is_known) return qq_fmt(out, "%snull", name);
  return qq_fmt(out, "%s%llu", name, (unsigned long long)n);
}

int qq_move_info_format(stralloc *out, qq_move_info const *i)
{
  return append_number(out, "{\"birth\":", i->has_birth, i->birth)
    && append_number(out, ",\"uid\":", i->has_uid, i->uid)
    && append_number(out, ",\"pid\":", i->has_pid, i->pid);
}

/* The name, and behind it a number or null. */
static int take_number(qq_piece *text, char const *name, int *is_known, uint64_t *number)
{
  size_t n = 0;
  *is_known = 0;
  if (!qq_piece_take(text, name)) return 0;
  if (qq_piece_take(text, "null")) return 1;
  while (n < text->n && text->s[n] >= '0' && text->s[n] <= '9') n++;
  *is_known = qq_number_scan(text->s, n, number);
  qq_piece_skip(text, n);
  return *is_known;
}

int qq_move_info_scan(qq_move_info *i, char const *s, size_t n)
{
  qq_piece text = { s, n };
  return take_number(&text, "{\"birth\":", &i->has_birth, &i->birth)
    && take_number(&text, ",\"uid\":", &i->has_uid, &i->uid)
    && take_number(&text, ",\"pid\":", &i->has_pid, &i->pid)
    && text.n && (*text.s == ',' || *text.s == '}') && i->birth <= QQ_STAMP_MAX;
}
