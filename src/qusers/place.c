#include <errno.h>
#include <string.h>
#include <config.h>
#include <qq/diagnostic.h>
#include <qq/home.h>
#include <qq/output.h>
#include <qq/text.h>
#include "qusers.h"

static void die(stralloc const *why)
{
  int const e = errno;
  qq_die(qq_exit_code_of(e), "%.*s", (int)why->len, why->s);
}

static void open_home(qq_users_place *p)
{
  stralloc queue = STRALLOC_ZERO, why = STRALLOC_ZERO;
  memset(p, 0, sizeof *p);
  if (!qq_home_find(&queue, &p->home, qq_shared_options->queue, qq_shared_options->home, QQ_QMAIL_HOME)) qq_die_memory();
  if (!*p->home.s) qq_die(QQ_EXIT_USAGE, _("the home of the queue %s is not known: its parent has no control/; give --home"), queue.s);
  if (qq_store_open(&p->store, p->home.s, &why) < 0) die(&why);
  stralloc_free(&queue);
}

static void open_users(qq_users_place *p)
{
  stralloc why = STRALLOC_ZERO;
  if (qq_users_open(&p->users, p->home.s, &why) < 0) die(&why);
}

void qq_users_place_open_cdb(qq_users_place *p)
{
  stralloc why = STRALLOC_ZERO;
  open_home(p);
  if (qq_users_open_directory(&p->users, p->home.s, &why) < 0) die(&why);
}

void qq_users_place_open(qq_users_place *p)
{
  open_home(p);
  open_users(p);
}

void qq_users_place_open_to_change(qq_users_place *p)
{
  stralloc why = STRALLOC_ZERO;
  open_home(p);
  if (qq_store_lock(&p->store, &why) < 0 || qq_store_recover(&p->store, &why) < 0) qq_die(QQ_EXIT_TROUBLE, "%.*s", (int)why.len, why.s);
  open_users(p);
  if (qq_users_recover(&p->users, &why) < 0) die(&why);
  if (p->users.has_cdb && !p->users.has_assign)
    qq_die(QQ_EXIT_USAGE, _("%s/users/assign is missing, but users/cdb is in force: what it assigns would be lost; make users/assign first (qusers-list --cdb shows it)"), p->home.s);
}

void qq_users_place_refuse(qq_users_place const *p, size_t line, char const *why)
{
  qq_die(QQ_EXIT_USAGE, _("%s/users/assign: line %zu %s"), p->home.s, line, why);
}

int qq_users_place_next(qq_users_place const *p, qq_assign *a, qq_assignment *one)
{
  char const *reason;
  int const r = qq_assign_next(a, one, &reason);
  if (r < 0) qq_users_place_refuse(p, a->line, reason);
  return r;
}

void qq_users_place_take(qq_users_place *p, stralloc *text, int dry_run)
{
  static stralloc const none = STRALLOC_ZERO;
  if (!dry_run) {
    *text = p->users.text;
    p->users.text = none;
  }
  else if (!qq_copy(text, p->users.text.s, p->users.text.len)) qq_die_memory();
}

void qq_users_place_write(qq_users_place *p, stralloc const *text, int dry_run)
{
  stralloc why = STRALLOC_ZERO;
  qq_piece const before = { p->users.text.s, p->users.text.len }, after = { text->s, text->len };
  if (dry_run) qq_output_difference("users/assign", &before, &after);
  else if (qq_users_write(&p->users, text, &why) < 0) die(&why);
  stralloc_free(&why);
}
