#include <string.h>
#include <qq/append.h>
#include <qq/controltext.h>
#include <qq/gettext.h>
#include <qq/id.h>
#include <qq/value.h>

#define NAME_ME "me"

char const *qq_value_source_word(qq_value_source source)
{
  static char const *const words[QQ_VALUE_SOURCES] = { N_("set"), N_("me"), N_("default"), N_("ignored"), N_("none"), N_("unreadable") };
  return words[source];
}

static int append_line(stralloc *value, qq_setting const *s)
{
  return qq_append(value, s->content.s, qq_controltext_line(s->content.s, s->content.len)) ? QQ_VALUE_SET : -1;
}

/* me as the one entry of a list; a NUL in it makes two (constmap.c). */
static int append_entry(stralloc *value, qq_setting const *s)
{
  size_t const start = value->len;
  size_t i;
  if (append_line(value, s) < 0) return -1;
  for (i = start; i < value->len; i++) if (!value->s[i]) value->s[i] = '\n';
  return stralloc_append(value, '\n') ? QQ_VALUE_ME : -1;
}

static int append_fallback(stralloc *value, qq_control const *c, qq_settings const *all)
{
  qq_setting const *me = qq_settings_find(all, NAME_ME);
  if (c->falls_back_to_me && me && me->exists) {
    return (c->kind == QQ_CONTROL_LIST ? append_entry(value, me) : append_line(value, me)) < 0 ? -1 : QQ_VALUE_ME;
  }
  if (!c->fallback) return QQ_VALUE_NONE;
  return stralloc_cats(value, c->fallback) ? QQ_VALUE_DEFAULT : -1;
}

/* A negative number counts as it is to qmail; what becomes of it is each program's business. */
static int append_integer(stralloc *value, qq_control const *c, qq_setting const *s, qq_settings const *all)
{
  char digits[QQ_NUMBER_FMT];
  int32_t i;
  if (!qq_controltext_integer(s->content.s, s->content.len, &i)) return append_fallback(value, c, all) < 0 ? -1 : QQ_VALUE_IGNORED;
  if (i < 0 && !stralloc_append(value, '-')) return -1;
  return qq_append(value, digits, qq_number_format(digits, i < 0 ? (uint64_t)-(int64_t)i : (uint64_t)i)) ? QQ_VALUE_SET : -1;
}

static int append_entries(stralloc *value, qq_setting const *s)
{
  qq_entries e;
  qq_entries_begin(&e, s->content.s, s->content.len);
  while (qq_entries_next(&e))
    if (!qq_append(value, s->content.s + e.start, e.length) || !stralloc_append(value, '\n')) return -1;
  return QQ_VALUE_SET;
}

int qq_value_get(stralloc *value, qq_control const *c, qq_settings const *all)
{
  qq_setting const *s = qq_settings_find(all, c->name);
  if (!s || !s->exists) return append_fallback(value, c, all);
  if (s->is_unreadable) return QQ_VALUE_UNREADABLE;
  switch (c->kind) {
    case QQ_CONTROL_INTEGER: return append_integer(value, c, s, all);
    case QQ_CONTROL_LIST:
    case QQ_CONTROL_MAP: return append_entries(value, s);
    case QQ_CONTROL_OPAQUE: return QQ_VALUE_SET;
    default: return append_line(value, s);
  }
}
