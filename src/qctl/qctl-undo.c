/* Takes back the last change of the control files. */

#include <errno.h>
#include <string.h>
#include <qq/diagnostic.h>
#include <qq/gettext.h>
#include <qq/json.h>
#include <qq/output.h>
#include <qq/when.h>
#include "act.h"
#include "difference.h"

enum { LIST = QQ_OPTION_OWN, FORCE, DRY_RUN, JSON, ACT };

static qq_option const options[] = {
  { LIST, "list", 0, N_("list the changes that can be undone, the last one first") },
  { JSON, "json", 0, N_("with --list: a JSON object for each") },
  { FORCE, "force", 0, N_("even if files were edited since") },
  { DRY_RUN, "dry-run", 0, N_("show what would change, change nothing") },
  { ACT, "act", 0, N_("restart qmail-send or have it reread, if that is needed") },
  QQ_OPTIONS_HOME,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qctl-undo", "", N_("Make the control files what they were before the last change; again, before the one before that."), options,
  N_("0 done; 1 there is nothing to undo; 100 wrong use, or files were edited since, nothing changed; 111 trouble, and what it was.")
};

static qq_place place;

static void load(uint64_t number, qq_past *past)
{
  stralloc why = STRALLOC_ZERO;
  qq_past_init(past);
  if (qq_vault_past(&place.vault, number, past, &why) < 0) qq_die(QQ_EXIT_TROUBLE, "%.*s", (int)why.len, why.s);
  stralloc_free(&why);
}

static void tell_text(qq_past const *past, stralloc *out)
{
  qq_calendar calendar = QQ_CALENDAR_ZERO;
  if (!qq_say(out, "%llu  ", (unsigned long long)past->number) || !qq_when_text(out, &calendar, past->when)
    || !stralloc_cats(out, "  ") || !qq_safe(out, *past->user.s ? past->user.s : "?", *past->user.s ? strlen(past->user.s) : 1) || !stralloc_cats(out, "  ")
    || !qq_safe(out, past->what.s, strlen(past->what.s)) || !stralloc_append(out, '\n')) qq_die_memory();
}

static void tell_json(qq_past const *past, stralloc *out)
{
  qq_calendar calendar = QQ_CALENDAR_ZERO;
  stralloc when = STRALLOC_ZERO;
  qq_json j = QQ_JSON(out);
  if (!qq_when_rfc3339(&when, &calendar, past->when) || !stralloc_0(&when)) qq_die_memory();
  qq_json_object(&j, 0);
  qq_json_number(&j, "number", past->number);
  qq_json_word(&j, "when", when.s);
  qq_json_text(&j, "user", past->user.s, past->user.len - 1, past->user.s, past->user.len - 1);
  qq_json_number(&j, "uid", past->uid);
  qq_json_text(&j, "what", past->what.s, past->what.len - 1, past->what.s, past->what.len - 1);
  if (*past->before.s) qq_json_text(&j, "template_before", past->before.s, past->before.len - 1, past->before.s, past->before.len - 1);
  else qq_json_null(&j, "template_before");
  if (*past->after.s) qq_json_text(&j, "template_after", past->after.s, past->after.len - 1, past->after.s, past->after.len - 1);
  else qq_json_null(&j, "template_after");
  qq_json_object_end(&j);
  qq_json_line(&j);
  stralloc_free(&when);
}

static void list(genalloc const *numbers, int json)
{
  size_t i = genalloc_len(uint64_t, numbers);
  stralloc out = STRALLOC_ZERO;
  while (i--) {
    stralloc why = STRALLOC_ZERO;
    qq_past past;
    qq_past_init(&past);
    if (qq_vault_past(&place.vault, genalloc_s(uint64_t, numbers)[i], &past, &why) < 0) qq_trouble("%.*s", (int)why.len, why.s);
    else if (json) tell_json(&past, &out);
    else tell_text(&past, &out);
    qq_past_free(&past);
    stralloc_free(&why);
  }
  qq_output(out.s, out.len);
  stralloc_free(&out);
}

