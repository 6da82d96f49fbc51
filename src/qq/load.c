#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>
#include <skalibs/allreadwrite.h>
#include <skalibs/sha256.h>
#include <qq/diagnostic.h>
#include <qq/names.h>
#include <qq/when.h>
#include "moving.h"

#define PIECE 65536

/* A batch is committed when it is so large, or the stream is silent for so long. */
#define BATCH_MESSAGES 1000
#define BATCH_BYTES 67108864
#define BATCH_AGE (5 * QQ_SECOND)
#define SILENCE 500             /* milliseconds */

/* ---- opening ---- */

static void refuse_own(qq_load *l)
{
  stralloc here = STRALLOC_ZERO;
  if (qq_move_source(&here, l->reading.queue.fd) < 0)
    qq_die_unable(_("unable to look at %s"), l->reading.queue.path);
  if (here.len == l->origin.len - 1 && !memcmp(here.s, l->origin.s, here.len))
    qq_die(QQ_EXIT_USAGE, _("the stream comes from this queue, %s: its messages are here"),
      l->reading.queue.path);
  stralloc_free(&here);
}

static void take_lock(qq_load *l)
{
  l->lock.waits_for = qq_batch_tell_wait;
  qq_demand(qq_queue_lock_take(&l->lock, &l->reading.queue, &l->placing.why), &l->placing.why);
  qq_placing_need_qmail_send(&l->placing);
  qq_queue_lock_pause(&l->lock);
}

/* It becomes a word of a line of the ledger. */
static int is_word(char const *s)
{
  while (*s > ' ' && *s < 127) s++;
  return !*s;
}

/* The comment stands in front of the first file. Returns what qq_archive_next returned. */
static int read_origin(qq_load *l, qq_archive_entry *e)
{
  static char const magic[] = QQ_MOVE_MAGIC;
  char const *const comment = l->archive.comment;
  size_t const n = sizeof magic - 1;
  int const r = qq_archive_next(&l->archive, e, &l->placing.why);
  qq_demand(r, &l->placing.why);
  if (strncmp(comment, magic, n) || !comment[n] || !is_word(comment + n))
    qq_die(QQ_EXIT_USAGE, "%s", _("standard input is not a stream of qq-save"));
  qq_demand_memory(qq_append(&l->origin, comment + n, strlen(comment + n) + 1));
  return r;
}

static void start(qq_load *l)
{
  static char space[PIECE];
  static buffer in;
  l->placing.reading = &l->reading;
  l->placing.lock = &l->lock;
  l->placing.data = l;
  l->placing.failed = qq_load_failed;
  l->placing.safe = qq_load_print;
  signal(SIGPIPE, SIG_IGN);     /* the trigger is closed and opened again by qmail-send */
  qq_reading_open(&l->reading);
  if (isatty(0))
    qq_die_usage("%s", _("standard input is a terminal, expected a stream of qq-save"));
  buffer_init(&in, &buffer_read, 0, space, sizeof space);
  l->archive.in = &in;
}

static void prepare(qq_load *l)
{
  refuse_own(l);
  qq_placing_open(&l->placing, l->origin.s, 0);
  take_lock(l);
  l->arrival = (qq_arrival)QQ_ARRIVAL_ZERO;
}

/* ---- the parts of a message ---- */

static int refuse(qq_load *l, qq_archive_entry const *e, char const *text)
{
  return qq_refuse(&l->placing.why, EPROTO, "%s: %s", e->name, text);
}

static int read_part(qq_load *l, qq_archive_entry const *e, stralloc *to)
{
  size_t const n = (size_t)e->size;
  ssize_t r;
  if (e->size > QQ_MOVE_PART) return refuse(l, e, _("is larger than 64 MB"));
  to->len = 0;
  qq_demand_memory(qq_room(to, n + 1));
  while ((r = qq_archive_read(&l->archive, to->s + to->len, n - to->len, &l->placing.why)) > 0)
    to->len += (size_t)r;
  return r < 0 ? -1 : 1;
}

static int read_info(qq_load *l, qq_archive_entry const *e)
{
  stralloc text = STRALLOC_ZERO;
  int r = read_part(l, e, &text);
  if (r > 0 && !qq_move_info_scan(&l->arrival.info, text.s, text.len))
    r = refuse(l, e, _("does not begin with birth, uid and pid"));
  stralloc_free(&text);
  return r;
}

/* Reads the body, and writes it to fd (-1: nowhere). Returns 1; 0: it could not be written, and
   what is left of it was passed; or -1. */
static int read_body(qq_load *l, int fd)
{
  static char s[PIECE];
  SHA256Schedule digest = SHA256_INIT();
  int is_written = 1, e = 0;
  ssize_t r;
  while ((r = qq_archive_read(&l->archive, s, sizeof s, &l->placing.why)) > 0) {
    sha256_update(&digest, s, (size_t)r);
    if (fd < 0 || !is_written || allwrite(fd, s, (size_t)r) == (size_t)r) continue;
    is_written = 0;
    e = errno;
  }
  qq_digest_end(l->digest, &digest);
  errno = e;
  return r < 0 ? -1 : is_written;
}

