#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <qq/names.h>
#include <qq/remove.h>
#include <qq/select.h>

/* ---- marking ---- */

/* At a record of an unknown type qmail-send stops, and would never end the message: without a
   matcher it is marked, too. */
static int is_waiting(char record, unsigned int tree, qq_matcher const *matcher)
{
  return record == QQ_RECORD_RECIPIENT
    || (!matcher && (!record || !strchr(qq_record_letters(tree), record)));
}

/* As qq_mark_recipients. A last record without its NUL is never delivered, and left alone. */
static int mark_records(qq_pin const *pin, unsigned int tree, int fd, stralloc const *records,
  char letter, qq_matcher *matcher, uint64_t *marked)
{
  qq_queue const *q = pin->shard->queue;
  int const channel = (int)tree - QQ_CHANNEL;           /* todo: none */
  qq_piece rest = { records->s, records->len }, record;
  int some = 0;
  while (qq_record_next(&rest, &record) > 0) {
    off_t const at = record.s - records->s;
    int const waits = is_waiting(*record.s, tree, matcher);
    int meant = waits || *record.s == letter;
    if (meant && matcher)
      meant = qq_match_recipient(matcher, q, channel, record.s + 1, record.n - 1);
    if (meant < 0 || (meant && waits && pwrite(fd, &letter, 1, at) != 1)) return -1;
    *marked += meant && waits;
    some |= meant;
  }
  return some;
}

static int is_no_regular_file(int fd)
{
  struct stat st;
  return !fstat(fd, &st) && !S_ISREG(st.st_mode);
}

int qq_mark_recipients(qq_pin const *pin, unsigned int tree, char letter, qq_matcher *matcher,
  uint64_t *marked, stralloc *why)
{
  int const fd = qq_shard_open_to_change(pin->shard, tree, pin->id, O_RDWR);
  stralloc records = STRALLOC_ZERO;
  int r = -1;
  if (fd < 0) {
    if (errno == ENOENT) return 0;
    qq_outcome_failed(pin, _("unable to write %s"), tree, why);
    return -1;
  }
  if (is_no_regular_file(fd))
    qq_outcome_because(QQ_OUTCOME_FAILED, pin, tree, _("is not a regular file"), why);
  else {
    r = qq_records_read(&records, fd);
    if (r > 0) r = mark_records(pin, tree, fd, &records, letter, matcher, marked);
    if (r < 0) qq_outcome_failed(pin, _("unable to mark recipients in %s"), tree, why);
  }
  stralloc_free(&records);
  close(fd);
  return r;
}

/* ---- taking some recipients out ---- */

/* r: as qq_mark_recipients returns. */
static qq_outcome result(int r, uint64_t marked)
{
  if (r < 0) return marked ? QQ_OUTCOME_UNFINISHED : QQ_OUTCOME_FAILED;
  return marked ? QQ_OUTCOME_SILENCED : r ? QQ_OUTCOME_GONE : QQ_OUTCOME_UNMATCHED;
}

static qq_outcome drop_preprocessed(qq_pin const *pin, qq_meant const *meant, uint64_t *marked,
  stralloc *why)
{
  unsigned int c;
  int r = 0, some = 0;
  for (c = 0; r >= 0 && c < pin->shard->queue->channels; c++) {
    if (meant->channels && !meant->channels[c]) continue;
    r = qq_mark_recipients(pin, QQ_CHANNEL + c, QQ_RECORD_DONE, meant->matcher, marked, why);
    some |= r;
  }
  return result(r < 0 ? r : some, *marked);
}

/* qmail-send makes info before it reads the recipients: if it is there, they may have been read
   before they were marked, and will be in the channels' files. */
static qq_outcome drop_new(qq_pin const *pin, qq_meant const *meant, uint64_t *marked,
  stralloc *why)
{
  struct stat st;
  int const r = qq_mark_recipients(pin, QQ_TODO, QQ_RECORD_UID, meant->matcher, marked, why);
  if (r >= 0 && meant->is_online && (qq_shard_stat(pin->shard, QQ_INFO, pin->id, &st) > 0
    || qq_shard_stat(pin->shard, QQ_TODO, pin->id, &st) < 0)) return QQ_OUTCOME_WAITING;
  return result(r, *marked);
}

qq_outcome qq_drop_recipients(qq_pin const *pin, qq_meant const *meant, uint64_t *marked,
  stralloc *why)
{
  if (pin->state == QQ_STATE_PREPROCESSED) return drop_preprocessed(pin, meant, marked, why);
  if (pin->state != QQ_STATE_NEW) return QQ_OUTCOME_GONE;
  return meant->channels ? QQ_OUTCOME_WAITING : drop_new(pin, meant, marked, why);
}
