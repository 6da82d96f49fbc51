/* Shows the settings in force. */

#include <string.h>
#include <qq/diagnostic.h>
#include <qq/output.h>
#include "qctl.h"

static int changed, all, explained, rows;

static qq_option const options[] = {
  { 0, "changed", 0, N_("only those whose file is there"), QQ_SETS(changed) },
  { 0, "all", 0, N_("also those of patches whose file is not there"), QQ_SETS(all) },
  { 0, "explain", 0, N_("a paragraph for each"), QQ_SETS(explained) },
  QQ_OPTIONS_ROWS(rows, N_("a JSON object for each")),
  QQ_OPTIONS_HOME,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qctl-show", "[NAME ...]",
  N_("Show qmail's settings: the value in force, where it comes from, when a change is seen."),
  options,
  N_("0 done; 100 wrong use; 111 trouble of the system.")
};

static qq_site site;

static int is_named(char const *name)
{
  char const *const *o = qq_operands();
  if (!*o) return 1;
  for (; *o; o++) if (!strcmp(*o, name)) return 1;
  return 0;
}

static int is_wanted(qq_control const *c)
{
  if (*qq_operands()) return is_named(c->name);
  return qq_settings_get(&site.live, c->name)->exists || (!changed && (all || !c->origin));
}

/* What stands for a value that cannot be shown, or null. */
static char const *substitute(qq_control const *c, qq_value_source source, stralloc const *value)
{
  if (source == QQ_VALUE_UNREADABLE) return _("(unreadable)");
  if (qq_control_is_opaque(c)) return source == QQ_VALUE_SET ? _("(a file)") : _("(none)");
  if (source == QQ_VALUE_NONE)
    return strcmp(c->name, "rcpthosts") ? _("(none)") : _("(none: every domain, an open relay)");
  return value->len ? 0 : _("(empty)");
}

/* The value for people, entries with commas between them. Returns its source. */
static qq_value_source show_value(stralloc *out, qq_control const *c)
{
  stralloc value = STRALLOC_ZERO;
  qq_value_source const source = qq_demand_value(&value, c, &site.live);
  char const *instead = substitute(c, source, &value);
  qq_piece text = { value.s, value.len }, entry;
  if (instead) qq_demand_memory(stralloc_cats(out, instead));
  else while (qq_piece_line(&text, &entry))
    qq_demand_memory(stralloc_catb(out, entry.s, entry.n) && (!text.n || stralloc_cats(out, ", ")));
  stralloc_free(&value);
  return source;
}

#define WIDTH_NAME 20
#define WIDTH_VALUE 28
#define WIDTH_SOURCE 10
#define WIDTH_EFFECT 20

/* The effects are translated; looked for once, for all rows. */
static size_t width_of_effect(void)
{
  static size_t width;
  int e;
  if (width) return width;
  for (width = WIDTH_EFFECT, e = 0; e < QQ_EFFECTS; e++) {
    char const *const word = qq_effect_word((qq_effect)e);
    width = qq_widest(width, &word, 1);
  }
  return width;
}

static void append_cell(stralloc *out, char const *s, size_t n, size_t width)
{
  qq_cell(out, s, n, width);
  qq_demand_memory(stralloc_append(out, ' '));
}

static void append_row(qq_control const *c, stralloc *out)
{
  size_t const effects = width_of_effect();
  size_t const used = WIDTH_NAME + WIDTH_VALUE + WIDTH_SOURCE + effects + 5;
  size_t const columns = qq_columns();
  char const *meaning = _(c->meaning), *effect = _(qq_effect_word(c->effect)), *source;
  size_t room = strlen(meaning), width;
  stralloc text = STRALLOC_ZERO;
  source = qq_value_source_word(show_value(&text, c));
  width = qq_cells(text.s, text.len);
  append_cell(out, c->name, strlen(c->name), WIDTH_NAME);
  append_cell(out, text.s, text.len, columns || width < WIDTH_VALUE ? WIDTH_VALUE : width);
  append_cell(out, source, strlen(source), WIDTH_SOURCE);
  append_cell(out, effect, strlen(effect), effects);
  if (columns && columns - used < room) room = columns - used;
  if (!columns || columns > used + 10) qq_cell(out, meaning, strlen(meaning), room);
  while (out->len && out->s[out->len - 1] == ' ') out->len--;
  qq_demand_memory(stralloc_append(out, '\n'));
  stralloc_free(&text);
}

/* What counts without the file. */
static char const *fallback_of(qq_control const *c)
{
  if (c->falls_back_to_me)
    return c->fallback ? _("the value of me if there is one") : _("the value of me");
  return c->fallback ? c->fallback : _("none");
}

static void append_paragraph(qq_control const *c, stralloc *out)
{
  stralloc text = STRALLOC_ZERO;
  qq_value_source const source = show_value(&text, c);
  qq_demand_memory(qq_fmt(out, "%s = ", c->name) && qq_safe(out, text.s, text.len)
    && qq_fmt(out, " (%s)\n  %s\n", qq_value_source_word(source), _(c->meaning))
    && qq_fmt(out, _("  kind: %s; default: %s; read by: %s; a change is seen: %s\n"),
      qq_control_kind_word(c->kind), fallback_of(c), _(c->reader), _(qq_effect_word(c->effect))));
  if (c->environment) qq_demand_memory(qq_fmt(out, _("  overridden by: $%s\n"), c->environment));
  if (c->origin) qq_demand_memory(qq_fmt(out, _("  known to: %s\n"), c->origin));
  qq_demand_memory(stralloc_append(out, '\n'));
  stralloc_free(&text);
}

static void append_json(qq_control const *c, stralloc *out)
{
  qq_setting_json(out, c, &site.live);
}

/* A file that the table does not have. */
static void append_unknown(char const *name, stralloc *out)
{
  qq_demand_memory(qq_safe(out, name, strlen(name))
    && qq_fmt(out, ": %s\n", _("a file that is not known here")));
}

static void append_unknown_object(char const *name, stralloc *out)
{
  qq_json j = qq_json_begin(out);
  qq_json_bytes(&j, "name", name, strlen(name));
  qq_json_word(&j, "kind", "unknown");
  qq_json_end(&j);
}

/* Others may have their value from me. */
static void report_unreadable(void)
{
  qq_setting const *s;
  for (s = 0; (s = qq_settings_next(&site.live, s)); )
    if (s->error && (is_named(s->name) || !strcmp(s->name, "me")))
      qq_report_unreadable(&site, s->name);
}

int main(int argc, char *const *argv)
{
  char const *const *name;
  qq_setting const *s;
  void (*append)(qq_control const *, stralloc *);
  stralloc out = STRALLOC_ZERO;
  size_t i;
  qq_start(&program, argc, argv);
  append = rows ? append_json : explained ? append_paragraph : append_row;
  qq_ctl_open(&site);
  qq_ctl_load(&site, 0);
  for (name = qq_operands(); *name; name++) qq_demand_known(&site, *name);
  qq_rows_begin(rows, QQ_SETTING_TITLES);
  for (i = 0; i < qq_controls_count; i++)
    if (is_wanted(&qq_controls[i])) append(&qq_controls[i], &out);
  for (s = 0; (s = qq_settings_next(&site.live, s)); ) {
    if (qq_control_find(s->name) || !is_named(s->name)) continue;
    if (rows) append_unknown_object(s->name, &out);
    else append_unknown(s->name, &out);
  }
  qq_output(out.s, out.len);
  report_unreadable();
  qq_exit(0);
}
