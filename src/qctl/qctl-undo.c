/* Takes back the last change of the control files. */

#include <string.h>
#include <qq/diagnostic.h>
#include <qq/output.h>
#include <qq/when.h>
#include "qctl.h"

static int listing, rows, force;

static qq_option const options[] = {
  { 0, "list", 0, N_("list the changes that can be undone, the last one first"), QQ_SETS(listing) },
  QQ_OPTIONS_ROWS(rows, N_("with --list: a JSON object for each")),
  { 0, "force", 0, N_("even if files were edited since, or it opens a relay"), QQ_SETS(force) },
  QQ_OPTIONS_CHANGE,
  QQ_OPTIONS_HOME,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qctl-undo", "", N_("Make the control files what they were before the last change; again, before "
    "the one before that."), options,
  N_("0 done; 1 there is nothing to undo; 100 wrong use, or files were edited since, or a relay "
    "would be open, nothing changed; 111 trouble, and what it was.")
};

static qq_site site;

static void append_text(qq_record const *record, stralloc *out)
{
  qq_calendar calendar = QQ_CALENDAR_ZERO;
  char const *user = *record->user.s ? record->user.s : "?";
  qq_demand_memory(qq_fmt(out, "%llu  ", (unsigned long long)record->number)
    && qq_when_text(out, &calendar, record->when) && stralloc_cats(out, "  ")
    && qq_safe(out, user, strlen(user)) && stralloc_cats(out, "  ")
    && qq_safe(out, record->what.s, strlen(record->what.s)) && stralloc_append(out, '\n'));
}

static void json_string(qq_json *j, char const *name, stralloc const *s)
{
  qq_json_bytes(j, name, s->s, s->len - 1);
}

static void json_template(qq_json *j, char const *name, stralloc const *s)
{
  if (*s->s) json_string(j, name, s);
  else qq_json_null(j, name);
}

static void append_json(qq_record const *record, stralloc *out)
{
  qq_calendar calendar = QQ_CALENDAR_ZERO;
  stralloc when = STRALLOC_ZERO;
  qq_json j = qq_json_begin(out);
  qq_demand_memory(qq_when_rfc3339(&when, &calendar, record->when) && stralloc_0(&when));
  qq_json_number(&j, "number", record->number);
  qq_json_word(&j, "when", when.s);
  json_string(&j, "user", &record->user);
  qq_json_number(&j, "uid", record->uid);
  json_string(&j, "what", &record->what);
  json_template(&j, "template_before", &record->before);
  json_template(&j, "template_after", &record->after);
  qq_json_end(&j);
  stralloc_free(&when);
}

static void list_changes(genalloc const *numbers)
{
  size_t i = genalloc_len(uint64_t, numbers);
  stralloc out = STRALLOC_ZERO;
  while (i--) {
    stralloc why = STRALLOC_ZERO;
    qq_record record = QQ_RECORD_ZERO;
    if (qq_store_record(&site.store, genalloc_s(uint64_t, numbers)[i], &record, &why) < 0)
      qq_trouble("%.*s", (int)why.len, why.s);
    else if (rows) append_json(&record, &out);
    else append_text(&record, &out);
    qq_record_free(&record);
    stralloc_free(&why);
  }
  qq_output(out.s, out.len);
}

/* Everything that the change touched, as it was before. */
static void reverse_change(qq_record const *record, qq_settings *changes)
{
  qq_setting const *s;
  for (s = 0; (s = qq_settings_next(&record->new_files, s)); )
    qq_demand_memory(qq_settings_put(changes, s->name, 0, "", 0) != 0);
  qq_demand_memory(qq_settings_overlay(changes, &record->old_files) > 0);
}

static void demand_touched_readable(qq_settings const *touched)
{
  qq_setting const *s;
  for (s = 0; (s = qq_settings_next(touched, s)); )
    if (qq_settings_get(&site.live, s->name)->exists) qq_demand_readable(&site, s->name);
}

