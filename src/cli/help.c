#include <string.h>
#include <config.h>
#include <qq/diagnostic.h>
#include <qq/options.h>
#include <qq/output.h>

/* The form of --help is what package/completions reads. The explanations begin at this column. */
#define INDENT 28

static int option_line(stralloc *sa, qq_option const *o)
{
  size_t const start = sa->len;
  int good = o->letter ? qq_say(sa, "  -%c, ", o->letter) : stralloc_cats(sa, "      ");
  good = good && qq_say(sa, "--%s", o->name);
  if (o->argument) good = good && qq_say(sa, " %s", o->argument);
  if (sa->len - start >= INDENT - 1) good = good && qq_say(sa, "\n%*s", INDENT, "");
  else good = good && qq_say(sa, "%*s", (int)(INDENT - (sa->len - start)), "");
  return good && qq_say(sa, "%s\n", _(o->help));
}

static void print_and_exit(int good, stralloc const *text)
{
  if (!good) qq_die_memory();
  qq_output(text->s, text->len);
  qq_exit(0);
}

void qq_option_help(qq_option const *unused, char const *none)
{
  qq_program const *p = qq_program_in_charge();
  stralloc sa = STRALLOC_ZERO;
  qq_option const *o;
  int good = qq_say(&sa, "usage: %s [OPTION ...]%s%s\n%s\n\n", p->name, *p->operands ? " " : "",
    p->operands, _(p->summary));
  (void)unused;
  (void)none;
  for (o = p->options; good && o->help; o++)
    good = o->name ? option_line(&sa, o) : qq_say(&sa, "%s:\n", _(o->help));
  print_and_exit(good && qq_say(&sa, "\n%s %s\n", _("Exit codes:"), _(p->exits)), &sa);
}

void qq_option_version(qq_option const *unused, char const *none)
{
  stralloc sa = STRALLOC_ZERO;
  (void)unused;
  (void)none;
  print_and_exit(qq_say(&sa, "%s (qqtools) %s\n", qq_program_in_charge()->name, QQ_VERSION), &sa);
}
