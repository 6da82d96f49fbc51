#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <skalibs/allreadwrite.h>
#include <qq/gettext.h>
#include <qq/names.h>
#include <qq/pin.h>
#include <qq/remove.h>
#include <qq/say.h>

#define PIECE 65536

static qq_outcome fail(qq_shard const *shard, unsigned int tree, uint64_t id, char const *text, stralloc *why)
{
  int const e = errno;
  if (qq_queue_file(why, shard->queue, tree, id)) qq_say(why, ": %s", text);
  errno = e;
  return QQ_OUTCOME_FAILED;
}

static int read_all(int fd, stralloc *sa)
{
  ssize_t n;
  sa->len = 0;
  do {
    if (!stralloc_readyplus(sa, PIECE)) return -1;
    n = fd_read(fd, sa->s + sa->len, PIECE);
    if (n < 0) return -1;
    sa->len += (size_t)n;
  } while (n);
  return 1;
}

/* Writes letter over that of each recipient record that is meant, and counts those in *marked. A last record without its NUL is never delivered,
   and left alone. */
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

static qq_outcome mark_file(qq_shard *shard, unsigned int tree, uint64_t id, char letter, qq_matcher *matcher, uint64_t *marked, stralloc *why)
{
  int const fd = qq_shard_open(shard, tree, id, O_RDWR);
  stralloc records = STRALLOC_ZERO;
  qq_outcome outcome = QQ_OUTCOME_SILENCED;
  struct stat st;
  if (fd < 0) return errno == ENOENT ? QQ_OUTCOME_SILENCED : fail(shard, tree, id, strerror(errno), why);
  if (!fstat(fd, &st) && !S_ISREG(st.st_mode)) {
    errno = EINVAL;
    outcome = fail(shard, tree, id, _("is no regular file"), why);
  }
  else if (read_all(fd, &records) < 0 || mark(fd, &records, letter, matcher, marked) < 0) outcome = fail(shard, tree, id, strerror(errno), why);
  stralloc_free(&records);
  close(fd);
  return outcome;
}

static qq_outcome mark_channels(qq_shard *shard, uint64_t id, qq_recipient_choice const *choice, uint64_t *marked, stralloc *why)
{
  unsigned int c;
  for (c = 0; c < shard->queue->channels; c++) {
    qq_outcome outcome = QQ_OUTCOME_SILENCED;
    if (!choice->channels || choice->channels[c]) outcome = mark_file(shard, QQ_CHANNEL + c, id, QQ_RECORD_DONE, choice->matcher, marked, why);
    if (outcome != QQ_OUTCOME_SILENCED) return outcome;
  }
  return QQ_OUTCOME_SILENCED;
}

qq_outcome qq_remove_recipients(qq_shard *shard, qq_id const *id, qq_recipient_choice const *choice, stralloc *why)
{
  qq_outcome outcome = QQ_OUTCOME_GONE;
  uint64_t marked = 0;
  qq_pin pin;
  int const r = qq_pin_message(&pin, shard, id, why);
  if (r != 1) return r ? QQ_OUTCOME_FAILED : QQ_OUTCOME_GONE;
  if (pin.place == QQ_PLACE_PREPROCESSED) outcome = mark_channels(shard, id->id, choice, &marked, why);
  else if (pin.place == QQ_PLACE_NEW && !choice->channels) outcome = mark_file(shard, QQ_TODO, id->id, QQ_RECORD_UID, choice->matcher, &marked, why);
  else if (pin.place == QQ_PLACE_NEW) {
    errno = EAGAIN;
    fail(shard, QQ_TODO, id->id, _("is not preprocessed yet, so that its recipients have no channel: start qmail-send and try again"), why);
    outcome = QQ_OUTCOME_UNFINISHED;
  }
  qq_unpin(&pin);
  return outcome == QQ_OUTCOME_SILENCED && !marked ? QQ_OUTCOME_GONE : outcome;
}
