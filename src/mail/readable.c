#include <stdlib.h>
#include <qq/mime.h>
#include <qq/text.h>

struct qq_readable {
  qq_charsets *cs;
  qq_entities entities;
  qq_textpart text;
  qq_html html;
  qq_transfer transfer;         /* of what is only measured */
  int is_html;
  enum { NOTHING, SHOWN, MEASURED } state;      /* of the entity that has begun */
  uint64_t size;                /* of what is measured, decoded */
  int begun;                    /* something was written */
  int is_labelled;              /* a label was written last */
  int has_text_before;          /* text, of this message within messages */
  /* of each multipart that is open: whether it has alternatives; whether text was shown of it;
     whether that was of an alternative before this one, which is not shown then */
  char alternatives[QQ_MIME_DEPTH_MAX], has_text[QQ_MIME_DEPTH_MAX], is_chosen[QQ_MIME_DEPTH_MAX];
  stralloc name, label, line, bytes;
};

qq_readable *qq_readable_new(qq_charsets *cs)
{
  qq_readable *const r = calloc(1, sizeof *r);
  if (!r) return 0;
  r->cs = cs;
  qq_readable_start(r);
  return r;
}

void qq_readable_start(qq_readable *r)
{
  qq_entities_start(&r->entities);
  qq_charsets_begin(r->cs);
  r->state = NOTHING;
  r->begun = r->is_labelled = r->has_text_before = 0;
}

/* ---- labels ---- */

/* The file name of the entity, and its type. */
static int make_label(qq_readable *r)
{
  qq_field const *f = r->entities.fields;
  qq_content const *c = &r->entities.content;
  r->name.len = r->label.len = 0;
  if (qq_file_name(r->cs, &r->name, qq_piece_of(&f[QQ_ENTITY_DISPOSITION].value),
    qq_piece_of(&f[QQ_ENTITY_TYPE].value)) < 0) return -1;
  return qq_safe(&r->label, r->name.s, r->name.len)
    && (!r->name.len || qq_append(&r->label, ", ", 2))
    && qq_append(&r->label, c->type, c->type_length) ? 1 : -1;
}

/* An empty line stands between text and labels. */
static int separate(qq_readable *r, stralloc *out, int is_labelled)
{
  int const wanted = r->begun && !(r->is_labelled && is_labelled);
  r->begun = 1;
  r->is_labelled = is_labelled;
  return !wanted || qq_append(out, "\n", 1) ? 1 : -1;
}

static int put_label(qq_readable *r, stralloc *out)
{
  return separate(r, out, 1) > 0
    && qq_fmt(out, "[%.*s]\n", (int)r->label.len, r->label.s) ? 1 : -1;
}

static int put_label_with_size(qq_readable *r, stralloc *out)
{
  return separate(r, out, 1) > 0
    && qq_fmt(out, ngettext("[%.*s, %llu byte]\n", "[%.*s, %llu bytes]\n", (unsigned long)r->size),
      (int)r->label.len, r->label.s, (unsigned long long)r->size) ? 1 : -1;
}

/* ---- text ---- */

/* Takes note of the text that was appended to out from `from` on. */
static void note_text(qq_readable *r, stralloc const *out, size_t from)
{
  while (from < out->len && (qq_is_blank(out->s[from]) || out->s[from] == '\n')) from++;
  if (from == out->len) return;
  r->begun = r->has_text_before = 1;
  r->is_labelled = 0;
  memset(r->has_text, 1, r->entities.parts.depth);
}

/* What is HTML goes through bytes. */
static stralloc *text_of(qq_readable *r, stralloc *out)
{
  r->bytes.len = 0;
  return r->is_html ? &r->bytes : out;
}

static int put_html(qq_readable *r, stralloc *out)
{
  return r->is_html && r->bytes.len
    ? qq_html_feed(&r->html, out, r->bytes.s, r->bytes.len) : 1;
}

static int feed_text(qq_readable *r, stralloc *out, qq_piece bytes)
{
  size_t const from = out->len;
  if (qq_textpart_feed(&r->text, text_of(r, out), bytes.s, bytes.n) < 0) return -1;
  if (put_html(r, out) < 0) return -1;
  note_text(r, out, from);
  return 1;
}

static int end_text(qq_readable *r, stralloc *out)
{
  size_t const from = out->len;
  if (qq_textpart_end(&r->text, text_of(r, out)) < 0 || put_html(r, out) < 0) return -1;
  if (r->is_html && qq_html_feed(&r->html, out, "", 0) < 0) return -1;
  if (r->is_html && r->html.begun && !qq_append(out, "\n", 1)) return -1;
  note_text(r, out, from);
  return 1;
}

