#include <config.h>
#include <qq/diagnostic.h>
#include <qq/options.h>
#include <qq/output.h>

/* The form of --help is what package/completions reads. The explanations begin at this column. */
#define INDENT 28

static void add_option(stralloc *sa, qq_option const *o)
{
  size_t const start = sa->len;
  size_t length;
  if (o->letter) qq_must_fmt(sa, "  -%c, --%s", o->letter, o->name);
  else qq_must_fmt(sa, "      --%s", o->name);
  if (o->argument) qq_must_fmt(sa, " %s", o->argument);
  length = sa->len - start;
  if (length >= INDENT - 1) qq_must_fmt(sa, "\n%*s", INDENT, "");
  else qq_must_fmt(sa, "%*s", (int)(INDENT - length), "");
  qq_must_fmt(sa, "%s\n", _(o->help));
}

void qq_option_help(qq_option const *unused, char const *none)
{
  qq_program const *p = qq_program_in_charge();
  stralloc sa = STRALLOC_ZERO;
  qq_option const *o;
  (void)unused;
  (void)none;
  qq_must_fmt(&sa, "usage: %s [OPTION ...]%s%s\n%s\n\n", p->name, *p->operands ? " " : "",
    p->operands, _(p->summary));
  for (o = p->options; o->help; o++)
    if (o->name && *o->help) add_option(&sa, o);
    else if (!o->name) qq_must_fmt(&sa, "%s:\n", _(o->help));
  qq_must_fmt(&sa, "\n%s %s\n", _("Exit codes:"), _(p->exits));
  qq_output(sa.s, sa.len);
  qq_exit(0);
}

void qq_option_version(qq_option const *unused, char const *none)
{
  stralloc sa = STRALLOC_ZERO;
  (void)unused;
  (void)none;
  qq_must_fmt(&sa, "%s (qqtools) %s\n", qq_program_in_charge()->name, QQ_VERSION);
  qq_output(sa.s, sa.len);
  qq_exit(0);
}
