#include <string.h>
#include <qq/diagnostic.h>
#include <qq/header.h>
#include <qq/names.h>
#include <qq/output.h>
#include <qq/text.h>
#include "cat.h"

#define PIECE 65536

/* On a terminal line ends and tabs keep their meaning, everything else that steers shows as an
   escape. */
static void write_safely(char const *s, size_t n)
{
  stralloc out = STRALLOC_ZERO;
  char const *const end = s + n;
  while (s < end) {
    char const *start = s;
    while (s < end && *s != '\n' && *s != '\t') s++;
    qq_demand_memory(qq_safe(&out, start, (size_t)(s - start)));
    if (s < end) qq_demand_memory(stralloc_append(&out, *s++));
  }
  qq_output(out.s, out.len);
  stralloc_free(&out);
}

void qq_cat_write(char const *s, size_t n)
{
  if (qq_output_is_terminal()) write_safely(s, n);
  else qq_output(s, n);
}

/* Writes the message's bytes from offset up to end. */
static int write_range(qq_message *m, uint64_t offset, uint64_t end)
{
  static char s[PIECE];
  while (offset < end) {
    size_t const want = end - offset < sizeof s ? (size_t)(end - offset) : sizeof s;
    size_t got;
    int const r = qq_message_read(m, offset, s, want, &got);
    if (r != 1 || !got) return r;
    /* a terminal gets whole characters */
    if (got == want && got > 3) got -= qq_utf8_cut(s, got);
    qq_cat_write(s, got);
    offset += got;
  }
  return 1;
}

int qq_cat_whole(qq_cat *c, qq_message *m)
{
  (void)c;
  return write_range(m, 0, UINT64_MAX);
}

int qq_cat_headers(qq_cat *c, qq_message *m)
{
  uint64_t body;
  int const r = qq_message_body(m, &c->header, &body);
  return r == 1 ? write_range(m, 0, body) : r;
}

int qq_cat_body(qq_cat *c, qq_message *m)
{
  uint64_t body;
  int const r = qq_message_body(m, &c->header, &body);
  return r == 1 ? write_range(m, body, UINT64_MAX) : r;
}

static void append_record(stralloc *out, char letter, char const *s, size_t n)
{
  qq_demand_memory(stralloc_append(out, letter) && stralloc_catb(out, s, n) && stralloc_0(out));
}

int qq_cat_envelope(qq_cat *c, qq_message *m)
{
  qq_recipient const *to, *end;
  int const r = qq_message_recipients(m);
  if (r != 1) return r;
  to = genalloc_s(qq_recipient, &m->recipients);
  end = to + genalloc_len(qq_recipient, &m->recipients);
  c->text.len = 0;
  append_record(&c->text, QQ_RECORD_SENDER, m->sender.s, m->sender.len);
  for (; to < end; to++)
    if (!to->done)
      append_record(&c->text, QQ_RECORD_RECIPIENT, qq_recipient_address(m, to), to->length);
  qq_demand_memory(stralloc_0(&c->text));
  qq_cat_write(c->text.s, c->text.len);
  return 1;
}

static void demand_decoded(int r)
{
  if (r < 0) qq_die_unable("%s", _("unable to decode mail"));
}

static void write_field(qq_cat *c, qq_field const *f)
{
  if (!f->found) return;
  demand_decoded(qq_field_decode(c->charsets, &c->header, &c->line, &c->text, f));
  qq_cat_write(f->name, strlen(f->name));
  qq_cat_write(": ", 2);
  qq_demand_memory(stralloc_append(&c->text, '\n'));
  qq_cat_write(c->text.s, c->text.len);
}

static int write_parts(qq_cat *c, qq_message *m)
{
  static char s[PIECE];
  uint64_t offset = 0;
  size_t got = 1;
  qq_readable_start(c->readable);
  while (got) {
    int const r = qq_message_read(m, offset, s, sizeof s, &got);
    if (r != 1) return r;
    c->text.len = 0;
    demand_decoded(qq_readable_feed(c->readable, &c->text, s, got));
    qq_cat_write(c->text.s, c->text.len);
    offset += got;
  }
  return 1;
}

int qq_cat_text(qq_cat *c, qq_message *m)
{
  qq_field fields[] = {
    QQ_FIELD("Date"), QQ_FIELD("From"), QQ_FIELD("To"), QQ_FIELD("Cc"), QQ_FIELD("Subject")
  };
  size_t const count = sizeof fields / sizeof *fields;
  size_t i;
  int r;
  if (!c->charsets) c->charsets = qq_charsets_new();
  if (c->charsets && !c->readable) c->readable = qq_readable_new(c->charsets);
  qq_demand_memory(c->readable != 0);
  r = qq_message_header(m, &c->header, fields, count);
  if (r == 1) {
    for (i = 0; i < count; i++) write_field(c, &fields[i]);
    qq_cat_write("\n", 1);
    r = write_parts(c, m);
  }
  for (i = 0; i < count; i++) stralloc_free(&fields[i].value);
  return r;
}