static int begin_text(qq_readable *r, stralloc *out)
{
  qq_content const *c = &r->entities.content;
  r->state = SHOWN;
  r->is_html = qq_content_is(c, "text/html");
  if (r->is_html) qq_html_start(&r->html);
  if ((r->has_text_before || r->name.len) && put_label(r, out) < 0) return -1;
  if (r->is_labelled && separate(r, out, 0) < 0) return -1;
  return qq_textpart_start(&r->text, r->cs, c->encoding, c->charset, c->charset_length);
}

/* ---- entities ---- */

/* The fields of a message within. */
static int put_fields(qq_readable *r, stralloc *out)
{
  int i;
  for (i = QQ_ENTITY_DATE; i < QQ_ENTITY_FIELDS; i++) {
    qq_field const *f = &r->entities.fields[i];
    if (!f->found) continue;
    if (qq_inner_field_decode(r->cs, &r->entities.header, &r->line, &r->bytes, f) < 0
      || !qq_fmt(out, "%s: ", f->name) || !qq_append(out, r->bytes.s, r->bytes.len)
      || !qq_append(out, "\n", 1)) return -1;
  }
  r->is_labelled = r->has_text_before = 0;
  return qq_append(out, "\n", 1) ? 1 : -1;
}

/* Says whether another alternative than this one was shown. */
static int is_left_out(qq_readable const *r)
{
  return r->entities.parts.depth && memchr(r->is_chosen, 1, r->entities.parts.depth);
}

static void open_multipart(qq_readable *r)
{
  size_t const i = r->entities.parts.depth - 1;
  r->alternatives[i] = qq_content_is(&r->entities.content, "multipart/alternative") != 0;
  r->has_text[i] = r->is_chosen[i] = 0;
}

/* The next part of a multipart begins. */
static void begin_part(qq_readable *r)
{
  int const is_multipart = r->entities.content.kind == QQ_CONTENT_MULTIPART;
  size_t const depth = r->entities.parts.depth - (size_t)is_multipart;
  if (depth && r->alternatives[depth - 1] && r->has_text[depth - 1]) r->is_chosen[depth - 1] = 1;
}

static int begin(qq_readable *r, stralloc *out)
{
  qq_content const *c = &r->entities.content;
  r->state = NOTHING;
  if (c->kind == QQ_CONTENT_MULTIPART) open_multipart(r);
  if (!r->entities.is_message) begin_part(r);
  else if (!is_left_out(r) && put_fields(r, out) < 0) return -1;
  if (c->kind == QQ_CONTENT_MULTIPART) return 1;
  if (make_label(r) < 0) return -1;
  if (c->kind == QQ_CONTENT_MESSAGE) return put_label(r, out);
  if (c->kind == QQ_CONTENT_TEXT && !is_left_out(r)) return begin_text(r, out);
  r->state = MEASURED;
  r->size = 0;
  qq_transfer_start(&r->transfer, c->encoding);
  return 1;
}

/* n == 0 ends them. */
static int measure(qq_readable *r, char const *s, size_t n)
{
  r->bytes.len = 0;
  if (!qq_transfer_feed(&r->transfer, &r->bytes, s, n)) return -1;
  r->size += r->bytes.len;
  return 1;
}

static int body(qq_readable *r, stralloc *out, qq_piece bytes)
{
  if (r->state == SHOWN) return feed_text(r, out, bytes);
  return r->state == MEASURED && bytes.n ? measure(r, bytes.s, bytes.n) : 1;
}

static int end(qq_readable *r, stralloc *out)
{
  int const state = r->state;
  r->state = NOTHING;
  if (state == SHOWN) return end_text(r, out);
  if (state != MEASURED) return 1;
  return measure(r, "", 0) < 0 ? -1 : put_label_with_size(r, out);
}

int qq_readable_feed(qq_readable *r, stralloc *out, char const *s, size_t n)
{
  int const last = !n;
  qq_piece piece = { s, n }, bytes;
  int result = 1;
  while (result > 0)
    switch (qq_entities_next(&r->entities, &piece, last, &bytes)) {
      case QQ_ENTITIES_MORE: return 1;
      case QQ_ENTITIES_BEGIN: result = begin(r, out); break;
      case QQ_ENTITIES_BODY: result = body(r, out, bytes); break;
      case QQ_ENTITIES_END: result = end(r, out); break;
      case QQ_ENTITIES_HEADER: break;
      default: result = -1;
    }
  return result;
}
