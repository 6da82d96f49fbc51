#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <qq/names.h>
#include <qq/schedule.h>
#include <qq/when.h>
#include "queue-private.h"

/* Two files written within this time may have the same mtime: file systems stamp with a clock that
   ticks every few milliseconds. */
#define STAMP_SETTLES (20 * UINT64_C(1000000))

void qq_message_init(qq_message *m, qq_shard *shard, genalloc const *bounces)
{
  memset(m, 0, sizeof *m);
  m->shard = shard;
  m->bounces = bounces;
  m->mess_fd = m->record_fd = -1;
}

static void close_fd(int *fd)
{
  if (*fd >= 0) close(*fd);
  *fd = -1;
}

void qq_message_free(qq_message *m)
{
  close_fd(&m->mess_fd);
  close_fd(&m->record_fd);
  stralloc_free(&m->why);
  stralloc_free(&m->sender);
  stralloc_free(&m->addresses);
  genalloc_free(qq_recipient, &m->recipients);
  stralloc_free(&m->record);
  stralloc_free(&m->head);
}

void qq_message_begin(qq_message *m, qq_id const *id, qq_listed listed, uint64_t since)
{
  close_fd(&m->mess_fd);
  close_fd(&m->record_fd);
  m->id = id->id;
  m->wanted = id->stamp;
  m->listed = listed;
  m->since = since;
  m->known = 0;
}

int qq_message_damaged(qq_message *m, unsigned int tree, char const *text)
{
  m->why.len = 0;
  return qq_queue_refuse(&m->why, errno, m->shard->queue, tree, m->id, text);
}

int qq_message_unreadable(qq_message *m, unsigned int tree)
{
  return qq_message_damaged(m, tree,
    errno == ELOOP ? _("is a symbolic link, expected a regular file")
    : errno == EISDIR ? _("is a directory, expected a regular file") : strerror(errno));
}

int qq_message_has(qq_message *m, unsigned int tree)
{
  struct stat st;
  int const r = qq_shard_has(m->shard, tree, m->id, &st);
  return r < 0 ? qq_message_unreadable(m, tree) : r;
}

/* What listings do not have may have files that they do not look at. */
static int left_over(qq_message *m)
{
  stralloc names = STRALLOC_ZERO;
  int const r = m->listed == QQ_LISTED_NOWHERE ? qq_remains_find(m->shard, m->id, &names) : QQ_GONE;
  if (r < 0) qq_message_unreadable(m, QQ_MESS);
  else if (r) {
    m->why.len = 0;
    qq_remains_say(&m->why, m->id, &names);
  }
  stralloc_free(&names);
  return r ? QQ_DAMAGED : QQ_GONE;
}

/* The mess file is not there. qmail takes info away before it, and makes it before todo: a record
   without it is damage. */
static int vanished(qq_message *m)
{
  int r = qq_message_has(m, QQ_INFO);
  if (!r) r = qq_message_has(m, QQ_TODO);
  if (!r) return left_over(m);
  if (r > 0) r = qq_message_has(m, QQ_MESS);
  if (r) return r < 0 ? r : QQ_CHANGED;
  return qq_message_damaged(m, QQ_MESS, _("is missing, but the queue has an envelope for it"));
}

static int missing(qq_message *m)
{
  return errno == ENOENT ? vanished(m) : qq_message_unreadable(m, QQ_MESS);
}

/* Waits until no other file can get the same stamp. Returns 1 if it waited. */
static int settle(qq_message const *m, struct stat const *st, uint64_t stamp)
{
  uint64_t const wait = st->st_mtim.tv_nsec ? STAMP_SETTLES : QQ_SECOND;
  struct timespec t;
  uint64_t now;
  if (stamp < m->since && m->since - stamp > wait) return 0;    /* no need to look at the clock */
  now = qq_now();
  if (now < stamp || now - stamp >= wait) return 0;
  t.tv_sec = (time_t)((wait - (now - stamp)) / QQ_SECOND);
  t.tv_nsec = (long)((wait - (now - stamp)) % QQ_SECOND);
  nanosleep(&t, 0);
  return 1;
}

/* An id that no listing had, or whose number was given away since, may be a file that qmail-queue
   is still writing, or remains of one. */
static int placed(qq_message *m)
{
  int r;
  if (m->over || m->known & KNOWS_ENVELOPE) return 1;
  if (m->listed != QQ_LISTED_NOWHERE && m->stamp < m->since) return 1;
  r = qq_message_has(m, QQ_INFO);
  if (!r) r = qq_message_has(m, QQ_TODO);
  return r ? r : qq_message_has(m, QQ_INFO);    /* from todo to info between the two */
}

static int take_stat(qq_message *m, struct stat const *st)
{
  uint64_t const stamp = qq_stamp(st);
  int r;
  if (!S_ISREG(st->st_mode)) return qq_message_damaged(m, QQ_MESS, _("is not a regular file"));
  if (m->known & KNOWS_STAT && m->stamp != stamp) return QQ_CHANGED;
  m->stamp = stamp;
  m->size = (uint64_t)st->st_size;
  if (m->wanted != QQ_UNSTAMPED && m->wanted != stamp) return QQ_GONE;
  m->held = qq_queue_holds(m->shard->queue, st->st_uid);
  m->removal = qq_queue_removal(m->shard->queue, st);
  m->over = qq_queue_is_over(m->shard->queue, st->st_uid);
  r = placed(m);
  if (r != 1) return r;
  if (settle(m, st, stamp)) return QQ_CHANGED;
  m->known |= KNOWS_STAT;
  return 1;
}

