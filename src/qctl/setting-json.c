#include <stdlib.h>
#include <qq/diagnostic.h>
#include <qq/output.h>
#include "qctl.h"

static void json_entries(qq_json *j, stralloc const *value)
{
  qq_piece text = { value->s, value->len }, entry;
  qq_json_array(j, "value");
  while (qq_piece_line(&text, &entry)) qq_json_bytes(j, 0, entry.s, entry.n);
  qq_json_array_end(j);
}

/* A value in force, which is a number; or the default, which may be none. */
static void json_integer(qq_json *j, stralloc *value)
{
  qq_demand_memory(stralloc_0(value));
  if (*value->s) qq_json_integer(j, "value", strtoll(value->s, 0, 10));
  else qq_json_null(j, "value");
}

static void json_word_or_null(qq_json *j, char const *name, char const *s)
{
  if (s) qq_json_word(j, name, s);
  else qq_json_null(j, name);
}

/* What does not depend on the files. */
static void json_nature(qq_json *j, qq_control const *c)
{
  json_word_or_null(j, "default", c->fallback);
  qq_json_boolean(j, "default_is_me", c->falls_back_to_me);
  json_word_or_null(j, "environment", c->environment);
  json_word_or_null(j, "origin", c->origin);
  if (c->kind != QQ_CONTROL_INTEGER) return;
  qq_json_number(j, "low", c->low);
  qq_json_number(j, "high", c->high);
}

void qq_setting_json(stralloc *out, qq_control const *c, qq_settings const *live)
{
  stralloc value = STRALLOC_ZERO;
  qq_value_source const source = qq_demand_value(&value, c, live);
  qq_json j = qq_json_begin(out);
  qq_json_word(&j, "name", c->name);
  qq_json_word(&j, "kind", qq_control_kind_word(c->kind));
  if (source == QQ_VALUE_NONE || source == QQ_VALUE_UNREADABLE || qq_control_is_opaque(c))
    qq_json_null(&j, "value");
  else if (qq_control_has_entries(c)) json_entries(&j, &value);
  else if (c->kind == QQ_CONTROL_INTEGER) json_integer(&j, &value);
  else qq_json_bytes(&j, "value", value.s, value.len);
  qq_json_word(&j, "source", qq_value_source_word(source));
  qq_json_word(&j, "effect", qq_effect_word(c->effect));
  qq_json_word(&j, "reader", c->reader);
  qq_json_word(&j, "meaning", c->meaning);
  json_nature(&j, c);
  qq_json_end(&j);
  stralloc_free(&value);
}
