/* Takes assignments out of users/assign. */

#include <stdlib.h>
#include <string.h>
#include <qq/assign.h>
#include <qq/diagnostic.h>
#include "qusers.h"

static int dry_run;

static qq_option const options[] = {
  { 0, "dry-run", 0, N_("show the lines that would go, change nothing"), QQ_SETS(dry_run) },
  QQ_OPTIONS_HOME,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qusers-rm", "=LOCAL|+PREFIX ...", N_("Take assignments out of users/assign, and make users/cdb anew."), options,
  N_("0 done; 1 one of them was not there; 100 wrong use, or a line that qmail-newu refuses, nothing changed; 111 trouble, and what it was.")
};

static void add_key(genalloc *keys, char const *operand)
{
  qq_assign_key k;
  if (*operand != '=' && *operand != '+') qq_die_usage(_("operand \"%s\": expected =LOCAL or +PREFIX"), operand);
  k = qq_assign_key_of(*operand == '+', operand + 1, strlen(operand + 1));
  if (!genalloc_append(qq_assign_key, keys, &k)) qq_die_memory();
}

int main(int argc, char *const *argv)
{
  genalloc keys = GENALLOC_ZERO;        /* of qq_assign_key */
  int missed = 0, changed = 0;
  char const *why, *const *o;
  size_t line;
  stralloc text = STRALLOC_ZERO;
  unsigned char *found;
  size_t i, n;
  qq_site site;
  qq_start(&program, argc, argv);
  if (!*qq_operands()) qq_die_usage("%s", _("expected =LOCAL or +PREFIX"));
  for (o = qq_operands(); *o; o++) add_key(&keys, *o);
  qq_assign_keys_sort(&keys);
  n = genalloc_len(qq_assign_key, &keys);
  found = calloc(n, 1);
  if (!found) qq_die_memory();
  if (dry_run) qq_qusers_open(&site);
  else qq_qusers_open_to_change(&site);
  qq_qusers_take(&site, &text, dry_run);
  if (!qq_assign_edit_remove(&text, &keys, found, &line, &why)) qq_qusers_refuse(&site, line, why);
  for (i = 0; i < n; i++) {
    qq_assign_key const *k = &genalloc_s(qq_assign_key, &keys)[i];
    if (found[i]) changed = 1;
    else {
      qq_warn(_("%s/users/assign has no %c%s"), site.home.s, k->is_wildcard ? '+' : '=', k->address.s);
      missed = 1;
    }
  }
  if (changed) qq_qusers_write(&site, &text, dry_run);
  qq_exit(missed ? QQ_EXIT_NONE : 0);
}