/* Ends the program if the files are not what the change made of them. */
static void demand_unedited(qq_record const *record, qq_settings const *touched)
{
  stralloc names = STRALLOC_ZERO;
  qq_setting const *s;
  for (s = 0; (s = qq_settings_next(touched, s)); ) {
    qq_setting const *now = qq_settings_get(&site.live, s->name);
    qq_setting const *made = qq_settings_get(&record->new_files, s->name);
    if (qq_setting_equal(now, made)) continue;
    qq_demand_memory(qq_fmt(&names, "%s%s", names.len ? ", " : "", s->name));
  }
  if (names.len)
    qq_die(QQ_EXIT_USAGE, _("edited since: %.*s; nothing was changed (--force undoes all the "
      "same)"), (int)names.len, names.s);
}

static void demand_closed_relay(qq_settings const *touched)
{
  qq_setting const *after = qq_settings_find(touched, "rcpthosts");
  if (after && !after->exists && qq_settings_get(&site.live, "rcpthosts")->exists)
    qq_die(QQ_EXIT_USAGE, "%s", _("without rcpthosts, as it was before, this server is an open "
      "relay; nothing was changed (--force undoes all the same)"));
  if (qq_report_opened(&site, touched))
    qq_die(QQ_EXIT_USAGE, "%s", _("as it was before, this server would be an open relay; nothing "
      "was changed (--force undoes all the same)"));
}

/* What is taken back is told first: nothing has happened then if it cannot be told. */
static void undo_change(uint64_t number)
{
  qq_settings changes = QQ_SETTINGS_ZERO;
  stralloc why = STRALLOC_ZERO;
  qq_record record = QQ_RECORD_ZERO;
  qq_effect effect;
  qq_demand_done(qq_store_record(&site.store, number, &record, &why), &why);
  reverse_change(&record, &changes);
  qq_ctl_load(&site, &changes);
  demand_touched_readable(&changes);
  if (!force) demand_unedited(&record, &changes);
  if (!force) demand_closed_relay(&changes);
  qq_demand_done(qq_store_can_change(&site.store, &site.live, &changes, &why), &why);
  qq_act_show(&site.live, &changes);
  effect = qq_act_tell(&site, &changes);
  if (!qq_act_options.dry_run) {
    qq_demand_done(qq_store_undo(&site.store, &record, &why), &why);
    qq_output_done(_("change %llu, %s, is undone"), (unsigned long long)number, record.what.s);
  }
  qq_act_on(&site, effect);
}

/* Who was interrupted, and calls again, wants one change undone, and not two. */
static void tell_ended(void)
{
  qq_record const *undone = &site.undone;
  qq_settings changes = QQ_SETTINGS_ZERO;
  reverse_change(undone, &changes);
  site.live = undone->new_files;
  qq_act_show(&site.live, &changes);
  if (undone->what.s)
    qq_note(_("The undo of change %llu, %s, was interrupted, and has been completed now. Nothing "
      "else was undone."), (unsigned long long)undone->number, undone->what.s);
  else
    qq_note(_("The undo of change %llu was interrupted, and has been completed now. Nothing else "
      "was undone."), (unsigned long long)undone->number);
  qq_act_on(&site, qq_act_tell(&site, &changes));
}

int main(int argc, char *const *argv)
{
  genalloc numbers = GENALLOC_ZERO;
  size_t n;
  qq_start(&program, argc, argv);
  if (*qq_operands()) qq_die_usage(_("operand \"%s\": expected none"), *qq_operands());
  if (rows && !listing) qq_die_usage(_("option %s needs --list"), qq_rows_option(rows));
  if (listing) qq_ctl_open(&site);
  else qq_act_open(&site);
  if (site.undone.number) {
    tell_ended();
    qq_exit(0);
  }
  if (qq_store_history(&site.store, &numbers) < 0)
    qq_die_unable(_("unable to read %s/qqtools/history"), site.home.s);
  n = genalloc_len(uint64_t, &numbers);
  if (!n) {
    if (!listing) qq_note("%s", _("There is no change to undo."));
    qq_exit(listing ? 0 : QQ_EXIT_NONE);
  }
  qq_rows_begin(rows, "number\twhen\tuser\tuid\twhat\ttemplate_before\ttemplate_after");
  if (listing) list_changes(&numbers);
  else undo_change(genalloc_s(uint64_t, &numbers)[n - 1]);
  qq_exit(0);
}
