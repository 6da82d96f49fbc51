/* Lists the templates. */

#include <errno.h>
#include <string.h>
#include <qq/diagnostic.h>
#include <qq/gettext.h>
#include <qq/json.h>
#include <qq/output.h>
#include "difference.h"
#include "place.h"

enum { JSON = QQ_OPTION_OWN };

static qq_option const options[] = {
  { JSON, "json", 0, N_("a JSON object for each template") },
  QQ_OPTIONS_HOME,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qctl-list", "", N_("List the templates: which one is in force, and in what the live files differ from it."), options,
  N_("0 done; 100 wrong use; 111 trouble of the system.")
};

/* The parameters in which the live files have drifted from the template in force. */
static void find_drift(qq_place *p, char const *path, qq_settings *s, qq_difference *d)
{
  stralloc why = STRALLOC_ZERO;
  if (qq_settings_load_template(s, path, &why) < 0) {
    qq_trouble("%.*s", (int)why.len, why.s);
    return;
  }
  qq_place_load(p, s);
  qq_difference_find(d, s, &p->live, 0);
  qq_difference_free(d);
  qq_difference_find(d, &p->live, s, 0);
}

static void tell_text(qq_template const *t, int in_force, qq_difference const *drift, stralloc *out)
{
  size_t i;
  if (!qq_say(out, "%c %s%s", in_force ? '*' : ' ', t->name, t->is_shipped ? _(" (shipped)") : "")) qq_die_memory();
  for (i = 0; in_force && i < qq_difference_count(drift); i++)
    if (!qq_say(out, "%s%s", i ? ", " : _("  live files differ: "), genalloc_s(char const *, &drift->names)[i])) qq_die_memory();
  if (!stralloc_append(out, '\n')) qq_die_memory();
}

static void tell_json(qq_template const *t, int in_force, qq_difference const *drift, stralloc *out)
{
  qq_json j = QQ_JSON(out);
  size_t i;
  qq_json_object(&j, 0);
  qq_json_word(&j, "name", t->name);
  qq_json_boolean(&j, "shipped", t->is_shipped);
  qq_json_boolean(&j, "in_force", in_force);
  qq_json_array(&j, "drifted");
  for (i = 0; in_force && i < qq_difference_count(drift); i++) {
    char const *name = genalloc_s(char const *, &drift->names)[i];
    qq_json_text(&j, 0, name, strlen(name), name, strlen(name));
  }
  qq_json_array_end(&j);
  qq_json_object_end(&j);
  qq_json_line(&j);
}

int main(int argc, char *const *argv)
{
  stralloc why = STRALLOC_ZERO, now = STRALLOC_ZERO, out = STRALLOC_ZERO, path = STRALLOC_ZERO;
  genalloc list = GENALLOC_ZERO;        /* of qq_template */
  qq_settings settings = QQ_SETTINGS_ZERO;
  qq_difference drift;
  char const *value;
  qq_place place;
  int json = 0;
  size_t i;
  memset(&drift, 0, sizeof drift);
  qq_start(&program, argc, argv);
  while (qq_next_option(&value)) json = 1;
  if (*qq_operands()) qq_die_usage(_("operand \"%s\": expected none"), *qq_operands());
  qq_place_open(&place);
  if (qq_template_list(&list, place.home.s, place.shipped, &why) < 0) qq_die(QQ_EXIT_TROUBLE, "%.*s", (int)why.len, why.s);
  if (qq_vault_in_force(&place.vault, &now) < 0) qq_die(QQ_EXIT_TROUBLE, _("unable to read %s/qqtools/in-force: %s"), place.home.s, strerror(errno));
  if (*now.s && !qq_template_is_name(now.s)) {
    qq_warn(_("%s/qqtools/in-force does not have the name of a template"), place.home.s);
    *now.s = 0;
  }
  if (*now.s && qq_template_find(&path, place.home.s, place.shipped, now.s) > 0) find_drift(&place, path.s, &settings, &drift);
  else if (*now.s) qq_warn(_("the template in force, \"%s\", is not there any more"), now.s);
  for (i = 0; i < genalloc_len(qq_template, &list); i++) {
    qq_template const *t = &genalloc_s(qq_template, &list)[i];
    int const in_force = !strcmp(t->name, now.s);
    if (json) tell_json(t, in_force, &drift, &out);
    else tell_text(t, in_force, &drift, &out);
  }
  qq_output(out.s, out.len);
  qq_exit(0);
}
