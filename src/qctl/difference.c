#include <string.h>
#include <qq/diagnostic.h>
#include <qq/home.h>
#include <qq/output.h>
#include "qctl.h"

static qq_effect effect_of(char const *name)
{
  qq_control const *c = qq_control_find(name);
  return c ? c->effect : QQ_EFFECT_UNKNOWN;
}

/* ---- text ---- */

static void append_line(stralloc *out, char sign, char const *s, size_t n)
{
  qq_demand_memory(qq_fmt(out, "  %c ", sign) && qq_safe(out, s, n) && stralloc_append(out, '\n'));
}

static void append_remark(stralloc *out, char sign, char const *text)
{
  append_line(out, sign, text, strlen(text));
}

/* Of lists and maps, the entries that only one of the two has. */
static void append_entries(stralloc *out, stralloc const *before, stralloc const *after)
{
  genalloc old = GENALLOC_ZERO, new = GENALLOC_ZERO;    /* of qq_piece */
  qq_demand_memory(qq_entries_pieces(before->s, before->len, &old) > 0
    && qq_entries_pieces(after->s, after->len, &new) > 0);
  if (!qq_differing_pieces(out, "  - ", "  + ", &old, &new))
    append_remark(out, ' ', _("(the entries are the same; their order or the comments differ)"));
  genalloc_free(qq_piece, &old);
  genalloc_free(qq_piece, &new);
}

static void append_whole(stralloc *out, char sign, qq_setting const *s, int is_opaque)
{
  qq_piece text = { s->content.s, s->content.len }, line;
  if (s->error) append_remark(out, sign, _("(a file that cannot be read)"));
  else if (!s->exists) append_remark(out, sign, _("(no file)"));
  else if (is_opaque) append_remark(out, sign, _("(a file)"));
  else if (!text.n) append_remark(out, sign, _("(an empty file)"));
  else while (qq_piece_line(&text, &line)) append_line(out, sign, line.s, line.n);
}

static void append_file(stralloc *out, qq_difference const *d)
{
  qq_control const *c = qq_control_find(d->name);
  int const is_opaque = qq_control_is_opaque(c);
  qq_demand_memory(qq_safe(out, d->name, strlen(d->name))
    && qq_fmt(out, " (%s)\n", _(qq_effect_word(effect_of(d->name)))));
  if (qq_control_has_entries(c) && d->before->exists && !d->before->error && d->after->exists) {
    append_entries(out, &d->before->content, &d->after->content);
    return;
  }
  if (d->are_templates && !d->was_mentioned) append_remark(out, '-', _("(not mentioned)"));
  else append_whole(out, '-', d->before, is_opaque);
  if (d->are_templates && !d->is_mentioned) append_remark(out, '+', _("(not mentioned)"));
  else append_whole(out, '+', d->after, is_opaque);
}

void qq_difference_text(qq_difference const *all, stralloc *out)
{
  qq_difference d = *all;
  while (qq_difference_next(&d)) append_file(out, &d);
}

void qq_difference_report(qq_difference const *all, qq_site const *p)
{
  qq_difference d = *all;
  while (qq_difference_next(&d)) if (d.before->error) qq_report_unreadable(p, d.name);
}

/* ---- JSON ---- */

static void json_side(qq_json *j, char const *field, qq_setting const *s, int is_opaque)
{
  if (!s->exists || s->error || is_opaque) qq_json_null(j, field);
  else qq_json_bytes(j, field, s->content.s, s->content.len);
}

void qq_difference_json(qq_difference const *all, stralloc *out)
{
  qq_difference d = *all;
  while (qq_difference_next(&d)) {
    int const is_opaque = qq_control_is_opaque(qq_control_find(d.name));
    qq_json j = qq_json_begin(out);
    qq_json_bytes(&j, "name", d.name, strlen(d.name));
    json_side(&j, "before", d.before, is_opaque);
    json_side(&j, "after", d.after, is_opaque);
    if (is_opaque) qq_json_boolean(&j, "opaque", 1);
    if (d.before->error) qq_json_boolean(&j, "before_unreadable", 1);
    if (d.are_templates) qq_json_boolean(&j, "before_mentioned", d.was_mentioned);
    if (d.are_templates) qq_json_boolean(&j, "after_mentioned", d.is_mentioned);
    qq_json_word(&j, "effect", qq_effect_word(effect_of(d.name)));
    qq_json_end(&j);
  }
}

/* ---- effects ---- */

qq_effect qq_difference_effects(qq_difference const *all, stralloc *out)
{
  /* in the order in which they are told */
  static struct { qq_effect effect; char const *demand; } const effects[] = {
    { QQ_EFFECT_RESTART, N_("restart qmail-send") },
    { QQ_EFFECT_HUP, N_("HUP qmail-send") },
    { QQ_EFFECT_REBUILD, N_("make the cdb anew (morercpthosts: qmail-newmrh)") },
    { QQ_EFFECT_SCRIPT, N_("restart the service that reads it") },
    { QQ_EFFECT_CONNECTION, N_("in force from the next connection on") },
    { QQ_EFFECT_DELIVERY, N_("in force from the next delivery on") },
    { QQ_EFFECT_MESSAGE, N_("in force from the next run on") },
    { QQ_EFFECT_UNKNOWN, N_("what reads it is not known") }
  };
  qq_effect first = QQ_EFFECT_UNKNOWN;
  size_t i;
  for (i = 0; i < sizeof effects / sizeof *effects; i++) {
    qq_difference d = *all;
    int begun = 0;
    while (qq_difference_next(&d)) {
      if (effect_of(d.name) != effects[i].effect) continue;
      if (first == QQ_EFFECT_UNKNOWN) first = effects[i].effect;
      qq_must_fmt(out, "%s%s", begun ? "" : _(effects[i].demand), begun ? ", " : ": ");
      qq_demand_memory(qq_safe(out, d.name, strlen(d.name)));
      begun = 1;
    }
    qq_demand_memory(!begun || stralloc_append(out, '\n'));
  }
  return first;
}
