#include <qq/home.h>
#include <qq/settings.h>
#include <qq/text.h>

#define NAME_ME "me"

char const *qq_value_source_word(qq_value_source source)
{
  static char const *const words[QQ_VALUE_SOURCES] = {
    "set", "me", "default", "ignored", "none", "unreadable"
  };
  return words[source];
}

static int append_line(stralloc *value, stralloc const *text)
{
  return qq_append(value, text->s, qq_controltext_line(text->s, text->len)) ? QQ_VALUE_SET : -1;
}

/* me as the one entry of a list; a NUL in it makes two (constmap.c). */
static int append_entry(stralloc *value, stralloc const *text)
{
  size_t i = value->len;
  if (append_line(value, text) < 0) return -1;
  for (; i < value->len; i++) if (!value->s[i]) value->s[i] = '\n';
  return stralloc_append(value, '\n') ? 1 : -1;
}

qq_setting const *qq_value_file(char const *name, qq_settings const *all)
{
  qq_control const *c = qq_control_find(name);
  qq_setting const *s = qq_settings_get(all, name);
  return s->exists || !c || !c->falls_back_to_me ? s : qq_settings_get(all, NAME_ME);
}

static int append_fallback(stralloc *value, qq_control const *c, qq_settings const *all)
{
  qq_setting const *me = qq_settings_get(all, NAME_ME);
  if (c->falls_back_to_me && me->exists) {
    int const r = c->kind == QQ_CONTROL_LIST ? append_entry(value, &me->content)
      : append_line(value, &me->content);
    return r < 0 ? -1 : QQ_VALUE_ME;
  }
  if (!c->fallback) return QQ_VALUE_NONE;
  return stralloc_cats(value, c->fallback) ? QQ_VALUE_DEFAULT : -1;
}

/* A negative number counts as it is to qmail; what becomes of it is each program's business. */
static int append_integer(stralloc *value, qq_control const *c, stralloc const *text,
  qq_settings const *all)
{
  int32_t i;
  if (!qq_controltext_integer(text->s, text->len, &i))
    return append_fallback(value, c, all) < 0 ? -1 : QQ_VALUE_IGNORED;
  return qq_fmt(value, "%ld", (long)i) ? QQ_VALUE_SET : -1;
}

static int append_entries(stralloc *value, stralloc const *text)
{
  qq_entries e;
  qq_entries_begin(&e, text->s, text->len);
  while (qq_entries_next(&e))
    if (!qq_append(value, e.entry.s, e.entry.n) || !stralloc_append(value, '\n')) return -1;
  return QQ_VALUE_SET;
}

int qq_value_get(stralloc *value, qq_control const *c, qq_settings const *all)
{
  qq_setting const *s = qq_settings_get(all, c->name);
  if (qq_value_file(c->name, all)->error) return QQ_VALUE_UNREADABLE;
  if (!s->exists) return append_fallback(value, c, all);
  switch (c->kind) {
    case QQ_CONTROL_INTEGER: return append_integer(value, c, &s->content, all);
    case QQ_CONTROL_LIST:
    case QQ_CONTROL_MAP: return append_entries(value, &s->content);
    case QQ_CONTROL_OPAQUE: return QQ_VALUE_SET;
    default: return append_line(value, &s->content);
  }
}
