#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <qq/diagnostic.h>
#include <qq/domains.h>
#include <qq/file.h>
#include <qq/move.h>
#include <qq/names.h>
#include <qq/output.h>
#include "stream.h"

#define PIECE 65536

static void write_out(stralloc *out)
{
  qq_output(out->s, out->len);
  out->len = 0;
}

void qq_save_begin(qq_save *s, int queue_fd)
{
  stralloc text = STRALLOC_ZERO;
  qq_must_fmt(&text, "%s", QQ_MOVE_MAGIC);
  if (qq_move_source(&text, queue_fd) < 0) qq_die_unable("%s", _("unable to name this queue"));
  qq_demand_memory(stralloc_0(&text) && qq_archive_comment(&s->head, text.s));
  write_out(&s->head);
  stralloc_free(&text);
}

void qq_save_end(void)
{
  stralloc out = STRALLOC_ZERO;
  qq_demand_memory(qq_archive_file(&out, QQ_MOVE_END, 0, 0) && qq_archive_end(&out));
  write_out(&out);
  stralloc_free(&out);
}

/* ---- what is written ---- */

/* What the message is doubted for: one line in why. */
static int refuse(qq_message *m, unsigned int tree, char const *text)
{
  m->why.len = 0;
  return qq_queue_refuse(&m->why, EINVAL, m->shard->queue, tree, m->id, text);
}

int qq_save_refuse(qq_message *m, char const *text)
{
  return refuse(m, QQ_MESS, text);
}

/* Not to be had elsewhere, too, while it is taken away here. */
static int check(qq_message *m)
{
  int interrupted = 0, r;
  if (m->over) return qq_save_refuse(m, _("is over: it is on its way out of the queue"));
  r = qq_message_interrupted(m, &interrupted);
  if (r == 1 && interrupted)
    return qq_save_refuse(m, _("its removal was interrupted: give its id to qq-rm again"));
  return r;
}

/* As it was before qmail-send rewrote it. Returns 1, or QQ_DAMAGED. */
static int add_recipient(qq_save *s, qq_message *m, qq_recipient const *to)
{
  stralloc stored = STRALLOC_ZERO;
  int r = 1;
  qq_demand_memory(qq_append(&stored, qq_recipient_address(m, to), to->length)
    && stralloc_0(&stored) && stralloc_append(&s->envelope, QQ_RECORD_RECIPIENT));
  if (to->channel < 0) qq_demand_memory(qq_append(&s->envelope, stored.s, to->length));
  else r = qq_route_original(&s->envelope, s->settings, stored.s,
    to->channel == QQ_CHANNEL_LOCAL);
  qq_demand_memory(r >= 0 && stralloc_0(&s->envelope));
  stralloc_free(&stored);
  return r ? 1 : refuse(m, QQ_CHANNEL + (unsigned int)to->channel,
    _("has a recipient that the control files of today would not make of any address"));
}

/* Sender and recipients, as qmail-queue reads them, and an empty record. */
static int make_envelope(qq_save *s, qq_message *m)
{
  qq_recipient const *to = genalloc_s(qq_recipient, &m->recipients);
  size_t const n = genalloc_len(qq_recipient, &m->recipients);
  size_t i, open = 0;
  s->envelope.len = 0;
  qq_demand_memory(stralloc_append(&s->envelope, QQ_RECORD_SENDER)
    && qq_append(&s->envelope, m->sender.s, m->sender.len) && stralloc_0(&s->envelope));
  for (i = 0; i < n; i++) {
    if (to[i].done) continue;
    open++;
    if (add_recipient(s, m, &to[i]) != 1) return QQ_DAMAGED;
  }
  if (!open) return refuse(m, m->is_new ? QQ_TODO : QQ_INFO,
    _("has no recipient left: qmail-send ends it at its next pass"));
  if (s->envelope.len >= QQ_MOVE_PART) return refuse(m, QQ_INFO, _("has too many recipients"));
  qq_demand_memory(stralloc_0(&s->envelope));
  return 1;
}

static void write_done(qq_json *j, qq_message const *m)
{
  qq_recipient const *to = genalloc_s(qq_recipient, &m->recipients);
  size_t const n = genalloc_len(qq_recipient, &m->recipients);
  size_t i;
  qq_json_array(j, "done");
  for (i = 0; i < n; i++)
    if (to[i].done) qq_json_bytes(j, 0, qq_recipient_address(m, &to[i]), to[i].length);
  qq_json_array_end(j);
}