static int place_body(qq_load *l)
{
  qq_queue const *const q = &l->reading.queue;
  int r = qq_place_begin(&l->arrival, q, &l->placing.why);
  if (r < 0) {
    qq_load_fail(l);
    return read_body(l, -1);
  }
  r = read_body(l, l->arrival.fd);
  if (r > 0) {
    if (qq_place_body(&l->arrival, &l->placing.shard, &l->placing.why) > 0) qq_load_add(l);
    else qq_load_fail(l);
    return 1;
  }
  if (!r) qq_unable(&l->placing.why, _("unable to write to %s/%s"), q->path, QQ_NAME_PID);
  qq_place_forget(&l->arrival, q);
  if (!r) qq_load_fail(l);
  return r < 0 ? -1 : 1;
}

static int read_mess(qq_load *l, qq_archive_entry const *e)
{
  qq_ledger_entry *const known = qq_ledger_find(&l->placing.ledger, &l->arrival.source);
  int r;
  if (e->changed != l->arrival.source.stamp)
    return refuse(l, e, _("was last changed at another time than its token says"));
  if (!qq_envelope_is_whole(&l->arrival.envelope))
    return refuse(l, e, _("has an envelope that qmail-queue would not take"));
  l->arrival.stays_held = l->stays_held;
  if (!known) return place_body(l);
  r = read_body(l, -1);
  if (r > 0) qq_load_known(l, known);
  return r;
}

/* In the order in which they come. */
enum { ENVELOPE, INFO, BOUNCE, MESS, NO_PART };

static unsigned int find_part(char const *name)
{
  static char const *const names[] = { QQ_MOVE_ENVELOPE, QQ_MOVE_INFO, QQ_MOVE_BOUNCE,
    QQ_MOVE_MESS };
  unsigned int i = 0;
  while (i < NO_PART && strcmp(name, names[i])) i++;
  return i;
}

/* Says whether a part may follow those that were there. */
static int may_follow(qq_load const *l, unsigned int part, qq_id const *id)
{
  if (part == ENVELOPE) return !l->part;
  return (part == l->part || (part == MESS && l->part == BOUNCE))
    && id->id == l->arrival.source.id && id->stamp == l->arrival.source.stamp;
}

static int take_part(qq_load *l, qq_archive_entry const *e)
{
  char const *const slash = strchr(e->name, '/');
  unsigned int const part = slash ? find_part(slash + 1) : NO_PART;
  qq_id id;
  int r;
  if (part == NO_PART || !qq_id_scan(e->name, (size_t)(slash - e->name), &id)
    || id.stamp == QQ_UNSTAMPED || !may_follow(l, part, &id))
    return refuse(l, e, _("is not a part of a message, or is in the wrong place"));
  l->arrival.source = id;
  if (part == ENVELOPE) l->arrival.bounce.len = 0;
  r = part == ENVELOPE ? read_part(l, e, &l->arrival.envelope)
    : part == INFO ? read_info(l, e)
    : part == BOUNCE ? read_part(l, e, &l->arrival.bounce)
    : read_mess(l, e);
  l->part = part == MESS ? 0 : part + 1;
  return r;
}

/* ---- the stream ---- */

static int is_silent(qq_load const *l)
{
  struct pollfd p = { 0, POLLIN, 0 };
  return !buffer_len(l->archive.in) && !poll(&p, 1, SILENCE);
}

static int is_due(qq_load const *l)
{
  size_t const n = genalloc_len(qq_arrival, &l->placing.batch);
  return n && !l->part && (n >= BATCH_MESSAGES || l->bytes >= BATCH_BYTES
    || qq_now() - l->since > BATCH_AGE || is_silent(l));
}

/* Returns 1 at the end that qq-save wrote; -1 and why. */
static int read_messages(qq_load *l, qq_archive_entry *e, int r)
{
  while (r > 0) {
    if (!strcmp(e->name, QQ_MOVE_END))
      return l->part ? refuse(l, e, _("is in the middle of a message")) : 1;
    r = take_part(l, e);
    if (is_due(l)) qq_load_commit(l);
    if (r > 0) r = qq_archive_next(&l->archive, e, &l->placing.why);
  }
  return r < 0 ? r : refuse(l, e, _("is the last file, and the end is missing"));
}

void qq_load_run(qq_load *l)
{
  qq_archive_entry e;
  int r;
  start(l);
  r = read_origin(l, &e);
  prepare(l);
  r = read_messages(l, &e, r);
  if (r < 0) {
    qq_trouble("%.*s", (int)l->placing.why.len, l->placing.why.s);
    l->placing.why.len = 0;
  }
  qq_load_commit(l);
  l->unsettled = qq_placing_settle_all(&l->placing);
}
