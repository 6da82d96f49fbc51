#include <string.h>
#include <unistd.h>
#include <qq/diagnostic.h>
#include <qq/move.h>
#include <qq/names.h>
#include <qq/output.h>
#include "moving.h"

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

static void make_info(qq_save *s, qq_message const *m)
{
  char host[256] = "";
  qq_json j = QQ_JSON(&s->info);
  gethostname(host, sizeof host - 1);
  s->info.len = 0;
  qq_demand_memory(qq_move_info_format(&s->info, &s->message.info));
  j.comma = 1;
  qq_json_bytes(&j, "host", host, strlen(host));
  write_done(&j, m);
  qq_must_fmt(&s->info, "}\n");
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
  static char text[PIECE];
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
  int const r = qq_collect(&s->message, m, s->settings);
  if (r != 1) return r;
  make_info(s, m);
  write_part(s, m, QQ_MOVE_ENVELOPE, &s->message.envelope);
  write_part(s, m, QQ_MOVE_INFO, &s->info);
  if (s->message.bounce.len) write_part(s, m, QQ_MOVE_BOUNCE, &s->message.bounce);
  write_mess(s, m);
  return 1;
}