/* A record is unlinked before the mess file. If one that was read earlier is still there, the mess
   file was that message's. */
static int check_record(qq_message *m)
{
  struct stat st;
  if (!(m->known & KNOWS_ENVELOPE)) return 1;
  if (fstat(m->record_fd, &st) < 0) return qq_message_unreadable(m, m->is_new ? QQ_TODO : QQ_INFO);
  return st.st_nlink ? 1 : QQ_CHANGED;
}

static int stat_now(qq_message *m)
{
  struct stat st;
  if (qq_shard_stat(m->shard, QQ_MESS, m->id, &st) < 0) return missing(m);
  return take_stat(m, &st);
}

int qq_message_stat(qq_message *m)
{
  return m->known & KNOWS_STAT ? 1 : stat_now(m);
}

int qq_message_pin(qq_message *m)
{
  struct stat st;
  int r;
  if (m->mess_fd >= 0) return 1;
  m->mess_fd = qq_shard_open(m->shard, QQ_MESS, m->id, O_RDONLY);
  if (m->mess_fd < 0) return missing(m);
  if (fstat(m->mess_fd, &st) < 0) return qq_message_unreadable(m, QQ_MESS);
  r = take_stat(m, &st);
  return r == 1 ? check_record(m) : r;
}

int qq_message_confirm(qq_message *m)
{
  int r;
  if (m->mess_fd >= 0 || (m->known & KNOWS_STAT && !(m->known & KNOWS_ENVELOPE))) return 1;
  r = stat_now(m);
  return r == 1 ? check_record(m) : r;
}

int qq_message_doubt(qq_message *m, unsigned int tree, char const *text)
{
  struct stat st;
  int r = qq_message_has(m, QQ_TODO);
  if (r < 0) return r;
  if (r) {
    m->listed = QQ_LISTED_TODO;         /* qmail-send is making its files, or was interrupted */
    return QQ_CHANGED;
  }
  if (!m->has_doubted || m->doubted != m->id) { /* it may have finished between the two looks */
    m->has_doubted = 1;
    m->doubted = m->id;
    return QQ_CHANGED;
  }
  if (m->mess_fd < 0) r = qq_message_has(m, QQ_INFO);
  else r = fstat(m->mess_fd, &st) < 0 ? qq_message_unreadable(m, QQ_MESS) : st.st_nlink != 0;
  return r == 1 ? qq_message_damaged(m, tree, text) : r;
}

int qq_message_failing(qq_message *m)
{
  int r = 0;
  if (m->known & KNOWS_FAILING) return 1;
  if (!m->bounces || qq_numbers_have(m->bounces, m->id)) r = qq_message_has(m, QQ_BOUNCE);
  if (r < 0) return r;
  m->failing = r;
  m->known |= KNOWS_FAILING;
  return 1;
}

qq_id qq_message_id(qq_message const *m)
{
  qq_id id;
  id.id = m->id;
  id.stamp = m->stamp;
  return id;
}

qq_bounce_kind qq_message_bounce(qq_message const *m)
{
  if (!m->sender.len) return QQ_SINGLE_BOUNCE;
  return qq_piece_is(qq_piece_of(&m->sender), QQ_SENDER_DOUBLE_BOUNCE)
    ? QQ_DOUBLE_BOUNCE : QQ_NO_BOUNCE;
}

/* Before the mess file was marked, an interrupted removal was known by the sender of a double
   bounce in what was not injected as one. A message that has that sender for other reasons, and is
   held, has an info of the mode that qq_hold_message gives it. */
int qq_message_looks_removed(qq_message *m, int *looks)
{
  struct stat st;
  int r;
  *looks = 0;
  if (qq_message_bounce(m) != QQ_DOUBLE_BOUNCE || m->is_new) return 1;
  if (fstat(m->record_fd, &st) < 0) return qq_message_unreadable(m, QQ_INFO);
  if ((st.st_mode & 07777) == QQ_MODE_HELD_INFO) return 1;
  r = qq_message_received(m);
  if (r == 1) *looks = m->received.invoked != QQ_INVOKED_FOR_BOUNCE;
  return r;
}

int qq_message_future(qq_message *m, int *is)
{
  int const r = m->known & KNOWS_ENVELOPE && !m->is_new ? qq_message_birth(m) : 1;
  *is = (m->known & KNOWS_STAT && qq_is_to_come(m->stamp))
    || (m->known & KNOWS_BIRTH && qq_is_to_come(m->birth));
  return r;
}

int qq_message_interrupted(qq_message *m, int *interrupted)
{
  *interrupted = m->known & KNOWS_STAT && m->removal != QQ_REMOVAL_NONE;
  if (*interrupted || !(m->known & KNOWS_ENVELOPE)) return 1;
  if (!m->held || !m->shard->queue->qmailq) return 1;
  return qq_message_looks_removed(m, interrupted);
}
