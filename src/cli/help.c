#include <string.h>
#include <qq/diagnostic.h>
#include <qq/output.h>
#include "help.h"

/* Column at which the explanations begin. */
#define INDENT 28

static int option_line(stralloc *sa, qq_option const *o)
{
  size_t const start = sa->len;
  int good = o->id < 256 ? qq_say(sa, "  -%c%s", o->id, o->name ? ", " : "") : stralloc_cats(sa, "      ");
  if (o->name) good = good && qq_say(sa, "--%s", o->name);
  if (o->argument) good = good && qq_say(sa, " %s", o->argument);
  if (sa->len - start >= INDENT - 1) good = good && qq_say(sa, "\n%*s", INDENT, "");
  else good = good && qq_say(sa, "%*s", (int)(INDENT - (sa->len - start)), "");
  return good && qq_say(sa, "%s\n", _(o->help));
}

void qq_help(qq_program const *p)
{
  stralloc sa = STRALLOC_ZERO;
  qq_option const *o;
  int good = qq_say(&sa, "usage: %s [OPTION ...]%s%s\n%s\n\n", p->name, *p->operands ? " " : "", p->operands, _(p->summary));
  for (o = p->options; good && o->id; o++)
    good = o->id == QQ_OPTION_HEADING ? qq_say(&sa, "%s:\n", _(o->help)) : option_line(&sa, o);
  if (!good || !qq_say(&sa, "\n%s %s\n", _("Exit codes:"), _(p->exits))) qq_die_memory();
  qq_output(sa.s, sa.len);
  stralloc_free(&sa);
}

void qq_help_version(qq_program const *p, char const *version)
{
  stralloc sa = STRALLOC_ZERO;
  if (!qq_say(&sa, "%s (qqtools) %s\n", p->name, version)) qq_die_memory();
  qq_output(sa.s, sa.len);
  stralloc_free(&sa);
}
