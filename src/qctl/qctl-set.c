/* Changes one setting, live or in a template. */

#include <string.h>
#include <qq/diagnostic.h>
#include <qq/output.h>
#include <qq/text.h>
#include <qq/when.h>
#include "qctl.h"

typedef struct edit { int adds; char const *entry; } edit;

static genalloc edits = GENALLOC_ZERO;          /* of edit */
static char const *template;
static int unset, apply;

static void take_edit(qq_option const *option, char const *entry)
{
  edit const e = { option->value, entry };
  qq_demand_memory(genalloc_append(edit, &edits, &e));
}

static qq_option const options[] = {
  { 0, "unset", 0, N_("there is to be no such file"), QQ_SETS(unset) },
  { 0, "add", "ENTRY", N_("add the entry to a list or map"), QQ_CALLS(take_edit, 1) },
  { 0, "remove", "ENTRY", N_("take the entry, or the one with that key, out of a list or map"),
    QQ_CALLS(take_edit, 0) },
  { 0, "template", "T",
    N_("change the template T instead of the live files; it is made if it is new"),
    QQ_TEXT(template) },
  { 0, "apply", 0, N_("apply the template afterwards"), QQ_SETS(apply) },
  QQ_OPTIONS_CHANGE,
  QQ_OPTIONS_HOME,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qctl-set", "NAME [VALUE ...]", N_("Change one of qmail's settings."), options,
  N_("0 done, or so already; 100 wrong use, or a value that does not validate, nothing changed; "
    "111 trouble, and what it was.")
};

static qq_site site;

/* A value or an entry is a line, and one that qmail reads as it is meant. */
static void check_line(char const *name, char const *s, int is_entry)
{
  size_t const n = strlen(s);
  if (strchr(s, '\n')) qq_die_usage(_("%s: \"%s\" has a newline, expected one line"), name, s);
  if (n && strchr(" \t\r", s[n - 1]))
    qq_die_usage(_("%s: \"%s\" ends with a blank, which qmail does not keep"), name, s);
  if (is_entry && (!n || *s == '#'))
    qq_die_usage(_("%s: \"%s\" given, expected an entry, not an empty line or a comment"), name, s);
}

/* The one empty value: of a list, that it is to have no entry. */
static int is_empty(char const *const *values)
{
  return *values && !**values && !values[1];
}

static void check_lines(qq_control const *c, char const *const *values)
{
  edit const *e = genalloc_s(edit, &edits);
  int const are_entries = qq_control_has_entries(c) && !is_empty(values);
  size_t i;
  for (; *values; values++) check_line(c->name, *values, are_entries);
  for (i = 0; i < genalloc_len(edit, &edits); i++)
    check_line(c->name, e[i].entry, e[i].adds);
}

/* `--add NAME ENTRY' is what many write first. */
static void refuse_name(char const *name)
{
  edit const *e = genalloc_s(edit, &edits);
  if (genalloc_len(edit, &edits) && qq_control_find(e->entry))
    qq_die_usage(_("%s is the name of a control file, and comes last: qctl-set %s %s %s"), e->entry,
      e->adds ? "--add" : "--remove", name, e->entry);
  qq_die_unknown_setting(name);
}

static void check_use(qq_control const *c, char const *name, size_t values)
{
  size_t const n = genalloc_len(edit, &edits);
  if (!c) refuse_name(name);
  if (qq_control_is_opaque(c) && !unset)
    qq_die(QQ_EXIT_USAGE, _("%s is not a setting that can be written"), name);
  if (unset + (values > 0) + (n > 0) != 1)
    qq_die_usage("%s", _("expected one of VALUE, --unset, and --add or --remove"));
  if (n && !qq_control_has_entries(c))
    qq_die_usage(_("%s has one value: --add and --remove are for lists and maps"), name);
  if (values > 1 && !qq_control_has_entries(c)) qq_die_usage(_("%s has one value"), name);
}

/* The entry that counts without a file: me. */
static void start_without_file(stralloc *text, qq_control const *c)
{
  qq_settings without = QQ_SETTINGS_ZERO;
  if (!c->falls_back_to_me) return;
  qq_demand_readable(&site, "me");
  qq_demand_memory(qq_settings_overlay(&without, &site.live) > 0
    && qq_settings_put(&without, c->name, 0, "", 0) && qq_value_get(text, c, &without) >= 0);
}

/* What is edited: what the template has, or what is in force. */
static void start_text(stralloc *text, qq_control const *c, qq_settings const *base)
{
  qq_setting const *s = qq_settings_find(base, c->name);
  if (!s) {
    qq_demand_readable(&site, c->name);
    s = qq_settings_get(&site.live, c->name);
  }
  if (s->exists) qq_demand_memory(qq_copy(text, s->content.s, s->content.len));
  else start_without_file(text, c);
}

