#include <string.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <qq/diagnostic.h>
#include <qq/dotqmail.h>
#include <qq/file.h>
#include <qq/output.h>
#include "qdom.h"

/* Longer ones were not made here. */
#define LARGEST 65536

void qq_dom_forward_find(qq_dom_place *p, qq_dom_box const *box, stralloc *path)
{
  char const *local = box->address.s + 1;
  stralloc why = STRALLOC_ZERO;
  qq_taker taker = QQ_TAKER_ZERO;
  qq_piece const *home = &taker.fields[QQ_ASSIGN_HOME];
  qq_built built;
  qq_built_ask(&built, p->site.home.s);
  qq_demand_done(qq_taker_find(&taker, &p->site.users, &built, local, strlen(local), &why), &why);
  if (taker.kind == QQ_TAKER_NOBODY || *home->s != '/')
    qq_die(QQ_EXIT_USAGE, _("nobody gets mail for %s: see qusers-lookup; nothing was done"),
      box->operand);
  qq_demand_memory(qq_append(path, home->s, home->n) && stralloc_append(path, '/')
    && qq_dotqmail_name(path, taker.fields) && stralloc_0(path));
  p->account.uid = qq_assign_id(&taker.fields[QQ_ASSIGN_UID]);
  p->account.gid = qq_assign_id(&taker.fields[QQ_ASSIGN_GID]);
  qq_taker_free(&taker);
}

/* Says whether the text does nothing but forward. */
static int only_forwards(stralloc const *text)
{
  qq_piece rest = { text->s, text->len }, line;
  while (qq_piece_line(&rest, &line)) if (line.n && strchr("|./+", *line.s)) return 0;
  return text->len > 0;
}

int qq_dom_forward_is_there(char const *path)
{
  stralloc text = STRALLOC_ZERO;
  int const r = qq_step_read(path, LARGEST, &text);
  if (r < 0) qq_die_unable(_("unable to read %s"), path);
  if (r && !only_forwards(&text))
    qq_die(QQ_EXIT_USAGE, _("%s does more than forward, and is not removed; nothing was done"),
      path);
  stralloc_free(&text);
  return r;
}

void qq_dom_forward_remove(qq_dom_place const *p, char const *path)
{
  stralloc said = STRALLOC_ZERO;
  char const *name;
  int above;
  if (p->dry_run) {
    qq_must_fmt(&said, _("remove %s\n"), path);
    qq_output(said.s, said.len);
    stralloc_free(&said);
    return;
  }
  above = qq_path_open_above(path, &name);
  if (above < 0 || qq_unlink(above, name) < 0 || fsync(above) < 0)
    qq_die_unable(_("unable to remove %s"), path);
  fd_close(above);
}

void qq_dom_refuse_otherwise(char const *path, stralloc const *wanted)
{
  stralloc there = STRALLOC_ZERO;
  int const r = qq_dom_is_otherwise(path, wanted, &there);
  if (r < 0) qq_die_unable(_("unable to read %s"), path);
  if (r)
    qq_die(QQ_EXIT_USAGE, _("%s is there already, and says \"%.*s\"; nothing was done"), path,
      (int)there.len, there.s);
  stralloc_free(&there);
}

int qq_dom_is_otherwise(char const *path, stralloc const *wanted, stralloc *there)
{
  int const r = qq_step_read(path, wanted->len + 1000, there);
  if (r <= 0) return r;
  return there->len != wanted->len || memcmp(there->s, wanted->s, there->len);
}