/* Everything that the change touched, as it was before. */
static void reverse(qq_past const *past, qq_settings *changes)
{
  size_t i;
  for (i = 0; i < qq_settings_count(&past->new_files); i++)
    if (!qq_settings_put(changes, qq_settings_at(&past->new_files, i)->name, 0, "", 0)) qq_die_memory();
  if (qq_settings_overlay(changes, &past->old_files) < 0) qq_die_memory();
}

/* Ends the program if the files are not what the change made of them. */
static void demand_unedited(qq_past const *past, qq_settings const *touched)
{
  static qq_setting const absent = { 0, 0, STRALLOC_ZERO, { 0, 0, 0 }, 0, 0, 0, 0 };
  stralloc names = STRALLOC_ZERO;
  size_t i;
  for (i = 0; i < qq_settings_count(touched); i++) {
    char const *name = qq_settings_at(touched, i)->name;
    qq_setting const *now = qq_settings_find(&place.live, name), *made = qq_settings_find(&past->new_files, name);
    if (!(now && (now->is_link || now->is_unreadable)) && qq_setting_equal(now ? now : &absent, made ? made : &absent)) continue;
    if (!qq_say(&names, "%s%s", names.len ? ", " : "", name)) qq_die_memory();
  }
  if (names.len) qq_die(QQ_EXIT_USAGE, _("edited since: %.*s; nothing was changed (--force undoes all the same)"), (int)names.len, names.s);
}

static void undo(qq_past const *past, int force, int dry_run, int act)
{
  qq_settings changes = QQ_SETTINGS_ZERO;
  stralloc out = STRALLOC_ZERO, why = STRALLOC_ZERO;
  qq_difference d;
  reverse(past, &changes);
  qq_place_load(&place, &changes);
  if (!force) demand_unedited(past, &changes);
  qq_difference_find(&d, &place.live, &changes, 0);
  if (dry_run) qq_difference_text(&d, &out);
  else if (qq_vault_undo(&place.vault, past, &why) < 0) qq_die(QQ_EXIT_TROUBLE, "%.*s", (int)why.len, why.s);
  qq_difference_effects(&d, &out);
  qq_output(out.s, out.len);
  if (act && !dry_run) qq_act_demand(&place, qq_difference_demands(&d));
}

int main(int argc, char *const *argv)
{
  int option, listing = 0, force = 0, dry_run = 0, json = 0, act = 0;
  genalloc numbers = GENALLOC_ZERO;
  char const *value;
  qq_past past;
  qq_start(&program, argc, argv);
  while ((option = qq_next_option(&value))) {
    switch (option) {
      case LIST: listing = 1; break;
      case FORCE: force = 1; break;
      case DRY_RUN: dry_run = 1; break;
      case ACT: act = 1; break;
      default: json = 1;
    }
  }
  if (*qq_operands()) qq_die_usage(_("operand \"%s\": expected none"), *qq_operands());
  if (json && !listing) qq_die_usage("%s", _("option --json needs --list"));
  if (listing || dry_run) qq_place_open(&place);
  else qq_place_open_to_change(&place);
  if (qq_vault_history(&place.vault, &numbers) < 0) qq_die(QQ_EXIT_TROUBLE, _("unable to read %s/qqtools/history: %s"), place.home.s, strerror(errno));
  if (!genalloc_len(uint64_t, &numbers)) {
    if (!listing) qq_note("%s", _("There is no change to undo."));
    qq_exit(listing ? 0 : QQ_EXIT_NONE);
  }
  if (listing) list(&numbers, json);
  else {
    load(genalloc_s(uint64_t, &numbers)[genalloc_len(uint64_t, &numbers) - 1], &past);
    undo(&past, force, dry_run, act);
  }
  qq_exit(0);
}
