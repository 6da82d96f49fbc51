#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <qq/names.h>
#include "queue-private.h"

/* What the record says behind its letter. */
static int add_recipient(qq_message *m, qq_piece const *record, int channel, int done)
{
  qq_recipient r;
  r.start = m->addresses.len;
  r.length = record->n - 1;
  r.channel = channel;
  r.done = done;
  return qq_append(&m->addresses, record->s + 1, record->n - 1)
    && qq_append(&m->recipients, (char const *)&r, sizeof r);
}

static int bad(char const **text, char const *what)
{
  *text = what;
  return -1;
}

static void forget(qq_message *m)
{
  genalloc_setlen(qq_recipient, &m->recipients, 0);
  m->addresses.len = 0;
}

/* u and p come first, then F, then recipients (qmail-queue.c:main). A u behind F is a recipient
   that a removal has silenced. */
int qq_todo_parse(qq_message *m, char const **text)
{
  qq_piece rest = { m->record.s, m->record.len }, record;
  int have_sender = 0, r;
  forget(m);
  m->uid = 0;
  while ((r = qq_record_next(&rest, &record)) > 0) {
    int good = 1;
    switch (*record.s) {
      case QQ_RECORD_UID:
        if (have_sender) good = add_recipient(m, &record, -1, 1);
        else if (!qq_number_scan(record.s + 1, record.n - 1, &m->uid))
          return bad(text, _("has no number after u"));
        break;
      case QQ_RECORD_SENDER:
        have_sender = 1;
        m->sender.len = 0;
        good = qq_append(&m->sender, record.s + 1, record.n - 1);
        break;
      case QQ_RECORD_RECIPIENT: good = add_recipient(m, &record, -1, 0); break;
      case QQ_RECORD_PID: case QQ_RECORD_HEADERS_E: case QQ_RECORD_HEADERS_H: break;
      default: return bad(text, _("has an unknown record letter, expected u, p, F or T"));
    }
    if (!good) return bad(text, strerror(ENOMEM));
  }
  if (r < 0) return bad(text, _("has a record without its NUL"));
  return have_sender ? 1 : bad(text, _("has no envelope sender"));
}

int qq_recipients_parse(qq_message *m, char const *s, size_t n, int channel, char const **text)
{
  qq_piece rest = { s, n }, record;
  int r;
  while ((r = qq_record_next(&rest, &record)) > 0) {
    int const done = *record.s == QQ_RECORD_DONE;
    if (!done && *record.s != QQ_RECORD_RECIPIENT)
      return bad(text, _("has an unknown record letter, expected T or D"));
    if (!add_recipient(m, &record, channel, done)) return bad(text, strerror(ENOMEM));
  }
  return r < 0 ? bad(text, _("has a record without its NUL")) : 1;
}

static int read_channel(qq_message *m, unsigned int channel)
{
  unsigned int const tree = QQ_CHANNEL + channel;
  int const fd = qq_shard_open(m->shard, tree, m->id, O_RDONLY);
  char const *text;
  struct stat st;
  int r;
  if (fd < 0) return errno == ENOENT ? 1 : qq_message_unreadable(m, tree);
  m->record.len = 0;
  r = qq_records_read(&m->record, fd);
  if (r < 0 || (!m->record.len && fstat(fd, &st) < 0)) r = qq_message_unreadable(m, tree);
  else if (!m->record.len && !S_ISREG(st.st_mode))
    r = qq_message_damaged(m, tree, _("is not a regular file"));
  else if (qq_recipients_parse(m, m->record.s, m->record.len, (int)channel, &text) < 0)
    r = qq_message_doubt(m, tree, text);
  close(fd);
  return r;
}

int qq_message_recipients(qq_message *m)
{
  unsigned int i;
  int r = qq_message_state(m);
  if (r != 1 || m->known & KNOWS_RECIPIENTS) return r;
  forget(m);
  for (i = 0; i < m->shard->queue->channels; i++) {
    r = read_channel(m, i);
    if (r != 1) return r;
  }
  m->known |= KNOWS_RECIPIENTS;
  return 1;
}

char const *qq_recipient_address(qq_message const *m, qq_recipient const *r)
{
  return r->length ? m->addresses.s + r->start : "";
}

qq_piece qq_recipient_plain(qq_message const *m, qq_recipient const *r)
{
  qq_piece address = { qq_recipient_address(m, r), r->length };
  qq_piece_skip(&address,
    qq_queue_prefix(m->shard->queue, r->channel, address.s, address.n));
  return address;
}

qq_piece qq_address_domain(char const *s, size_t n)
{
  qq_piece domain = { s + n, 0 };
  while (domain.s > s && domain.s[-1] != '@') domain.s--;
  domain.n = domain.s > s ? (size_t)(s + n - domain.s) : 0;
  return domain;
}

qq_piece qq_verp_domain(char const *s, size_t n)
{
  static char const verp[] = "-@[]";
  return qq_address_domain(s, qq_piece_ends((qq_piece){ s, n }, verp) ? n - (sizeof verp - 1) : n);
}

qq_piece qq_sender_domain(qq_message const *m)
{
  return qq_verp_domain(m->sender.s, m->sender.len);
}

int qq_message_undelivered(qq_message const *m, unsigned int channel)
{
  qq_recipient const *r = genalloc_s(qq_recipient, &m->recipients);
  size_t const n = genalloc_len(qq_recipient, &m->recipients);
  size_t i;
  for (i = 0; i < n; i++)
    if (r[i].channel == (int)channel && !r[i].done) return 1;
  return 0;
}
