/* Shows the settings in force. */

#include <stdlib.h>
#include <string.h>
#include <qq/diagnostic.h>
#include <qq/gettext.h>
#include <qq/json.h>
#include <qq/output.h>
#include <qq/table.h>
#include <qq/value.h>
#include "place.h"

enum { CHANGED = QQ_OPTION_OWN, ALL, EXPLAIN, JSON };

static qq_option const options[] = {
  { CHANGED, "changed", 0, N_("only those whose file is there") },
  { ALL, "all", 0, N_("also those of patches whose file is not there") },
  { EXPLAIN, "explain", 0, N_("a paragraph for each") },
  { JSON, "json", 0, N_("a JSON object for each") },
  QQ_OPTIONS_HOME,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qctl-show", "[NAME ...]", N_("Show qmail's settings: the value in force, where it comes from, when a change is seen."), options,
  N_("0 done; 100 wrong use; 111 trouble of the system.")
};

static qq_place place;
static int changed, all;

static int is_named(char const *name)
{
  char const *const *o = qq_operands();
  if (!*o) return 1;
  for (; *o; o++) if (!strcmp(*o, name)) return 1;
  return 0;
}

static int is_wanted(qq_control const *c)
{
  qq_setting const *s = qq_settings_find(&place.live, c->name);
  int const exists = s && s->exists;
  if (*qq_operands()) return is_named(c->name);
  return exists || (!changed && (all || !c->origin));
}

/* Entries with commas between them; what nothing means. */
static void shown_value(stralloc *out, qq_control const *c, qq_value_source source, stralloc const *value)
{
  size_t i;
  if (source == QQ_VALUE_UNREADABLE) {
    if (!stralloc_cats(out, _("(unreadable)"))) qq_die_memory();
    return;
  }
  if (c->kind == QQ_CONTROL_OPAQUE) {
    if (!stralloc_cats(out, source == QQ_VALUE_SET ? _("(a file)") : _("(none)"))) qq_die_memory();
    return;
  }
  if (source == QQ_VALUE_NONE) {
    if (!stralloc_cats(out, !strcmp(c->name, "rcpthosts") ? _("(none: every domain, an open relay)") : _("(none)"))) qq_die_memory();
    return;
  }
  if (!value->len && !stralloc_cats(out, _("(empty)"))) qq_die_memory();
  for (i = 0; i < value->len; i++)
    if (value->s[i] != '\n' ? !stralloc_append(out, value->s[i]) : i + 1 < value->len && !stralloc_cats(out, ", ")) qq_die_memory();
}

typedef struct widths { size_t name, value; } widths;

static void row(qq_control const *c, widths const *w, stralloc *out)
{
  size_t const columns = qq_columns();
  stralloc value = STRALLOC_ZERO, text = STRALLOC_ZERO;
  int const source = qq_value_get(&value, c, &place.live);
  size_t used = w->name + w->value + 2 + 10 + 2 + 20 + 1;
  if (source < 0) qq_die_memory();
  shown_value(&text, c, (qq_value_source)source, &value);
  qq_cell(out, c->name, strlen(c->name), w->name);
  if (!stralloc_append(out, ' ')) qq_die_memory();
  qq_cell(out, text.s, text.len, columns || qq_cells(text.s, text.len) < w->value ? w->value : qq_cells(text.s, text.len));
  if (!stralloc_append(out, ' ')) qq_die_memory();
  qq_cell(out, _(qq_value_source_word((qq_value_source)source)), strlen(_(qq_value_source_word((qq_value_source)source))), 10);
  if (!stralloc_append(out, ' ')) qq_die_memory();
  qq_cell(out, _(qq_effect_word(c->effect)), strlen(_(qq_effect_word(c->effect))), 20);
  if (!columns || columns > used + 10) {
    char const *meaning = _(c->meaning);
    size_t const room = columns ? columns - used : strlen(meaning);
    if (!stralloc_append(out, ' ')) qq_die_memory();
    qq_cell(out, meaning, strlen(meaning), room < strlen(meaning) ? room : strlen(meaning));
  }
  while (out->len && out->s[out->len - 1] == ' ') out->len--;
  if (!stralloc_append(out, '\n')) qq_die_memory();
  stralloc_free(&value);
  stralloc_free(&text);
}

