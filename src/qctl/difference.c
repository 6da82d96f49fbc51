#include <string.h>
#include <qq/controltext.h>
#include <qq/diagnostic.h>
#include <qq/gettext.h>
#include <qq/json.h>
#include "difference.h"

static qq_setting const absent = { 0, 0, STRALLOC_ZERO, { 0, 0, 0 }, 0, 0, 0, 0 };

static qq_setting const *in(qq_settings const *s, char const *name)
{
  qq_setting const *found = qq_settings_find(s, name);
  return found ? found : &absent;
}

/* In a template, a file that is not mentioned is left alone, and one that must not exist is taken away. */
static int is_mentioned(qq_difference const *d, qq_settings const *s, char const *name)
{
  return !d->are_templates || qq_settings_find(s, name);
}

static void add(qq_difference *d, char const *name)
{
  if (is_mentioned(d, d->before, name) == is_mentioned(d, d->after, name) && qq_setting_equal(in(d->before, name), in(d->after, name))) return;
  if (!genalloc_append(char const *, &d->names, &name)) qq_die_memory();
}

static size_t next_name(qq_settings const *s, size_t i, char const **name)
{
  *name = i < qq_settings_count(s) ? qq_settings_at(s, i)->name : 0;
  return i + 1;
}

void qq_difference_find(qq_difference *d, qq_settings const *before, qq_settings const *after, int are_templates)
{
  char const *x, *y;
  size_t i, j;
  memset(d, 0, sizeof *d);
  d->before = before;
  d->after = after;
  d->are_templates = are_templates;
  i = next_name(before, 0, &x);
  j = next_name(after, 0, &y);
  while (x || y) {
    int const r = !x ? 1 : !y ? -1 : strcmp(x, y);
    if (r >= 0 || are_templates) add(d, r > 0 ? y : x);
    if (r <= 0) i = next_name(before, i, &x);
    if (r >= 0) j = next_name(after, j, &y);
  }
}

void qq_difference_free(qq_difference *d)
{
  genalloc_free(char const *, &d->names);
}

size_t qq_difference_count(qq_difference const *d)
{
  return genalloc_len(char const *, &d->names);
}

static char const *name_at(qq_difference const *d, size_t i)
{
  return genalloc_s(char const *, &d->names)[i];
}

static qq_effect effect_of(char const *name)
{
  qq_control const *c = qq_control_find(name);
  return c ? c->effect : QQ_EFFECT_UNKNOWN;
}

/* ---- text ---- */

static void line(stralloc *out, char sign, char const *s, size_t n)
{
  if (!qq_say(out, "  %c ", sign) || !qq_safe(out, s, n) || !stralloc_append(out, '\n')) qq_die_memory();
}

static void remark(stralloc *out, char sign, char const *text)
{
  line(out, sign, text, strlen(text));
}

/* Entries of the one that the other does not have, in their order. */
static size_t entries_missing(stralloc *out, char sign, qq_setting const *from, qq_setting const *in_other)
{
  genalloc others = GENALLOC_ZERO;      /* of qq_piece */
  size_t n = 0;
  qq_entries e;
  if (qq_entries_pieces(in_other->content.s, in_other->content.len, &others) < 0) qq_die_memory();
  qq_pieces_sort(&others, qq_piece_compare);
  qq_entries_begin(&e, from->content.s, from->content.len);
  while (qq_entries_next(&e)) {
    qq_piece p;
    p.s = from->content.s + e.start;
    p.n = e.length;
    if (qq_pieces_have(&others, &p, qq_piece_compare)) continue;
    line(out, sign, p.s, p.n);
    n++;
  }
  genalloc_free(qq_piece, &others);
  return n;
}

static void whole(stralloc *out, char sign, qq_setting const *s, int is_opaque)
{
  size_t at = 0;
  if (s->is_unreadable) remark(out, sign, _("(a file that cannot be read)"));
  else if (!s->exists) remark(out, sign, _("(no file)"));
  else if (is_opaque) remark(out, sign, _("(a file)"));
  else if (!s->content.len) remark(out, sign, _("(an empty file)"));
  while (s->exists && !s->is_unreadable && !is_opaque && at < s->content.len) {
    char const *end = memchr(s->content.s + at, '\n', s->content.len - at);
    size_t const n = end ? (size_t)(end - s->content.s) - at : s->content.len - at;
    line(out, sign, s->content.s + at, n);
    at += n + 1;
  }
}