/* A hold is not the birth: that is then what releasing would make it. */
static void make_info(qq_save *s, qq_message *m)
{
  qq_move_info info = { !m->is_new, 0, 0, m->held ? m->stamp : m->birth, 0, 0 };
  char host[256] = "";
  qq_json j = QQ_JSON(&s->info);
  info.has_uid = m->is_new || m->received.invoked == QQ_INVOKED_BY_UID;
  info.uid = m->is_new ? m->uid : m->received.uid;
  info.has_pid = m->received.qp != 0;
  info.pid = m->received.qp;
  gethostname(host, sizeof host - 1);
  s->info.len = 0;
  qq_demand_memory(qq_move_info_format(&s->info, &info));
  j.comma = 1;
  qq_json_bytes(&j, "host", host, strlen(host));
  write_done(&j, m);
  qq_must_fmt(&s->info, "}\n");
}

static int read_bounce(qq_save *s, qq_message *m)
{
  int const fd = qq_shard_open(m->shard, QQ_BOUNCE, m->id, O_RDONLY);
  int r;
  s->bounce.len = 0;
  if (fd < 0 && errno == ENOENT) return 1;
  r = fd < 0 ? -1 : qq_slurp_regular(&s->bounce, fd, QQ_MOVE_PART);
  if (fd >= 0) fd_close(fd);
  return r < 0 ? refuse(m, QQ_BOUNCE, strerror(errno)) : 1;
}

/* ---- writing ---- */

static void add_head(qq_save *s, qq_message const *m, char const *part, uint64_t size)
{
  qq_id const id = qq_message_id(m);
  char name[QQ_ID_FMT + sizeof QQ_MOVE_ENVELOPE + sizeof QQ_MOVE_INFO];
  size_t n = qq_id_format(name, &id);
  name[n++] = '/';
  strcpy(name + n, part);
  qq_demand_memory(qq_archive_file(&s->head, name, size, m->stamp));
}

static void add_padding(qq_save *s, uint64_t size)
{
  static char const zeros[QQ_ARCHIVE_BLOCK];
  qq_demand_memory(qq_append(&s->head, zeros, (size_t)qq_archive_padding(size)));
}

static void write_part(qq_save *s, qq_message const *m, char const *part, stralloc const *text)
{
  add_head(s, m, part, text->len);
  qq_demand_memory(qq_append(&s->head, text->s, text->len));
  add_padding(s, text->len);
  write_out(&s->head);
}

static void write_mess(qq_save *s, qq_message *m)
{
  char text[PIECE];
  uint64_t offset = 0;
  add_head(s, m, QQ_MOVE_MESS, m->size);
  write_out(&s->head);
  while (offset < m->size) {
    size_t const want = m->size - offset < sizeof text ? (size_t)(m->size - offset) : sizeof text;
    size_t got = 0;
    if (qq_message_read(m, offset, text, want, &got) != 1)
      qq_die(QQ_EXIT_TROUBLE, "%.*s", (int)m->why.len, m->why.s);
    if (!got) qq_die(QQ_EXIT_TROUBLE, _("message %llu became shorter: the stream is cut off"),
      (unsigned long long)m->id);
    qq_output(text, got);
    offset += got;
  }
  add_padding(s, m->size);
  write_out(&s->head);
}

int qq_save_message(qq_save *s, qq_message *m)
{
  int r = qq_message_envelope(m);
  if (r == 1) r = check(m);
  if (r == 1) r = qq_message_recipients(m);
  if (r == 1 && !m->is_new) r = qq_message_birth(m);
  if (r == 1) r = qq_message_received(m);
  if (r == 1) r = make_envelope(s, m);
  if (r == 1) r = read_bounce(s, m);
  if (r != 1) return r;
  make_info(s, m);
  write_part(s, m, QQ_MOVE_ENVELOPE, &s->envelope);
  write_part(s, m, QQ_MOVE_INFO, &s->info);
  if (s->bounce.len) write_part(s, m, QQ_MOVE_BOUNCE, &s->bounce);
  write_mess(s, m);
  return 1;
}
