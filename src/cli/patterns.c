#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <qq/diagnostic.h>
#include <qq/file.h>
#include <qq/options.h>

qq_pattern_sense qq_patterns_meant;

void qq_pattern_keep(genalloc *kept, qq_option const *o, char const *value)
{
  int const is_list = !strcmp(o->argument, "FILE");
  stralloc why = STRALLOC_ZERO;
  qq_kept const k = { o, value, is_list ? qq_path_open_file(value, &why) : -1 };
  if (is_list) qq_demand(k.fd, &why);
  qq_demand_memory(genalloc_append(qq_kept, kept, &k));
}

static qq_pattern_kind kind_of_patterns(int is_whole)
{
  qq_pattern_sense const *m = &qq_patterns_meant;
  if (m->glob && m->regex) qq_die_usage("%s", _("options -g and -E cannot be used together"));
  if (m->glob) return QQ_PATTERN_GLOB;
  if (m->regex) return is_whole ? QQ_PATTERN_REGEX_WHOLE : QQ_PATTERN_REGEX;
  return is_whole ? QQ_PATTERN_WHOLE : QQ_PATTERN_SUBSTRING;
}

static void add_pattern(qq_patterns *p, qq_option const *o, char const *pattern)
{
  stralloc why = STRALLOC_ZERO;
  int const r = qq_patterns_add(p, pattern, strlen(pattern), &why);
  qq_demand_memory(r > 0 || errno != ENOMEM);
  if (r < 0) qq_die_usage(_("option --%s: %.*s"), o->name, (int)why.len, why.s);
}

static void add_list(qq_patterns *p, qq_kept const *k)
{
  stralloc why = STRALLOC_ZERO;
  int const r = qq_patterns_add_lines(p, k->fd, k->value, &why);
  qq_demand_memory(r > 0 || errno != ENOMEM);
  qq_demand(r, &why);
  close(k->fd);
}

void qq_pattern_read(qq_patterns *p, qq_kept const *k)
{
  /* a domain is always meant whole */
  p->kind = kind_of_patterns(qq_patterns_meant.whole || !strcmp(k->option->argument, "DOMAIN"));
  p->exact = qq_patterns_meant.exact;
  if (k->fd < 0) add_pattern(p, k->option, k->value);
  else add_list(p, k);
}
