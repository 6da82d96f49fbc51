#include <stdlib.h>
#include <qq/diagnostic.h>
#include <qq/json.h>
#include <qq/text.h>
#include <qq/when.h>
#include "stat.h"

static void check(int good)
{
  if (!good) qq_die_memory();
}

void qq_figures_init(qq_figures *f, unsigned int channels)
{
  f->channels = calloc(channels, sizeof *f->channels);
  check(f->channels != 0);
}

void qq_figures_add(qq_figures *f, qq_message const *m)
{
  unsigned int i;
  f->messages++;
  f->bytes += m->size;
  f->fresh += (uint64_t)m->is_new;
  f->held += (uint64_t)m->held;
  f->failing += (uint64_t)m->failing;
  f->bounces += qq_message_bounce(m) == QQ_SINGLE_BOUNCE;
  f->double_bounces += qq_message_bounce(m) == QQ_DOUBLE_BOUNCE;
  if (!f->oldest || m->stamp < f->oldest) f->oldest = m->stamp;
  for (i = 0; i < m->shard->queue->channels; i++) f->channels[i] += (uint64_t)qq_message_undelivered(m, i);
}

void qq_figures_sum(qq_figures *to, qq_figures const *from, unsigned int channels)
{
  unsigned int i;
  to->messages += from->messages;
  to->fresh += from->fresh;
  to->bounces += from->bounces;
  to->double_bounces += from->double_bounces;
  to->failing += from->failing;
  to->held += from->held;
  to->over += from->over;
  to->bytes += from->bytes;
  if (from->oldest && (!to->oldest || from->oldest < to->oldest)) to->oldest = from->oldest;
  for (i = 0; i < channels; i++) to->channels[i] += from->channels[i];
}

static void line(stralloc *out, char const *label, uint64_t v)
{
  check(qq_say(out, "%s: %llu\n", label, (unsigned long long)v));
}

void qq_figures_text(stralloc *out, qq_figures const *f, qq_queue const *q, int whole, uint64_t now)
{
  qq_calendar calendar = QQ_CALENDAR_ZERO;
  unsigned int i;
  if (whole) {
    line(out, "messages in queue", f->mess_files);
    line(out, "messages in queue but not yet preprocessed", f->todo_files);
  }
  for (i = 0; i < q->channels; i++) line(out, q->trees[QQ_CHANNEL + i], f->channels[i]);
  line(out, _("new"), f->fresh);
  line(out, _("bounces"), f->bounces);
  line(out, _("double bounces"), f->double_bounces);
  line(out, _("failing"), f->failing);
  line(out, _("held"), f->held);
  line(out, _("over"), f->over);
  line(out, _("bytes"), f->bytes);
  if (!f->oldest) check(qq_say(out, "%s: -\n", _("oldest")));
  else check(qq_say(out, "%s: ", _("oldest")) && qq_when_text(out, &calendar, f->oldest) && stralloc_cats(out, " (")
    && qq_age_text(out, now > f->oldest ? now - f->oldest : 0) && stralloc_cats(out, _(" ago)\n")));
}

void qq_figures_json(stralloc *out, qq_figures const *f, qq_queue const *q, int whole)
{
  qq_json j = QQ_JSON(out);
  qq_calendar calendar = QQ_CALENDAR_ZERO;
  stralloc text = STRALLOC_ZERO;
  unsigned int i;
  qq_json_object(&j, 0);
  if (whole) {
    qq_json_number(&j, "files", f->mess_files);
    qq_json_number(&j, "todo_files", f->todo_files);
  }
  qq_json_number(&j, "messages", f->messages);
  qq_json_object(&j, "channels");
  for (i = 0; i < q->channels; i++) qq_json_number(&j, q->trees[QQ_CHANNEL + i], f->channels[i]);
  qq_json_object_end(&j);
  qq_json_number(&j, "new", f->fresh);
  qq_json_number(&j, "bounces", f->bounces);
  qq_json_number(&j, "double_bounces", f->double_bounces);
  qq_json_number(&j, "failing", f->failing);
  qq_json_number(&j, "held", f->held);
  qq_json_number(&j, "over", f->over);
  qq_json_number(&j, "bytes", f->bytes);
  if (!f->oldest) qq_json_null(&j, "oldest");
  else {
    check(qq_when_rfc3339(&text, &calendar, f->oldest) && stralloc_0(&text));
    qq_json_word(&j, "oldest", text.s);
    stralloc_free(&text);
  }
  qq_json_object_end(&j);
  qq_json_line(&j);
}
