/* What is wrong with the records of an envelope: read once, forwards, whatever their length. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <qq/damage.h>
#include <qq/file.h>
#include <qq/names.h>
#include "queue-private.h"

#define BAD_ENOUGH 1048576

typedef struct records {
  int has_begun;                /* the last one has no NUL yet */
  int is_unknown;               /* one has another letter */
  char first;                   /* letter of the first; 0: none */
  int is_sender_first;          /* a sender was there before the first recipient */
  int has_recipient, is_done;   /* the first record is whole */
} records;

static void take_letter(records *r, char c, char const *letters)
{
  if (!strchr(letters, c)) r->is_unknown = 1;
  if (!r->is_done) r->first = c;
  if (c == QQ_RECORD_SENDER && !r->has_recipient) r->is_sender_first = 1;
  if (c == QQ_RECORD_RECIPIENT) r->has_recipient = 1;
  r->has_begun = 1;
}

static void take(records *r, char const *s, size_t n, char const *letters)
{
  size_t i = 0;
  while (i < n) {
    char const *end;
    if (!r->has_begun && !s[i]) {       /* of which there may be any number: no call for each */
      r->is_unknown = r->is_done = 1;
      i++;
      continue;
    }
    if (!r->has_begun) take_letter(r, s[i], letters);
    end = memchr(s + i, 0, n - i);
    if (!end) return;
    r->has_begun = 0;
    r->is_done = 1;
    i = (size_t)(end - s) + 1;
  }
}

/* Of info its first record counts (qmail-send.c:getinfo); and what has a record that nobody knows
   is not read to the end to see how it ends. Returns 1, or -1 with errno. */
static int read_records(records *r, int fd, unsigned int tree)
{
  char const *letters = qq_record_letters(tree);
  char buffer[4096];
  size_t done = 0;
  ssize_t n;
  while ((n = fd_read(fd, buffer, sizeof buffer)) > 0) {
    take(r, buffer, (size_t)n, letters);
    done += (size_t)n;
    if (tree == QQ_INFO && r->is_done) return 1;
    if (r->is_unknown && done >= BAD_ENOUGH) return r->has_begun = 0, 1;
    if (done > QQ_LARGEST) return errno = EFBIG, -1;
  }
  return n < 0 ? -1 : 1;
}

static void find(qq_file *f, qq_damage_kind kind, int is_so)
{
  if (is_so) f->kinds |= UINT64_C(1) << kind;
}

static void judge(qq_file *f, records const *r)
{
  if (f->tree == QQ_INFO) find(f, QQ_DAMAGE_INFO_BAD, r->first != QQ_RECORD_SENDER || !r->is_done);
  else if (f->tree == QQ_TODO) {
    find(f, QQ_DAMAGE_TODO_EMPTY, !r->is_sender_first);
    find(f, QQ_DAMAGE_TODO_LETTER, r->is_unknown);
    find(f, QQ_DAMAGE_TODO_CUT, r->is_sender_first && r->has_begun);
  }
  else {
    find(f, QQ_DAMAGE_RECIPIENTS_EMPTY, !r->is_done && !r->has_begun);
    find(f, QQ_DAMAGE_RECIPIENTS_LETTER, r->is_unknown);
    find(f, QQ_DAMAGE_RECIPIENTS_CUT, r->has_begun);
  }
}

static int open_part(qq_files const *p, qq_file const *f, qq_shard *shard)
{
  stralloc path = STRALLOC_ZERO;
  int fd = -1;
  if (!f->is_misplaced) return qq_shard_open(shard, f->tree, p->id, O_RDONLY);
  if (qq_file_path(&path, shard->queue, f, p->id) && stralloc_0(&path))
    fd = qq_open_below(shard->queue->fd, path.s, O_RDONLY | O_NONBLOCK);
  stralloc_free(&path);
  return fd;
}

/* What is gone by now, or not ours to read because of its owner, has nothing wrong with what is in
   it: that it is gone will be seen, and its owner was. */
static int is_excused(qq_file const *f, int e)
{
  uint64_t const closed =
    UINT64_C(1) << QQ_DAMAGE_RECORD_OWNER | UINT64_C(1) << QQ_DAMAGE_TODO_MODE;
  return qq_queue_is_absent(e) || (e == EACCES && f->kinds & closed);
}

int qq_files_read(qq_files const *p, qq_file *f, qq_shard *shard, stralloc *why)
{
  records r = { 0 };
  int const fd = open_part(p, f, shard);
  int const good = fd >= 0 && read_records(&r, fd, f->tree) > 0;
  if (good) judge(f, &r);
  if (fd >= 0) fd_close(fd);
  if (good || (fd < 0 && is_excused(f, errno))) return 1;
  qq_file_path(why, shard->queue, f, p->id);
  return qq_refuse(why, errno, ": %s", strerror(errno));
}
