#include <string.h>
#include <skalibs/bytestr.h>
#include <qq/qsbmf.h>
#include <qq/text.h>

enum { OF_NOTHING, OF_TEXT, OF_STATUS };        /* the part that is read */
enum { ORIGINAL, FINAL, ACTION, STATUS, DIAGNOSTIC };

void qq_report_start(qq_report *r)
{
  static char const *const names[QQ_REPORT_FIELDS] = {
    "Original-Recipient", "Final-Recipient", "Action", "Status", "Diagnostic-Code"
  };
  size_t i;
  for (i = 0; i < QQ_REPORT_FIELDS; i++) r->fields[i].name = names[i];
  qq_entities_start(&r->entities);
  r->is_understood = r->is_over = 0;
  r->part = OF_NOTHING;
}

/* ---- a part of text, as qmail-send writes it ---- */

/* n == 0 ends it. Where it told of somebody, the same in another form is not read. */
static int feed_text(qq_report *r, char const *s, size_t n, qq_failure_action *action, void *data)
{
  int e;
  while ((e = qq_qsbmf_feed(&r->qsbmf, &s, &n)) == 1) {
    r->is_understood = 1;
    action(data, &r->qsbmf);
  }
  if (e == 2 && r->is_understood) r->is_over = 1;
  return e < 0 ? -1 : 1;
}

/* ---- groups of fields (RFC 3464 section 2.3) ---- */

/* The value behind its type, if it has one: `rfc822; anna@x.example', `smtp; 550 unknown'. */
static int set_value(qq_report *r, stralloc *to, qq_field const *f)
{
  qq_piece value = qq_piece_of(&f->value);
  size_t const type = value.n ? byte_chr(value.s, value.n, ';') : 0;
  to->len = r->line.len = 0;
  if (type < value.n) qq_piece_skip(&value, type + 1);
  return !f->found || (qq_unfold(&r->line, value.s, value.n)
    && qq_utf8_shown(to, r->line.s, r->line.len)) ? 1 : -1;
}

/* <anna@x.example> */
static void strip_brackets(stralloc *address)
{
  size_t const n = address->len;
  if (n < 2 || *address->s != '<' || address->s[n - 1] != '>') return;
  address->len -= 2;
  memmove(address->s, address->s + 1, address->len);
}

static int is_failure(qq_report const *r)
{
  static char const failed[] = "failed";
  stralloc const *v = &r->fields[ACTION].value;
  size_t const n = sizeof failed - 1;
  return !r->fields[ACTION].found || (v->len >= n && !case_diffb(v->s, n, failed));
}

static int end_group(qq_report *r, qq_failure_action *action, void *data)
{
  stralloc *const address = &r->qsbmf.address, *const reason = &r->qsbmf.reason;
  qq_field const *f = r->fields;
  qq_header_end(&r->group);
  if (!f[FINAL].found && !f[ORIGINAL].found) return 1;  /* the group of the whole message */
  r->is_understood = 1;
  if (!is_failure(r)) return 1;
  if (set_value(r, address, f[FINAL].found ? &f[FINAL] : &f[ORIGINAL]) < 0
    || set_value(r, reason, &f[DIAGNOSTIC]) < 0) return -1;
  strip_brackets(address);
  if (!reason->len && set_value(r, reason, &f[STATUS]) < 0) return -1;
  if (reason->len > QQ_QSBMF_REASON_MAX) reason->len = QQ_QSBMF_REASON_MAX;
  action(data, &r->qsbmf);
  return 1;
}

static void begin_group(qq_report *r)
{
  qq_header_start(&r->group, r->fields, QQ_REPORT_FIELDS);
}

static int feed_status(qq_report *r, char const *s, size_t n, qq_failure_action *action, void *data)
{
  while (n) {
    uint64_t const before = r->group.size;
    int const e = qq_header_feed(&r->group, s, n);
    size_t const taken = (size_t)(r->group.size - before);
    if (e < 0) return -1;
    s += taken;
    n -= taken;
    if (e != 1) continue;
    if (end_group(r, action, data) < 0) return -1;
    begin_group(r);
  }
  return 1;
}

/* ---- parts ---- */

static void begin(qq_report *r)
{
  qq_content const *c = &r->entities.content;
  r->part = OF_NOTHING;
  if (c->kind == QQ_CONTENT_MESSAGE) r->is_over = 1;    /* the copy of what failed */
  if (c->kind != QQ_CONTENT_TEXT) return;
  qq_transfer_start(&r->transfer, c->encoding);
  r->part = qq_content_is(c, "message/delivery-status")
    || qq_content_is(c, "message/global-delivery-status") ? OF_STATUS : OF_TEXT;
  if (r->part == OF_TEXT) qq_qsbmf_start_message(&r->qsbmf);
  else begin_group(r);
}

/* n == 0: behind the last of it. */
static int body(qq_report *r, char const *s, size_t n, qq_failure_action *action, void *data)
{
  r->bytes.len = 0;
  if (!qq_transfer_feed(&r->transfer, &r->bytes, s, n)) return -1;
  if (!r->bytes.len) return 1;
  return r->part == OF_TEXT ? feed_text(r, r->bytes.s, r->bytes.len, action, data)
    : feed_status(r, r->bytes.s, r->bytes.len, action, data);
}

static int end(qq_report *r, qq_failure_action *action, void *data)
{
  int const part = r->part;
  if (part == OF_NOTHING) return 1;
  if (body(r, "", 0, action, data) < 0) return -1;
  r->part = OF_NOTHING;
  return part == OF_TEXT ? feed_text(r, "", 0, action, data) : end_group(r, action, data);
}

int qq_report_feed(qq_report *r, char const *s, size_t n, qq_failure_action *action, void *data)
{
  int const last = !n;
  qq_piece piece = { s, n }, bytes;
  int e = 1;
  while (e > 0 && !r->is_over)
    switch (qq_entities_next(&r->entities, &piece, last, &bytes)) {
      case QQ_ENTITIES_MORE: return last ? 2 : 1;
      case QQ_ENTITIES_BEGIN: begin(r); break;
      case QQ_ENTITIES_HEADER: break;
      case QQ_ENTITIES_BODY:
        if (r->part && bytes.n) e = body(r, bytes.s, bytes.n, action, data);
        break;
      case QQ_ENTITIES_END: e = end(r, action, data); break;
      default: e = -1;
    }
  return e < 0 ? -1 : 2;
}
