/* Takes assignments out of users/assign. */

#include <string.h>
#include <qq/diagnostic.h>
#include <qq/output.h>
#include "qusers.h"

static qq_edit edit;

static qq_option const options[] = {
  { 0, "dry-run", 0, N_("show the lines that would go, change nothing"), QQ_SETS(edit.dry_run) },
  QQ_OPTIONS_HOME,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qusers-rm", "=LOCAL|+PREFIX ...",
  N_("Take assignments out of users/assign, and make users/cdb anew."), options,
  N_("0 done; 1 one of them was not there; 100 wrong use, or a line that qmail-newu refuses, "
    "nothing changed; 111 trouble, and what it was.")
};

int main(int argc, char *const *argv)
{
  genalloc keys = GENALLOC_ZERO;        /* of qq_assign_key */
  int is_missed = 0, is_changed = 0;
  char const *const *o;
  qq_assign at;
  size_t i;
  qq_start(&program, argc, argv);
  if (!*qq_operands()) qq_die_usage("%s", _("expected =LOCAL or +PREFIX"));
  for (o = qq_operands(); *o; o++) {
    qq_assign_key const key = qq_assign_key_of(**o == '+', *o + 1, strlen(*o + 1));
    qq_qusers_demand_address(*o);
    qq_demand_memory(genalloc_append(qq_assign_key, &keys, &key));
  }
  qq_assign_keys_sort(&keys);
  qq_edit_begin(&edit);
  if (!qq_assign_remove(&edit.text, &keys, &at)) qq_qusers_refuse(&edit.site, &at);
  for (i = 0; i < genalloc_len(qq_assign_key, &keys); i++) {
    qq_assign_key const *k = &genalloc_s(qq_assign_key, &keys)[i];
    if (k->is_found) is_changed = 1;
    else {
      qq_warn(_("%s/users/assign has no %c%s"), edit.site.home.s, k->is_wildcard ? '+' : '=',
        k->address.s);
      is_missed = 1;
    }
  }
  if (is_changed) {
    qq_edit_end(&edit);
    if (!edit.dry_run)
      qq_output_done(_("taken out of users/assign and users/cdb, from the next delivery on"));
  }
  qq_exit(is_missed ? QQ_EXIT_NONE : 0);
}
