#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <config.h>
#include <qq/diagnostic.h>
#include <qq/home.h>
#include <qq/text.h>
#include "qctl.h"

#define SHIPPED QQ_SHARE "/templates"

static void die(stralloc const *why)
{
  int const e = errno;
  qq_die(qq_exit_code_of(e), "%.*s", (int)why->len, why->s);
}

static void find(qq_place *p)
{
  char const *shipped = getenv("QQ_TEMPLATES");
  stralloc queue = STRALLOC_ZERO, why = STRALLOC_ZERO;
  memset(p, 0, sizeof *p);
  p->shipped = shipped && *shipped ? shipped : SHIPPED;
  if (!qq_home_find(&queue, &p->home, qq_shared_options->queue, qq_shared_options->home, QQ_QMAIL_HOME)) qq_die_memory();
  if (!*p->home.s) qq_die(QQ_EXIT_USAGE, _("the home of the queue %s is not known: its parent has no control/; give --home"), queue.s);
  if (!qq_say(&p->control, "%s/control", p->home.s) || !stralloc_0(&p->control)) qq_die_memory();
  if (qq_store_open(&p->store, p->home.s, &why) < 0) die(&why);
  stralloc_free(&queue);
}

static void recover(qq_place *p)
{
  stralloc why = STRALLOC_ZERO;
  if (qq_store_recover(&p->store, &why) < 0) qq_die(QQ_EXIT_TROUBLE, _("a change was interrupted, and cannot be ended: %.*s"), (int)why.len, why.s);
  stralloc_free(&why);
}

void qq_place_open(qq_place *p)
{
  stralloc why = STRALLOC_ZERO;
  find(p);
  if (qq_store_is_interrupted(&p->store) == 1) {
    if (qq_store_lock(&p->store, &why) > 0) {
      if (qq_store_is_interrupted(&p->store) < 1) return;       /* whose it was has ended it meanwhile */
      if (qq_store_recover(&p->store, &why) < 0) qq_warn(_("a change of the control files was interrupted, and cannot be ended: %.*s"), (int)why.len, why.s);
      else qq_warn(_("a change of the control files was interrupted; it has been ended now, or taken back if it had not begun (qctl-undo --list)"));
    }
    else if (errno != EBUSY) qq_warn(_("a change of the control files was interrupted: run any qctl program as root to end it"));
  }
  stralloc_free(&why);
}

void qq_place_open_to_change(qq_place *p)
{
  stralloc why = STRALLOC_ZERO;
  find(p);
  if (qq_store_lock(&p->store, &why) < 0) qq_die(QQ_EXIT_TROUBLE, "%.*s", (int)why.len, why.s);
  recover(p);
}

void qq_place_load(qq_place *p, qq_settings const *whole)
{
  stralloc why = STRALLOC_ZERO;
  qq_demand(qq_settings_load(&p->live, p->control.s, whole, &why), &why);
}

void qq_place_template(qq_place const *p, char const *name, qq_settings *s)
{
  stralloc path = STRALLOC_ZERO, why = STRALLOC_ZERO;
  qq_demand_template(p, &path, name);
  qq_demand(qq_settings_load_template(s, path.s, &why), &why);
}

char const *qq_place_operand(char const *what)
{
  char const *const *operands = qq_operands();
  if (!operands[0]) qq_die_usage(_("expected %s"), what);
  if (operands[1]) qq_die_usage(_("operand \"%s\": expected nothing behind %s"), operands[1], what);
  return operands[0];
}
