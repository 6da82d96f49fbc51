/* Changes one setting, live or in a template. */

#include <errno.h>
#include <string.h>
#include <qq/append.h>
#include <qq/controltext.h>
#include <qq/diagnostic.h>
#include <qq/edit.h>
#include <qq/gettext.h>
#include <qq/output.h>
#include <qq/value.h>
#include "act.h"
#include "difference.h"
#include "valid.h"
#include "place.h"

enum { UNSET = QQ_OPTION_OWN, ADD, REMOVE, TEMPLATE, APPLY, DRY_RUN, ACT };

static qq_option const options[] = {
  { UNSET, "unset", 0, N_("there is to be no such file") },
  { ADD, "add", "ENTRY", N_("add the entry to a list or map") },
  { REMOVE, "remove", "ENTRY", N_("take the entry, or the one with that key, out of a list or map") },
  { TEMPLATE, "template", "T", N_("change the template T instead of the live files; it is made if it is new") },
  { APPLY, "apply", 0, N_("apply the template afterwards") },
  { DRY_RUN, "dry-run", 0, N_("show what would change, change nothing") },
  { ACT, "act", 0, N_("restart qmail-send or have it reread, if that is needed") },
  QQ_OPTIONS_HOME,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qctl-set", "NAME [VALUE ...]", N_("Change one of qmail's settings."), options,
  N_("0 done, or so already; 100 wrong use, or a value that does not validate, nothing changed; 111 trouble, and what it was.")
};

typedef struct edit { int letter; char const *entry; } edit;

static qq_place place;
static genalloc edits = GENALLOC_ZERO;          /* of edit */
static int unset;

static int is_several(qq_control const *c)
{
  return c->kind == QQ_CONTROL_LIST || c->kind == QQ_CONTROL_MAP;
}

/* A value or an entry is a line, and one that qmail reads as it is meant. */
static void check_line(char const *name, char const *s, int is_entry)
{
  size_t const n = strlen(s);
  if (strchr(s, '\n')) qq_die_usage(_("%s: \"%s\" has a newline, expected one line"), name, s);
  if (n && (s[n - 1] == ' ' || s[n - 1] == '\t' || s[n - 1] == '\r')) qq_die_usage(_("%s: \"%s\" ends with a blank, which qmail does not keep"), name, s);
  if (is_entry && (!n || *s == '#')) qq_die_usage(_("%s: \"%s\" given, expected an entry, not an empty line or a comment"), name, s);
}

static void check_lines(qq_control const *c, char const *const *values)
{
  size_t i;
  int const is_empty = *values && !**values && !values[1];      /* of a list: that it is to have no entry */
  for (; *values; values++) check_line(c->name, *values, is_several(c) && !is_empty);
  for (i = 0; i < genalloc_len(edit, &edits); i++)
    check_line(c->name, genalloc_s(edit, &edits)[i].entry, genalloc_s(edit, &edits)[i].letter == ADD);
}

static void check_use(qq_control const *c, char const *name, size_t values)
{
  size_t const n = genalloc_len(edit, &edits);
  if (!c) qq_die(QQ_EXIT_USAGE, _("\"%s\" is no control file that is known here"), name);
  if (c->kind == QQ_CONTROL_OPAQUE && !unset) qq_die(QQ_EXIT_USAGE, _("%s is no setting that is written here"), name);
  if (unset + (values > 0) + (n > 0) != 1) qq_die_usage("%s", _("expected one of VALUE, --unset, and --add or --remove"));
  if (n && !is_several(c)) qq_die_usage(_("%s has one value: --add and --remove are for lists and maps"), name);
  if (values > 1 && !is_several(c)) qq_die_usage(_("%s has one value"), name);
}

/* The entry that counts without a file: me. */
static void start_without_file(stralloc *text, qq_control const *c)
{
  qq_settings without = QQ_SETTINGS_ZERO;
  if (!c->falls_back_to_me) return;
  if (qq_settings_overlay(&without, &place.live) < 0 || !qq_settings_put(&without, c->name, 0, "", 0) || qq_value_get(text, c, &without) < 0) qq_die_memory();
  qq_settings_free(&without);
}

/* What is edited: what the template has, or what is in force. */
static void start_text(stralloc *text, qq_control const *c, qq_settings const *base)
{
  qq_setting const *s = qq_settings_find(base, c->name);
  if (!s) s = qq_settings_find(&place.live, c->name);
  if (s && s->exists) {
    if (s->is_unreadable) qq_die(QQ_EXIT_TROUBLE, _("unable to read %s/%s: Permission denied (run it as root)"), place.control.s, c->name);
    if (!qq_copy(text, s->content.s, s->content.len)) qq_die_memory();
  }
  else start_without_file(text, c);
}

