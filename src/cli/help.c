#include <config.h>
#include <string.h>
#include <qq/diagnostic.h>
#include <qq/options.h>
#include <qq/output.h>

/* The form of --help is what package/completions reads. The explanations begin at this column, and
   no line is longer than a terminal is wide. */
#define INDENT 28
#define WIDTH 80

/* Appends the words of s, the first one behind what stands there, up to column; a line that would
   get too long goes on below, indented. What is in brackets stays together. */
static void add_words(stralloc *sa, size_t column, size_t indent, char const *s)
{
  size_t n, width;
  for (; *s; s += n + (s[n] == ' ')) {
    n = *s == '[' ? strcspn(s, "]") : 0;
    n += strcspn(s + n, " ");
    width = qq_cells(s, n);
    if (column + 1 + width > WIDTH && column > indent) {
      qq_must_fmt(sa, "\n%*s", (int)indent, "");
      column = indent;
    }
    else if (column && sa->s[sa->len - 1] != ' ') {
      qq_must_fmt(sa, " ");
      column++;
    }
    qq_demand_memory(qq_append(sa, s, n));
    column += width;
  }
  qq_must_fmt(sa, "\n");
}

/* Appends what the value is called, from column on. Alternatives that are too many for a line go on
   below, behind a bar. Returns how far it reaches. */
static size_t add_argument(stralloc *sa, size_t column, char const *s)
{
  size_t const indent = column;
  size_t n, reach = 0;
  for (; *s; s += n, column += n) {
    n = strcspn(s, "|");
    n += s[n] == '|';
    if (column + n > WIDTH && column > indent) {
      qq_must_fmt(sa, "\n%*s", (int)indent, "");
      reach = WIDTH;
      column = indent;
    }
    qq_demand_memory(qq_append(sa, s, n));
  }
  return reach ? reach : column;
}

static void add_option(stralloc *sa, qq_option const *o)
{
  size_t const start = sa->len;
  size_t length;
  if (o->letter) qq_must_fmt(sa, "  -%c, --%s", o->letter, o->name);
  else qq_must_fmt(sa, "      --%s", o->name);
  if (o->argument) qq_must_fmt(sa, " ");
  length = sa->len - start;
  if (o->argument) length = add_argument(sa, length, o->argument);
  if (length >= INDENT - 1) qq_must_fmt(sa, "\n%*s", INDENT, "");
  else qq_must_fmt(sa, "%*s", (int)(INDENT - length), "");
  add_words(sa, INDENT, INDENT, _(o->help));
}

/* An empty one sets off what follows. */
static void add_heading(stralloc *sa, char const *text)
{
  stralloc line = STRALLOC_ZERO;
  if (*text) qq_must_fmt(&line, "%s:", _(text));
  qq_demand_memory(stralloc_0(&line));
  add_words(sa, 0, 2, line.s);
  stralloc_free(&line);
}

static void add_usage(stralloc *sa, qq_program const *p)
{
  char const *const usage = _("usage:");
  size_t const indent = qq_cells(usage, strlen(usage)) + 1;
  qq_must_fmt(sa, "%s %s [OPTION ...]", usage, p->name);
  add_words(sa, indent + strlen(p->name) + strlen(" [OPTION ...]"), indent, p->operands);
  add_words(sa, 0, 0, _(p->summary));
  qq_must_fmt(sa, "\n");
}

void qq_option_help(qq_option const *unused, char const *none)
{
  qq_program const *p = qq_program_in_charge();
  stralloc sa = STRALLOC_ZERO;
  qq_option const *o;
  (void)unused;
  (void)none;
  add_usage(&sa, p);
  for (o = p->options; o->help; o++)
    if (!o->name) add_heading(&sa, o->help);
    else if (*o->help) add_option(&sa, o);
  qq_must_fmt(&sa, "\n%s", _("Exit codes:"));
  add_words(&sa, qq_cells(_("Exit codes:"), strlen(_("Exit codes:"))), 2, _(p->exits));
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