static void explain(qq_control const *c, stralloc *out)
{
  stralloc value = STRALLOC_ZERO, text = STRALLOC_ZERO;
  int const source = qq_value_get(&value, c, &place.live);
  if (source < 0) qq_die_memory();
  shown_value(&text, c, (qq_value_source)source, &value);
  if (!qq_say(out, "%s = ", c->name) || !qq_safe(out, text.s, text.len)
    || !qq_say(out, " (%s)\n  %s\n", _(qq_value_source_word((qq_value_source)source)), _(c->meaning))
    || !qq_say(out, _("  kind: %s; default: %s%s; read by: %s; a change is seen: %s\n"), qq_control_kind_word(c->kind),
      c->falls_back_to_me ? _("the value of me") : c->fallback ? c->fallback : _("none"),
      c->falls_back_to_me && c->fallback ? _(" if there is one") : "", c->reader, _(qq_effect_word(c->effect)))) qq_die_memory();
  if (c->environment && !qq_say(out, _("  overridden by: $%s\n"), c->environment)) qq_die_memory();
  if (c->origin && !qq_say(out, _("  known to: %s\n"), c->origin)) qq_die_memory();
  if (!stralloc_append(out, '\n')) qq_die_memory();
  stralloc_free(&value);
  stralloc_free(&text);
}

static void json_entries(qq_json *j, stralloc const *value)
{
  size_t at = 0;
  qq_json_array(j, "value");
  while (at < value->len) {
    char const *end = memchr(value->s + at, '\n', value->len - at);
    size_t const n = end ? (size_t)(end - value->s) - at : value->len - at;
    qq_json_text(j, 0, value->s + at, n, value->s + at, n);
    at += n + 1;
  }
  qq_json_array_end(j);
}

/* A value in force, which is a number; or the default, which may be none. */
static void json_integer(qq_json *j, stralloc *value)
{
  if (!stralloc_0(value)) qq_die_memory();
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

static void json_object(qq_control const *c, stralloc *out)
{
  stralloc value = STRALLOC_ZERO;
  int const source = qq_value_get(&value, c, &place.live);
  int const several = c->kind == QQ_CONTROL_LIST || c->kind == QQ_CONTROL_MAP;
  qq_json j = QQ_JSON(out);
  if (source < 0) qq_die_memory();
  qq_json_object(&j, 0);
  qq_json_word(&j, "name", c->name);
  qq_json_word(&j, "kind", qq_control_kind_word(c->kind));
  if (source == QQ_VALUE_NONE || source == QQ_VALUE_UNREADABLE || c->kind == QQ_CONTROL_OPAQUE) qq_json_null(&j, "value");
  else if (several) json_entries(&j, &value);
  else if (c->kind == QQ_CONTROL_INTEGER) json_integer(&j, &value);
  else qq_json_text(&j, "value", value.s, value.len, value.s, value.len);
  qq_json_word(&j, "source", qq_value_source_word((qq_value_source)source));
  qq_json_word(&j, "effect", qq_effect_word(c->effect));
  qq_json_word(&j, "reader", c->reader);
  qq_json_word(&j, "meaning", c->meaning);
  json_nature(&j, c);
  qq_json_object_end(&j);
  qq_json_line(&j);
  stralloc_free(&value);
}

/* Files that the table does not have. */
static void unknown_files(stralloc *out)
{
  size_t i;
  for (i = 0; i < qq_settings_count(&place.live); i++) {
    char const *name = qq_settings_at(&place.live, i)->name;
    if (qq_control_find(name) || !is_named(name)) continue;
    if (!qq_safe(out, name, strlen(name)) || !stralloc_cats(out, _(": a file that is not known here\n"))) qq_die_memory();
  }
}

static void unknown_json(stralloc *out)
{
  size_t i;
  for (i = 0; i < qq_settings_count(&place.live); i++) {
    char const *name = qq_settings_at(&place.live, i)->name;
    qq_json j = QQ_JSON(out);
    if (qq_control_find(name) || !is_named(name)) continue;
    qq_json_object(&j, 0);
    qq_json_text(&j, "name", name, strlen(name), name, strlen(name));
    qq_json_word(&j, "kind", "unknown");
    qq_json_object_end(&j);
    qq_json_line(&j);
  }
}

static void check_names(void)
{
  char const *const *o;
  for (o = qq_operands(); *o; o++)
    if (!qq_control_find(*o) && !qq_settings_find(&place.live, *o)) qq_die(QQ_EXIT_USAGE, _("\"%s\" is no control file that is known here"), *o);
}

int main(int argc, char *const *argv)
{
  static widths const fixed = { 20, 28 };
  stralloc out = STRALLOC_ZERO;
  int option, explained = 0, json = 0;
  char const *value;
  size_t i;
  qq_start(&program, argc, argv);
  while ((option = qq_next_option(&value))) {
    switch (option) {
      case CHANGED: changed = 1; break;
      case ALL: all = 1; break;
      case EXPLAIN: explained = 1; break;
      default: json = 1;
    }
  }
  qq_place_open(&place);
  qq_place_load(&place, 0);
  check_names();
  for (i = 0; i < qq_controls_count; i++) {
    if (!is_wanted(&qq_controls[i])) continue;
    if (json) json_object(&qq_controls[i], &out);
    else if (explained) explain(&qq_controls[i], &out);
    else row(&qq_controls[i], &fixed, &out);
  }
  if (json) unknown_json(&out);
  else unknown_files(&out);
  qq_output(out.s, out.len);
  qq_exit(0);
}
