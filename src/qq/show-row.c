#include <qq/diagnostic.h>
#include <qq/text.h>
#include "show.h"

/* The first recipient that waits, and how many more do. */
static int recipients(stralloc *out, qq_message const *m)
{
  qq_recipient const *r = genalloc_s(qq_recipient, &m->recipients);
  size_t const n = genalloc_len(qq_recipient, &m->recipients);
  qq_recipient const *first = 0;
  size_t i, more = 0;
  for (i = 0; i < n; i++) {
    if (r[i].done) continue;
    if (first) more++;
    else first = &r[i];
  }
  if (first && !stralloc_catb(out, qq_recipient_address(m, first), first->length)) return 0;
  return !more || qq_say(out, " +%llu", (unsigned long long)more);
}

int qq_show_row(qq_view *v, qq_message *m, stralloc *out)
{
  stralloc const *exact, *text;
  int r = qq_message_recipients(m);
  if (r == 1) r = qq_message_header(m, &v->header, v->fields, 1);
  if (r != 1) return r;
  if (!qq_say(out, "%llu", (unsigned long long)m->id) || !stralloc_0(out)) qq_die_memory();
  qq_show_type(out, m);
  if (!stralloc_0(out) || !qq_when_text(out, &v->calendar, m->stamp) || !stralloc_0(out)
    || !qq_size_text(out, m->size) || !stralloc_0(out)
    || !(m->sender.len ? qq_safe(out, m->sender.s, m->sender.len) : stralloc_cats(out, "<>")) || !stralloc_0(out)) qq_die_memory();
  v->text.len = 0;
  if (!recipients(&v->text, m) || !qq_safe(out, v->text.s, v->text.len) || !stralloc_0(out)) qq_die_memory();
  if (qq_view_field(v, QQ_SHOW_SUBJECT, &exact, &text) && !qq_safe(out, text->s, text->len)) qq_die_memory();
  if (!stralloc_0(out)) qq_die_memory();
  return 1;
}