static void parameter(qq_difference const *d, char const *name, stralloc *out)
{
  qq_setting const *before = in(d->before, name), *after = in(d->after, name);
  qq_control const *c = qq_control_find(name);
  int const several = c && (c->kind == QQ_CONTROL_LIST || c->kind == QQ_CONTROL_MAP);
  if (!qq_safe(out, name, strlen(name)) || !qq_say(out, " (%s)\n", _(qq_effect_word(effect_of(name))))) qq_die_memory();
  if (several && before->exists && after->exists) {
    size_t n = entries_missing(out, '-', before, after);
    n += entries_missing(out, '+', after, before);
    if (n) return;
    remark(out, ' ', _("(the entries are the same; their order or the comments differ)"));
    return;
  }
  if (is_mentioned(d, d->before, name)) whole(out, '-', before, c && c->kind == QQ_CONTROL_OPAQUE);
  else remark(out, '-', _("(not mentioned)"));
  if (is_mentioned(d, d->after, name)) whole(out, '+', after, c && c->kind == QQ_CONTROL_OPAQUE);
  else remark(out, '+', _("(not mentioned)"));
}

void qq_difference_text(qq_difference const *d, stralloc *out)
{
  size_t i;
  for (i = 0; i < qq_difference_count(d); i++) parameter(d, name_at(d, i), out);
}

/* ---- JSON ---- */

static void json_side(qq_json *j, char const *field, qq_setting const *s, int is_opaque)
{
  if (!s->exists || is_opaque) qq_json_null(j, field);
  else qq_json_text(j, field, s->content.s, s->content.len, s->content.s, s->content.len);
}

void qq_difference_json(qq_difference const *d, stralloc *out)
{
  size_t i;
  for (i = 0; i < qq_difference_count(d); i++) {
    char const *name = name_at(d, i);
    qq_control const *c = qq_control_find(name);
    int const is_opaque = c && c->kind == QQ_CONTROL_OPAQUE;
    qq_json j = QQ_JSON(out);
    qq_json_object(&j, 0);
    qq_json_text(&j, "name", name, strlen(name), name, strlen(name));
    json_side(&j, "before", in(d->before, name), is_opaque);
    json_side(&j, "after", in(d->after, name), is_opaque);
    if (is_opaque) qq_json_boolean(&j, "opaque", 1);
    if (d->are_templates) qq_json_boolean(&j, "before_mentioned", is_mentioned(d, d->before, name));
    if (d->are_templates) qq_json_boolean(&j, "after_mentioned", is_mentioned(d, d->after, name));
    qq_json_word(&j, "effect", qq_effect_word(effect_of(name)));
    qq_json_object_end(&j);
    qq_json_line(&j);
  }
}

/* ---- effects ---- */

static char const *demand(qq_effect effect)
{
  switch (effect) {
    case QQ_EFFECT_RESTART: return _("restart qmail-send");
    case QQ_EFFECT_HUP: return _("HUP qmail-send");
    case QQ_EFFECT_REBUILD: return _("make the cdb anew (of morercpthosts: qmail-newmrh)");
    case QQ_EFFECT_SCRIPT: return _("restart the service that reads it");
    case QQ_EFFECT_UNKNOWN: return _("not known here what reads it");
    case QQ_EFFECT_DELIVERY: return _("nothing to do, the next delivery sees it");
    case QQ_EFFECT_CONNECTION: return _("nothing to do, the next connection sees it");
    default: return _("nothing to do, the next run sees it");
  }
}

void qq_difference_effects(qq_difference const *d, stralloc *out)
{
  static qq_effect const order[] = { QQ_EFFECT_RESTART, QQ_EFFECT_HUP, QQ_EFFECT_REBUILD, QQ_EFFECT_SCRIPT, QQ_EFFECT_CONNECTION, QQ_EFFECT_DELIVERY,
    QQ_EFFECT_MESSAGE, QQ_EFFECT_UNKNOWN };
  size_t i, k;
  for (k = 0; k < sizeof order / sizeof *order; k++) {
    int begun = 0;
    for (i = 0; i < qq_difference_count(d); i++) {
      if (effect_of(name_at(d, i)) != order[k]) continue;
      if (!(begun ? stralloc_cats(out, ", ") : qq_say(out, "%s: ", demand(order[k]))) || !qq_safe(out, name_at(d, i), strlen(name_at(d, i)))) qq_die_memory();
      begun = 1;
    }
    if (begun && !stralloc_append(out, '\n')) qq_die_memory();
  }
}

qq_effect qq_difference_demands(qq_difference const *d)
{
  qq_effect most = QQ_EFFECT_UNKNOWN;
  size_t i;
  for (i = 0; i < qq_difference_count(d); i++) {
    qq_effect const e = effect_of(name_at(d, i));
    if (e == QQ_EFFECT_RESTART || (e == QQ_EFFECT_HUP && most != QQ_EFFECT_RESTART)) most = e;
  }
  return most;
}
