#include <string.h>
#include <qq/diagnostic.h>
#include <qq/options.h>

/* As one types it in a shell: in quotes where it needs them; what quotes are not enough for is
   called by its name. */
static void add_value(stralloc *sa, char const *name, char const *value)
{
  static char const plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    "@._:/+%-";
  if (!value || strchr(value, '\'')) qq_must_fmt(sa, " %s", name);
  else qq_must_fmt(sa, !*value || value[strspn(value, plain)] ? " '%s'" : " %s", value);
}

void qq_option_of_grep(qq_option const *o, char const *value)
{
  qq_program const *p = qq_program_in_charge();
  char const *dash = strstr(p->operands, "| -") ? " -" : "";
  stralloc call = STRALLOC_ZERO;
  qq_must_fmt(&call, "qq-grep --%s", o->name);
  if (o->argument) add_value(&call, o->argument, value);
  qq_must_fmt(&call, " | %s%s", p->name, dash);
  qq_die_usage(_("option --%s belongs to qq-grep: %.*s"), o->name, (int)call.len, call.s);
}

void qq_die_unknown(char const *given, size_t n, char const *next)
{
  qq_nearest nearest = QQ_NEAREST(given + 2, n);
  qq_option const *o;
  for (o = qq_program_in_charge()->options; o->help; o++) {
    if (!o->name) continue;
    if (o->take == qq_option_of_grep && strlen(o->name) == n && !memcmp(o->name, given + 2, n))
      o->take(o, given[2 + n] ? given + 3 + n : next);
    qq_nearest_look(&nearest, o->name);
  }
  if (nearest.nearest)
    qq_die_usage(_("unknown option %s: did you mean --%s?"), given, nearest.nearest);
  qq_die_usage(_("unknown option %s"), given);
}