/* Says whether anything was edited. */
static int edit_text(stralloc *text, qq_control const *c)
{
  stralloc before = STRALLOC_ZERO;
  size_t i, removed;
  qq_demand_memory(qq_copy(&before, text->s, text->len));
  for (i = 0; i < genalloc_len(edit, &edits); i++) {
    edit const *e = &genalloc_s(edit, &edits)[i];
    qq_demand_memory(e->adds ? qq_edit_add(text, c->kind, e->entry)
      : qq_edit_remove(text, c->kind, e->entry, &removed));
    if (!e->adds && !removed) qq_warn(_("%s has no entry \"%s\""), c->name, e->entry);
  }
  return before.len != text->len || (text->len && memcmp(before.s, text->s, text->len));
}

/* A time may be written as an age: with the letter of its unit. */
static void append_value(stralloc *text, qq_control const *c, char const *value)
{
  size_t const n = strlen(value);
  int const has_unit = n && (value[n - 1] < '0' || value[n - 1] > '9');
  uint64_t age;
  if (c->is_seconds && has_unit && qq_age_scan(value, &age))
    qq_must_fmt(text, "%llu\n", (unsigned long long)(age / QQ_SECOND));
  else qq_must_fmt(text, "%s\n", value);
}

/* What the file is to be. */
static void make_change(qq_settings *changes, qq_control const *c, qq_settings const *base,
  char const *const *values)
{
  stralloc text = STRALLOC_ZERO;
  if (genalloc_len(edit, &edits)) {
    start_text(&text, c, base);
    if (!edit_text(&text, c)) return;
  }
  else if (!qq_control_has_entries(c) || !is_empty(values))
    for (; *values; values++) append_value(&text, c, *values);
  qq_demand_memory(qq_settings_put(changes, c->name, !unset, text.s, text.len) != 0);
}

/* The template as it is; nothing if it is new. */
static void load_template(qq_settings *base)
{
  stralloc path = STRALLOC_ZERO;
  int r;
  if (!qq_template_is_name(template))
    qq_die_usage(_("option --%s: \"%s\" given, expected a name of letters, digits, `.', `_' and "
      "`-'"), "template", template);
  r = qq_find_template(&site, &path, template);
  if (r == QQ_TEMPLATE_SHIPPED)
    qq_die(QQ_EXIT_USAGE, _("the template \"%s\" is a shipped one: copy %s to "
      "%s/qqtools/templates, under another name, and change that"), template, path.s,
      site.home.s);
  if (r) qq_ctl_template(&site, template, base);
}

/* Saves the template with the changes, and with --apply applies it. */
static void change_template(qq_settings *base, qq_settings const *changes)
{
  stralloc why = STRALLOC_ZERO;
  if (qq_act_options.dry_run && !apply) qq_act_show(base, changes);
  qq_demand_memory(qq_settings_overlay(base, changes) > 0);
  if (apply) qq_demand_valid(&site, base);
  if (!qq_act_options.dry_run)
    qq_demand_done(qq_template_save(&site.store, template, base, &why), &why);
  if (apply) qq_act_apply(&site, template, base);
  else if (!qq_act_options.dry_run)
    qq_output_done(_("the template \"%s\" is changed: qctl-apply %s puts it in force"), template,
      template);
}

int main(int argc, char *const *argv)
{
  qq_settings changes = QQ_SETTINGS_ZERO, base = QQ_SETTINGS_ZERO, mentioned = QQ_SETTINGS_ZERO;
  char const *name, *const *operands;
  qq_control const *c;
  size_t values = 0;
  qq_start(&program, argc, argv);
  operands = qq_operands();
  if (!*operands) qq_die_usage("%s", _("expected NAME"));
  name = *operands++;
  while (operands[values]) values++;
  if (apply && !template) qq_die_usage("%s", _("option --apply needs --template"));
  c = qq_control_find(name);
  check_use(c, name, values);
  check_lines(c, operands);
  qq_act_open(&site);
  if (template) load_template(&base);
  qq_demand_memory(qq_settings_put(&mentioned, name, 1, "", 0)
    && qq_settings_overlay(&mentioned, &base) > 0);
  qq_ctl_load(&site, &mentioned);
  make_change(&changes, c, &base, operands);
  if (!apply) qq_demand_valid(&site, &changes);
  if (template) change_template(&base, &changes);
  else qq_act_change(&site, &changes, "qctl-set", name, 0);
  qq_exit(0);
}
