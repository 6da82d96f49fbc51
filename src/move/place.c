#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <qq/file.h>
#include <qq/move.h>
#include <qq/names.h>
#include <qq/schedule.h>
#include <qq/when.h>

int qq_envelope_is_whole(stralloc const *text)
{
  qq_piece rest = { text->s, text->len }, record;
  size_t recipients = 0;
  int r = qq_record_next(&rest, &record);
  if (r != 1 || *record.s != QQ_RECORD_SENDER) return 0;
  for (;;) {
    if (record.n - 1 >= QQ_ADDRESS_MAX) return 0;
    if (rest.n == 1 && !*rest.s) return recipients > 0;
    if (qq_record_next(&rest, &record) != 1 || *record.s != QQ_RECORD_RECIPIENT) return 0;
    recipients++;
  }
}

/* ---- pid/ ---- */

/* Its name in pid/, which no other process uses. */
static void pid_name(char *name, size_t size)
{
  snprintf(name, size, "%s%ld", QQ_NAME_LOADING, (long)getpid());
}

/* The name has its slash, behind which a link would be followed. */
static int open_pid(qq_queue const *q)
{
  return qq_open_below(q->fd, QQ_NAME_PID ".", O_RDONLY | O_DIRECTORY);
}

/* Whether it is a name of a process that is no more. */
static int is_left(char const *name)
{
  size_t const n = sizeof QQ_NAME_LOADING - 1;
  uint64_t pid;
  if (strncmp(name, QQ_NAME_LOADING, n) || !qq_number_scan(name + n, strlen(name + n), &pid)
    || !pid || pid > INT_MAX) return 0;
  return (pid_t)pid == getpid() || (kill((pid_t)pid, 0) < 0 && errno == ESRCH);
}

void qq_place_sweep(qq_queue const *q)
{
  qq_directory d;
  if (qq_directory_begin(&d, open_pid(q)) < 0) return;
  while (qq_directory_next(&d) > 0)
    if (is_left(d.entry->d_name)) unlinkat(d.fd, d.entry->d_name, 0);
  qq_directory_end(&d);
}

static int is_held(qq_arrival const *a)
{
  return a->stays_held || a->starts_held || a->bounce.len;
}

int qq_place_begin(qq_arrival *a, qq_queue const *q, stralloc *why)
{
  int const directory = open_pid(q);
  char name[32];
  pid_name(name, sizeof name);
  if (directory < 0) return qq_unable(why, _("unable to open %s/%s"), q->path, QQ_NAME_PID);
  a->fd = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  fd_close(directory);
  if (a->fd >= 0 && fchmod(a->fd, QQ_MODE_PLAIN) >= 0
    && fchown(a->fd, is_held(a) ? 0 : q->qmailq, q->group) >= 0) return 1;
  qq_unable(why, _("unable to make a file in %s/%s"), q->path, QQ_NAME_PID);
  qq_place_forget(a, q);
  return -1;
}

void qq_place_forget(qq_arrival *a, qq_queue const *q)
{
  int const e = errno;
  char name[32];
  int directory;
  pid_name(name, sizeof name);
  if (a->fd >= 0) fd_close(a->fd);      /* first: there may be no other descriptor */
  a->fd = -1;
  directory = open_pid(q);
  if (directory >= 0) {
    unlinkat(directory, name, 0);
    fd_close(directory);
  }
  errno = e;
}

/* ---- mess/ and intd/ ---- */

static int refuse(qq_queue const *q, unsigned int tree, uint64_t id, stralloc *why)
{
  return qq_queue_refuse(why, errno, q, tree, id, strerror(errno));
}

static int set_stamp(qq_arrival *a)
{
  struct timespec times[2] = { { 0, UTIME_NOW }, { 0, 0 } };
  struct stat st;
  times[1].tv_sec = (time_t)(a->source.stamp / QQ_SECOND);
  times[1].tv_nsec = (long)(a->source.stamp % QQ_SECOND);
  if (futimens(a->fd, times) < 0 || fstat(a->fd, &st) < 0) return -1;
  a->id.id = st.st_ino;
  a->id.stamp = qq_stamp(&st);
  return 1;
}

