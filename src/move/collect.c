#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/fmtscan.h>
#include <skalibs/sha256.h>
#include <qq/domains.h>
#include <qq/file.h>
#include <qq/move.h>
#include <qq/names.h>

#define PIECE 65536

/* What the message is doubted for: one line in why. */
int qq_collect_refuse(qq_message *m, unsigned int tree, char const *text)
{
  m->why.len = 0;
  return qq_queue_refuse(&m->why, EINVAL, m->shard->queue, tree, m->id, text);
}

static int no_memory(qq_message *m)
{
  return qq_collect_refuse(m, QQ_MESS, strerror(ENOMEM));
}

/* Not to be had elsewhere, too, while it is taken away here. */
static int check(qq_message *m)
{
  int interrupted = 0, r;
  if (m->over)
    return qq_collect_refuse(m, QQ_MESS, _("is over: it is on its way out of the queue"));
  r = qq_message_interrupted(m, &interrupted);
  if (r == 1 && interrupted) return qq_collect_refuse(m, QQ_MESS,
    _("its removal was interrupted: give its id to qq-rm again"));
  return r;
}

/* As it was before qmail-send rewrote it. */
static int add_recipient(stralloc *envelope, qq_settings const *settings, qq_message *m,
  qq_recipient const *to)
{
  stralloc stored = STRALLOC_ZERO;
  int r = qq_append(&stored, qq_recipient_address(m, to), to->length) && stralloc_0(&stored)
    && stralloc_append(envelope, QQ_RECORD_RECIPIENT) ? 1 : -1;
  if (r > 0 && to->channel < 0) r = qq_append(envelope, stored.s, to->length) ? 1 : -1;
  else if (r > 0)
    r = qq_route_original(envelope, settings, stored.s, to->channel == QQ_CHANNEL_LOCAL);
  if (r > 0 && !stralloc_0(envelope)) r = -1;
  stralloc_free(&stored);
  if (r > 0) return 1;
  return r < 0 ? no_memory(m) : qq_collect_refuse(m, QQ_CHANNEL + (unsigned int)to->channel,
    _("has a recipient that the control files of today would not make of any address"));
}

/* Sender and recipients, as qmail-queue reads them, and an empty record. */
static int make_envelope(stralloc *envelope, qq_settings const *settings, qq_message *m)
{
  qq_recipient const *to = genalloc_s(qq_recipient, &m->recipients);
  size_t const n = genalloc_len(qq_recipient, &m->recipients);
  size_t i, open = 0;
  envelope->len = 0;
  if (!stralloc_append(envelope, QQ_RECORD_SENDER)
    || !qq_append(envelope, m->sender.s, m->sender.len) || !stralloc_0(envelope))
    return no_memory(m);
  for (i = 0; i < n; i++) {
    if (to[i].done) continue;
    open++;
    if (add_recipient(envelope, settings, m, &to[i]) != 1) return QQ_DAMAGED;
  }
  if (!open) return qq_collect_refuse(m, m->is_new ? QQ_TODO : QQ_INFO,
    _("has no recipient left: qmail-send ends it at its next pass"));
  if (envelope->len >= QQ_MOVE_PART)
    return qq_collect_refuse(m, QQ_INFO, _("has too many recipients"));
  return stralloc_0(envelope) ? 1 : no_memory(m);
}

/* A hold is not the birth: that is then what releasing would make it. */
static void collect_info(qq_move_info *info, qq_message *m)
{
  qq_move_info const fresh = { !m->is_new, 0, 0, m->held ? m->stamp : m->birth, 0, 0 };
  *info = fresh;
  info->has_uid = m->is_new || m->received.invoked == QQ_INVOKED_BY_UID;
  info->uid = m->is_new ? m->uid : m->received.uid;
  info->has_pid = m->received.qp != 0;
  info->pid = m->received.qp;
}

int qq_collect_bounce(stralloc *bounce, qq_shard *shard, uint64_t id, stralloc *why)
{
  int const fd = qq_shard_open(shard, QQ_BOUNCE, id, O_RDONLY);
  int r;
  bounce->len = 0;
  if (fd < 0 && errno == ENOENT) return 1;
  r = fd < 0 ? -1 : qq_slurp_regular(bounce, fd, QQ_MOVE_PART);
  if (fd >= 0) fd_close(fd);
  return r < 0 ? qq_queue_refuse(why, errno, shard->queue, QQ_BOUNCE, id, strerror(errno)) : 1;
}

int qq_collect(qq_arrival *a, qq_message *m, qq_settings const *settings)
{
  int r = qq_message_envelope(m);
  if (r == 1) r = check(m);
  if (r == 1) r = qq_message_recipients(m);
  if (r == 1 && !m->is_new) r = qq_message_birth(m);
  if (r == 1) r = qq_message_received(m);
  if (r == 1) r = make_envelope(&a->envelope, settings, m);
  if (r != 1) return r;
  m->why.len = 0;
  if (qq_collect_bounce(&a->bounce, m->shard, m->id, &m->why) < 0) return QQ_DAMAGED;
  a->source = qq_message_id(m);
  collect_info(&a->info, m);
  return 1;
}

void qq_digest_end(char *digest, SHA256Schedule *schedule)
{
  char hash[32];
  sha256_final(schedule, hash);
  ucharn_fmt(digest, hash, sizeof hash);
  digest[QQ_DIGEST] = 0;
}

int qq_collect_body(qq_arrival const *a, qq_message *m, char *digest)
{
  SHA256Schedule schedule = SHA256_INIT();
  static char text[PIECE];
  uint64_t offset = 0;
  size_t got;
  do {
    if (qq_message_read(m, offset, text, sizeof text, &got) != 1) return QQ_DAMAGED;
    if (allwrite(a->fd, text, got) != got)
      return qq_collect_refuse(m, QQ_MESS, strerror(errno));
    sha256_update(&schedule, text, got);
    offset += got;
  } while (got);
  qq_digest_end(digest, &schedule);
  return 1;
}