/* Says whether anything was edited. */
static int edit_text(stralloc *text, qq_control const *c)
{
  stralloc before = STRALLOC_ZERO;
  size_t i, removed;
  int changed;
  if (!qq_copy(&before, text->s, text->len)) qq_die_memory();
  for (i = 0; i < genalloc_len(edit, &edits); i++) {
    edit const *e = &genalloc_s(edit, &edits)[i];
    if (e->letter == ADD ? !qq_edit_add(text, c->kind, e->entry) : !qq_edit_remove(text, c->kind, e->entry, &removed)) qq_die_memory();
    if (e->letter == REMOVE && !removed) qq_warn(_("%s has no entry \"%s\""), c->name, e->entry);
  }
  changed = before.len != text->len || (text->len && memcmp(before.s, text->s, text->len));
  stralloc_free(&before);
  return changed;
}

/* What the file is to be. */
static void make_change(qq_settings *changes, qq_control const *c, qq_settings const *base, char const *const *values)
{
  stralloc text = STRALLOC_ZERO;
  if (genalloc_len(edit, &edits)) {
    start_text(&text, c, base);
    if (!edit_text(&text, c)) return;
  }
  else if ((!is_several(c) || !*values || **values || values[1]) && !qq_edit_set(&text, values)) qq_die_memory();
  if (!qq_settings_put(changes, c->name, !unset, text.s, text.len)) qq_die_memory();
  stralloc_free(&text);
}

static void say_what(stralloc *what, char const *name)
{
  if (!qq_say(what, "qctl-set %s", name) || !stralloc_0(what)) qq_die_memory();
}

static void save_template(char const *template, qq_settings const *base)
{
  stralloc why = STRALLOC_ZERO;
  if (qq_template_save(&place.vault, template, base, &why) < 0) qq_die(QQ_EXIT_TROUBLE, "%.*s", (int)why.len, why.s);
}

/* The template as it is; nothing if it is new. */
static void load_template(char const *template, qq_settings *base)
{
  stralloc path = STRALLOC_ZERO;
  int r;
  if (!qq_template_is_name(template)) qq_bad_value("--template", template, _("a name of letters, digits, `.', `_' and `-'"));
  r = qq_template_find(&path, place.home.s, place.shipped, template);
  if (r < 0) qq_die(QQ_EXIT_TROUBLE, _("unable to look for the template %s: %s"), template, strerror(errno));
  if (r == 2) qq_die(QQ_EXIT_USAGE, _("the template \"%s\" is a shipped one: copy %s to %s/qqtools/templates, under another name, and change that"), template,
    path.s, place.home.s);
  if (r) qq_place_template(&place, template, base);
  stralloc_free(&path);
}

int main(int argc, char *const *argv)
{
  qq_settings changes = QQ_SETTINGS_ZERO, base = QQ_SETTINGS_ZERO, before = QQ_SETTINGS_ZERO, mentioned = QQ_SETTINGS_ZERO;
  char const *value, *template = 0, *name, *const *operands;
  int option, apply = 0, dry_run = 0, act = 0;
  stralloc what = STRALLOC_ZERO;
  qq_control const *c;
  size_t values = 0;
  qq_start(&program, argc, argv);
  while ((option = qq_next_option(&value))) {
    edit e;
    switch (option) {
      case UNSET: unset = 1; break;
      case TEMPLATE: template = value; break;
      case APPLY: apply = 1; break;
      case DRY_RUN: dry_run = 1; break;
      case ACT: act = 1; break;
      default:
        e.letter = option;
        e.entry = value;
        if (!genalloc_append(edit, &edits, &e)) qq_die_memory();
    }
  }
  operands = qq_operands();
  if (!*operands) qq_die_usage("%s", _("expected NAME"));
  name = *operands++;
  while (operands[values]) values++;
  if (apply && !template) qq_die_usage("%s", _("option --apply needs --template"));
  c = qq_control_find(name);
  check_use(c, name, values);
  check_lines(c, operands);
  if (dry_run) qq_place_open(&place);
  else qq_place_open_to_change(&place);
  if (template) load_template(template, &base);
  if (!qq_settings_put(&mentioned, name, 1, "", 0) || qq_settings_overlay(&mentioned, &base) < 0) qq_die_memory();
  qq_place_load(&place, &mentioned);
  if (qq_settings_overlay(&before, &base) < 0) qq_die_memory();
  make_change(&changes, c, &base, operands);
  if (template && qq_settings_overlay(&base, &changes) < 0) qq_die_memory();
  qq_demand_valid(&place.live, template && apply ? &base : &changes);
  say_what(&what, name);
  if (template && !dry_run) save_template(template, &base);
  if (template && apply) qq_act_apply(&place, template, &base, dry_run, act);
  else if (!template) qq_act_change(&place, &changes, what.s, 0, dry_run, act);
  else if (dry_run) qq_act_show(&before, &base);
  qq_exit(0);
}