/* From pid/ to mess/. */
static int name_body(qq_arrival const *a, qq_shard *shard)
{
  int const pid = open_pid(shard->queue);
  int const mess = pid < 0 ? -1 : qq_shard_directory_of(shard, QQ_MESS, a->id.id);
  char from[32], to[QQ_NUMBER_FMT + 1];
  int r = -1;
  pid_name(from, sizeof from);
  to[qq_number_format(to, a->id.id)] = 0;
  if (mess >= 0) r = linkat(pid, from, mess, to, 0);
  if (r >= 0) r = unlinkat(pid, from, 0);
  if (pid >= 0) fd_close(pid);
  return r < 0 ? -1 : 1;
}

static int fill(int fd, qq_queue const *q, stralloc const *text)
{
  return fchown(fd, q->qmailq, q->group) < 0 || fchmod(fd, QQ_MODE_PLAIN) < 0
    || allwrite(fd, text->s, text->len) != text->len ? -1 : 1;
}

/* What a run that is killed here leaves is reaped together with the mess file. */
static int make_intd(qq_shard *shard, uint64_t id, stralloc const *text)
{
  int const directory = qq_shard_directory_of(shard, QQ_INTD, id);
  char name[QQ_NUMBER_FMT + 1];
  int fd, r;
  name[qq_number_format(name, id)] = 0;
  if (directory < 0) return -1;
  fd = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) return -1;
  r = fill(fd, shard->queue, text);
  fd_close(fd);
  if (r < 0) qq_shard_unlink(shard, QQ_INTD, id);
  return r;
}

/* u, p, and the envelope without the empty record (qmail-queue.c:main). */
static int write_intd(qq_arrival const *a, qq_shard *shard)
{
  stralloc text = STRALLOC_ZERO;
  uint64_t const uid = a->info.has_uid ? a->info.uid : getuid();
  uint64_t const pid = a->info.has_pid ? a->info.pid : (uint64_t)getpid();
  int r = qq_fmt(&text, "%c%llu", QQ_RECORD_UID, (unsigned long long)uid) && stralloc_0(&text)
    && qq_fmt(&text, "%c%llu", QQ_RECORD_PID, (unsigned long long)pid) && stralloc_0(&text)
    && qq_append(&text, a->envelope.s, a->envelope.len - 1) ? 1 : -1;
  if (r > 0) r = make_intd(shard, a->id.id, &text);
  stralloc_free(&text);
  return r;
}

int qq_place_body(qq_arrival *a, qq_shard *shard, stralloc *why)
{
  qq_queue const *q = shard->queue;
  int r = set_stamp(a);
  if (r < 0 || name_body(a, shard) < 0) {
    qq_queue_refuse(why, errno, q, QQ_MESS, a->id.id, strerror(errno));
    qq_place_forget(a, q);
    return -1;
  }
  fd_close(a->fd);
  a->fd = -1;
  if (write_intd(a, shard) > 0) return 1;
  refuse(q, QQ_INTD, a->id.id, why);
  qq_shard_unlink(shard, QQ_MESS, a->id.id);
  return -1;
}

int qq_place_link(qq_arrival *a, qq_shard *shard, stralloc *why)
{
  int const intd = qq_shard_directory_of(shard, QQ_INTD, a->id.id);
  int const todo = intd < 0 ? -1 : qq_shard_directory_of(shard, QQ_TODO, a->id.id);
  char name[QQ_NUMBER_FMT + 1];
  name[qq_number_format(name, a->id.id)] = 0;
  if (todo >= 0 && linkat(intd, name, todo, name, 0) >= 0) return 1;
  return errno == EEXIST ? 1 : refuse(shard->queue, QQ_TODO, a->id.id, why);
}

