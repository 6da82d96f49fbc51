#include <stdlib.h>
#include <qq/diagnostic.h>
#include <qq/output.h>
#include <qq/text.h>
#include <qq/when.h>
#include "stat.h"

/* For people, and in JSON. */
static struct { char const *label, *name; } const names[QQ_FIGURES] = {
  { N_("new"), "new" },
  { N_("bounces"), "bounces" },
  { N_("double bounces"), "double_bounces" },
  { N_("failing"), "failing" },
  { N_("held"), "held" },
  { N_("over"), "over" },
  { N_("bytes"), "bytes" }
};

void qq_figures_init(qq_figures *f, unsigned int channels)
{
  f->channels = calloc(channels, sizeof *f->channels);
  qq_demand_memory(f->channels != 0);
}

void qq_figures_add(qq_figures *f, qq_message const *m)
{
  unsigned int i;
  f->n[QQ_FIGURE_OVER] += (uint64_t)m->over;
  if (m->over) return;
  f->messages++;
  f->n[QQ_FIGURE_BYTES] += m->size;
  f->n[QQ_FIGURE_NEW] += (uint64_t)m->is_new;
  f->n[QQ_FIGURE_HELD] += (uint64_t)m->held;
  f->n[QQ_FIGURE_FAILING] += (uint64_t)m->failing;
  f->n[QQ_FIGURE_BOUNCES] += qq_message_bounce(m) == QQ_SINGLE_BOUNCE;
  f->n[QQ_FIGURE_DOUBLE_BOUNCES] += qq_message_bounce(m) == QQ_DOUBLE_BOUNCE;
  if (!f->oldest || m->stamp < f->oldest) f->oldest = m->stamp;
  for (i = 0; i < m->shard->queue->channels; i++)
    f->channels[i] += (uint64_t)qq_message_undelivered(m, i);
}

static void line(stralloc *out, char const *label, uint64_t v)
{
  qq_must_fmt(out, "%s: %llu\n", label, (unsigned long long)v);
}

static void oldest(stralloc *out, uint64_t stamp, uint64_t now)
{
  qq_calendar calendar = QQ_CALENDAR_ZERO;
  stralloc when = STRALLOC_ZERO, age = STRALLOC_ZERO;
  qq_must_fmt(out, stamp ? "%s: " : "%s: -\n", _("oldest"));
  if (!stamp) return;
  qq_demand_memory(qq_when_text(&when, &calendar, stamp)
    && qq_age_text(&age, now > stamp ? now - stamp : 0));
  qq_must_fmt(out, _("%.*s (%.*s ago)\n"), (int)when.len, when.s, (int)age.len, age.s);
  stralloc_free(&when);
  stralloc_free(&age);
}

void qq_figures_text(stralloc *out, qq_figures const *f, qq_queue const *q, int whole, uint64_t now)
{
  unsigned int i;
  if (whole) {
    line(out, "messages in queue", f->mess_files);
    line(out, "messages in queue but not yet preprocessed", f->todo_files);
  }
  for (i = 0; i < q->channels; i++) line(out, q->trees[QQ_CHANNEL + i], f->channels[i]);
  for (i = 0; i < QQ_FIGURES; i++) line(out, _(names[i].label), f->n[i]);
  if (whole) line(out, _("being written or left over"), f->left);
  oldest(out, f->oldest, now);
}

void qq_figures_json(stralloc *out, qq_figures const *f, qq_queue const *q, int whole,
  uint64_t now)
{
  qq_json j = qq_json_begin(out);
  qq_calendar calendar = QQ_CALENDAR_ZERO;
  unsigned int i;
  if (whole) {
    qq_json_number(&j, "files", f->mess_files);
    qq_json_number(&j, "todo_files", f->todo_files);
  }
  qq_json_number(&j, "messages", f->messages);
  qq_json_object(&j, "channels");
  for (i = 0; i < q->channels; i++)
    qq_json_number(&j, q->trees[QQ_CHANNEL + i], f->channels[i]);
  qq_json_object_end(&j);
  for (i = 0; i < QQ_FIGURES; i++) qq_json_number(&j, names[i].name, f->n[i]);
  if (f->oldest) qq_json_moment(&j, "oldest", &calendar, f->oldest);
  else qq_json_null(&j, "oldest");
  if (whole) qq_json_number(&j, "left_over", f->left);
  if (f->oldest)
    qq_json_number(&j, "oldest_age", now > f->oldest ? (now - f->oldest) / QQ_SECOND : 0);
  else qq_json_null(&j, "oldest_age");
  qq_json_end(&j);
}
