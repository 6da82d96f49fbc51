#include <string.h>
#include <qq/settings.h>

void qq_difference_begin(qq_difference *d, qq_settings const *before, qq_settings const *after)
{
  memset(d, 0, sizeof *d);
  d->all_before = before;
  d->all_after = after;
}

/* The next name that one of the two has. */
static int next_name(qq_difference *d)
{
  qq_setting const *a = qq_settings_next(d->all_before, d->last_before);
  qq_setting const *b = qq_settings_next(d->all_after, d->last_after);
  int const order = !a ? 1 : !b ? -1 : strcmp(a->name, b->name);
  if (!a && !b) return 0;
  d->name = order <= 0 ? a->name : b->name;
  d->was_mentioned = order <= 0;
  d->is_mentioned = order >= 0;
  d->before = qq_settings_get(d->all_before, d->name);
  d->after = qq_settings_get(d->all_after, d->name);
  if (d->was_mentioned) d->last_before = a;
  if (d->is_mentioned) d->last_after = b;
  return 1;
}

/* A file that changes do not mention is left alone. Templates differ also where only one of them
   mentions a file that is to be there; that there is to be none is not worth a word. */
static int differs(qq_difference const *d)
{
  if (!d->is_mentioned && !d->are_templates) return 0;
  return d->before->error || !qq_setting_equal(d->before, d->after);
}

int qq_difference_next(qq_difference *d)
{
  while (next_name(d)) if (differs(d)) return 1;
  return 0;
}