int qq_place_undo(qq_shard *shard, qq_id const *id, stralloc *why)
{
  struct stat st;
  qq_pin pin;
  int r = qq_pin_message(&pin, shard, id, why);
  if (r < 1) return r;
  if (pin.state == QQ_STATE_NEW || pin.state == QQ_STATE_PREPROCESSED) r = 0;
  else r = qq_shard_has(shard, QQ_INTD, id->id, &st);   /* what qmail-send ends has none */
  if (r > 0) r = qq_shard_unlink(shard, QQ_INTD, id->id);
  if (r > 0) r = qq_shard_unlink(shard, QQ_MESS, id->id);
  qq_unpin(&pin);
  return r < 0 ? refuse(shard->queue, QQ_INTD, id->id, why) : r;
}

/* ---- what belongs to it ---- */

/* Whole, and on the disk, before anybody may look at it. */
static int put_bounce(qq_arrival const *a, qq_shard *shard)
{
  qq_owner const owner = { shard->queue->qmails, shard->queue->group, QQ_MODE_INFO };
  struct stat st;
  int const r = qq_shard_has(shard, QQ_BOUNCE, a->id.id, &st);
  int const directory = r ? -1 : qq_shard_directory_of(shard, QQ_BOUNCE, a->id.id);
  char name[QQ_NUMBER_FMT + 1];
  name[qq_number_format(name, a->id.id)] = 0;
  return r || directory < 0 ? r : qq_replace(directory, name, a->bounce.s, a->bounce.len, &owner);
}

int qq_place_bounce(qq_arrival *a, qq_shard *shard, stralloc *why)
{
  if (a->bounce.len && put_bounce(a, shard) < 0)
    return refuse(shard->queue, QQ_BOUNCE, a->id.id, why);
  a->bounce.len = 0;
  return 1;
}

/* ---- once it is preprocessed ---- */

/* A birth that is earlier already was put back before, or somebody has expired the message. */
static int put_birth(qq_arrival const *a, qq_shard *shard, uint64_t queuelifetime)
{
  uint64_t birth;
  if (a->stays_held || !a->info.has_birth
    || qq_schedule_is_ending(a->info.birth, queuelifetime)) return 1;
  if (qq_birth_get(shard, a->id.id, &birth) < 0) return -1;
  return birth <= a->info.birth ? 1 : qq_birth_set(shard, a->id.id, a->info.birth);
}

/* A message with a bounce that is qmailq's has it already; one without that is root's is held by
   somebody else. */
static int settle(qq_arrival *a, qq_pin *pin, uint64_t queuelifetime, stralloc *why)
{
  qq_shard *const shard = pin->shard;
  qq_queue const *const q = shard->queue;
  int const is_held = qq_queue_holds(q, pin->owner);
  a->is_settled = pin->state != QQ_STATE_NEW;
  if (!a->is_settled) return 0;
  if (pin->state != QQ_STATE_PREPROCESSED || qq_pin_removal(pin) != QQ_REMOVAL_NONE) return 1;
  if (is_held && !a->bounce.len && !a->stays_held) return 1;
  if (is_held && a->bounce.len && put_bounce(a, shard) < 0)
    return refuse(q, QQ_BOUNCE, a->id.id, why);
  if (put_birth(a, shard, queuelifetime) < 0 && errno != ENOENT)
    return refuse(q, QQ_INFO, a->id.id, why);
  if (a->stays_held || !is_held) return 1;
  return qq_pin_give(pin, q->qmailq) > 0 ? 1 : refuse(q, QQ_MESS, a->id.id, why);
}

int qq_place_settle(qq_arrival *a, qq_shard *shard, uint64_t queuelifetime, stralloc *why)
{
  qq_pin pin;
  int r;
  if (a->is_settled) return 1;
  r = qq_pin_online(&pin, shard, &a->id, why);
  if (r < 1) {
    a->is_settled = 1;
    return r < 0 ? -1 : 1;
  }
  r = settle(a, &pin, queuelifetime, why);
  qq_unpin(&pin);
  return r;
}
