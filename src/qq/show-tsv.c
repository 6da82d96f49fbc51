#include <qq/diagnostic.h>
#include <qq/output.h>
#include "show.h"

static void put_field(stralloc *out, char const *s, size_t n)
{
  qq_demand_memory(stralloc_append(out, '\t'));
  qq_tsv(out, s, n);
}

/* The first recipient that waits, and how many others do. */
static void put_recipients(stralloc *out, qq_message const *m)
{
  size_t others;
  qq_recipient const *r = qq_show_waiting(m, &others);
  put_field(out, r ? qq_recipient_address(m, r) : "", r ? r->length : 0);
  qq_must_fmt(out, "\t%zu", others);
}

int qq_show_tsv(qq_view *v, qq_message *m, stralloc *out)
{
  stralloc const *exact, *text;
  char token[QQ_ID_FMT];
  qq_id const id = qq_message_id(m);
  int r = qq_message_recipients(m);
  if (r == 1) r = qq_message_header(m, &v->header, v->fields, 1);
  if (r != 1) return r;
  qq_must_fmt(out, "%.*s\t", (int)qq_id_format(token, &id), token);
  qq_show_type(out, m);
  qq_must_fmt(out, "\t");
  qq_demand_memory(qq_when_rfc3339(out, &v->calendar, m->stamp));
  qq_must_fmt(out, "\t%llu", (unsigned long long)m->size);
  put_field(out, m->sender.s, m->sender.len);
  put_recipients(out, m);
  if (qq_view_field(v, QQ_SHOW_SUBJECT, &exact, &text)) put_field(out, text->s, text->len);
  else put_field(out, "", 0);
  qq_demand_memory(stralloc_append(out, '\n'));
  return 1;
}

void qq_show_tsv_heading(void)
{
  static char const heading[] = "token\ttype\tqueued\tsize\tfrom\tto\tothers\tsubject\n";
  qq_output(heading, sizeof heading - 1);
}
