#include <qq/mime.h>

/* What comes next, whatever the bytes are. */
enum { BEGIN = 1, INNER_HEADER };

static void start_header(qq_entities *e, int in_digest)
{
  qq_header_start(&e->header, e->fields, QQ_ENTITY_FIELDS);
  e->in_digest = in_digest;
  e->in_header = e->parts.by_line = 1;
}

void qq_entities_start(qq_entities *e)
{
  static char const *const names[QQ_ENTITY_FIELDS] = {
    "Content-Type", "Content-Transfer-Encoding", "Content-Disposition",
    "Date", "From", "To", "Cc", "Subject"
  };
  size_t i;
  for (i = 0; i < QQ_ENTITY_FIELDS; i++) e->fields[i].name = names[i];
  qq_parts_start(&e->parts);
  e->in_message = e->is_message = e->in_body = e->next = 0;
  start_header(e, 0);
}

void qq_entities_free(qq_entities *e)
{
  qq_header_free(&e->header);
}

/* Behind a header: what the entity contains decides what its body is. */
static qq_entities_event begin(qq_entities *e)
{
  qq_header_end(&e->header);
  qq_content_parse(&e->content, qq_piece_of(&e->fields[QQ_ENTITY_TYPE].value),
    qq_piece_of(&e->fields[QQ_ENTITY_ENCODING].value), e->in_digest);
  e->is_message = e->in_message;
  e->in_message = e->in_header = e->parts.by_line = 0;
  e->in_body = 1;
  e->next = e->content.kind == QQ_CONTENT_MESSAGE ? INNER_HEADER : 0;
  /* one that is too deep is bytes */
  if (e->content.kind == QQ_CONTENT_MULTIPART && !qq_parts_open(&e->parts, &e->content))
    e->content.kind = QQ_CONTENT_OTHER;
  return QQ_ENTITIES_BEGIN;
}

static void begin_message(qq_entities *e)
{
  e->next = e->in_body = 0;
  start_header(e, 0);
  e->in_message = 1;
}

/* Returns END if something was open that has bytes. */
static qq_entities_event end(qq_entities *e)
{
  int const had_bytes = e->in_message || (e->in_body && e->content.kind != QQ_CONTENT_MULTIPART);
  e->in_header = e->in_message = e->in_body = e->parts.by_line = 0;
  return had_bytes ? QQ_ENTITIES_END : QQ_ENTITIES_MORE;
}

/* Returns MORE if they are nothing to the caller, -1 with errno ENOMEM. */
static int content(qq_entities *e, qq_piece const *bytes)
{
  int r;
  if (!e->in_header)
    return e->in_body && e->content.kind != QQ_CONTENT_MULTIPART
      ? QQ_ENTITIES_BODY : QQ_ENTITIES_MORE;
  r = qq_header_feed(&e->header, bytes->s, bytes->n);
  if (r < 0) return -1;
  if (r == 1 && !e->in_message) return begin(e);
  if (r == 1) e->next = BEGIN;
  return e->in_message ? QQ_ENTITIES_HEADER : QQ_ENTITIES_MORE;
}

int qq_entities_next(qq_entities *e, qq_piece *piece, int last, qq_piece *bytes)
{
  int r = QQ_ENTITIES_MORE;
  if (e->next == BEGIN) return begin(e);
  if (e->next == INNER_HEADER) begin_message(e);
  while (r == QQ_ENTITIES_MORE)
    switch (qq_parts_next(&e->parts, piece, last, bytes)) {
      case QQ_PARTS_CONTENT: r = content(e, bytes); break;
      case QQ_PARTS_CLOSE: r = end(e); break;
      case QQ_PARTS_NEXT:
        r = end(e);
        start_header(e, e->parts.open[e->parts.depth - 1].digest);
        break;
      case QQ_PARTS_MORE: return last ? (int)end(e) : QQ_ENTITIES_MORE;
    }
  return r;
}
