#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "queue-private.h"

/* Bytes of a message that are read first: most headers end within. */
#define HEAD 4096
#define PIECE 16384

int qq_message_read(qq_message *m, uint64_t offset, char *s, size_t n, size_t *got)
{
  ssize_t r = qq_message_pin(m);
  if (r != 1) return (int)r;
  do r = pread(m->mess_fd, s, n, (off_t)offset);
  while (r < 0 && errno == EINTR);
  if (r < 0) return qq_message_unreadable(m, QQ_MESS);
  *got = (size_t)r;
  return 1;
}

int qq_message_read_early(qq_message *m, uint64_t offset, char *s, size_t n, size_t *got)
{
  if (offset < QQ_LARGEST) return qq_message_read(m, offset, s, n, got);
  return qq_message_damaged(m, QQ_MESS, strerror(errno = EFBIG));
}

/* Makes head the first size bytes. */
static int read_head_of(qq_message *m, size_t size)
{
  if (!stralloc_ready(&m->head, size)) return qq_message_unreadable(m, QQ_MESS);
  return qq_message_read(m, 0, m->head.s, size, &m->head.len);
}

static int read_head(qq_message *m)
{
  int const r = m->known & KNOWS_HEAD ? 1 : read_head_of(m, HEAD);
  if (r == 1) m->known |= KNOWS_HEAD;
  return r;
}

/* As much of the message as is needed to see who injected it: mostly its first bytes, at most what
   is kept of a header field. */
static int parse_received(qq_message *m)
{
  size_t size = m->head.len;
  int r = 1;
  while (r == 1 && !qq_received_parse(&m->received, m->head.s, m->head.len, m->size)
    && m->head.len >= size && size < QQ_HEADER_VALUE_MAX) {
    size *= 4;
    r = read_head_of(m, size);
  }
  return r;
}

/* Whether the word of who injected it is taken for where it came from. */
static int is_believed(qq_queue const *q, qq_received const *r)
{
  if (r->invoked != QQ_INVOKED_BY_UID || (!*r->origin.ip && !r->origin.login.n)) return 1;
  return qq_smtp_users_have(q->smtp_users, r->uid);
}

int qq_message_received(qq_message *m)
{
  int r;
  if (m->known & KNOWS_RECEIVED) return 1;
  r = read_head(m);
  if (r == 1) r = parse_received(m);
  if (r != 1) return r;
  r = is_believed(m->shard->queue, &m->received);
  if (r < 0) return qq_message_unreadable(m, QQ_MESS);
  if (!r) qq_received_disbelieve(&m->received);
  m->known |= KNOWS_RECEIVED;
  return 1;
}

static int header_failed(qq_message *m)
{
  return qq_message_damaged(m, QQ_MESS, strerror(errno));
}

/* A header that does not end within the first bytes. */
static int read_on(qq_message *m, qq_header *header)
{
  char s[PIECE];
  uint64_t offset = m->head.len;
  for (;;) {
    size_t got;
    int r = qq_message_read_early(m, offset, s, sizeof s, &got);
    if (r != 1 || !got) return r;
    r = qq_header_feed(header, s, got);
    if (r) return r < 0 ? header_failed(m) : 1;
    offset += got;
  }
}

static int read_fields(qq_message *m, qq_header *header, qq_field *fields, size_t count)
{
  int r = read_head(m);
  if (r != 1) return r;
  qq_header_start(header, fields, count);
  r = qq_header_feed(header, m->head.s, m->head.len);
  if (r < 0) return header_failed(m);
  if (!r && m->head.len < m->size) {
    r = read_on(m, header);
    if (r != 1) return r;
  }
  qq_header_end(header);
  return 1;
}

static int has_bare_text(qq_header const *header)
{
  size_t i;
  for (i = 0; i < header->count; i++) {
    qq_field const *f = &header->fields[i];
    if (f->found && qq_is_bare(f->value.s, f->value.len)) return 1;
  }
  return 0;
}

/* What Content-Type says of the message's character set. */
static int read_charset(qq_message *m, qq_header *header)
{
  static qq_piece const none = { "", 0 };
  qq_header again = QQ_HEADER_ZERO;
  qq_field type = QQ_FIELD("Content-Type");
  int const r = read_fields(m, &again, &type, 1);
  qq_content c;
  if (r == 1) {
    qq_content_parse(&c, qq_piece_of(&type.value), none, 0);
    memcpy(header->charset, c.charset, c.charset_length);
    header->charset_length = c.charset_length;
  }
  qq_header_free(&again);
  return r;
}

int qq_message_header(qq_message *m, qq_header *header, qq_field *fields, size_t count)
{
  int const r = read_fields(m, header, fields, count);
  return r == 1 && has_bare_text(header) ? read_charset(m, header) : r;
}

int qq_message_body(qq_message *m, qq_header *header, uint64_t *offset)
{
  qq_field none = QQ_FIELD(":");        /* no field is named so: the header is read to its end */
  int const r = qq_message_header(m, header, &none, 1);
  *offset = header->size;
  return r;
}
