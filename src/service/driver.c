#include <errno.h>
#include <string.h>
#include <qq/append.h>
#include <qq/child.h>
#include <qq/gettext.h>
#include <qq/say.h>
#include "driver.h"

static void make_one_line(stralloc *sa)
{
  size_t i;
  for (i = 0; i < sa->len; i++) if (sa->s[i] == '\n') sa->s[i] = ' ';
}

int qq_driver_no_answer(qq_service *s, char const *text)
{
  if (!qq_copy_string(&s->why, text)) return -1;
  make_one_line(&s->why);
  return 1;
}

int qq_driver_command(char const *const *argv, int quiet, stralloc *why)
{
  stralloc output = STRALLOC_ZERO, line = STRALLOC_ZERO;
  int const r = qq_child_run(argv, &output);
  int e = errno;
  size_t i;
  if (!r && (!quiet || !output.len)) {
    stralloc_free(&output);
    return 1;
  }
  make_one_line(&output);
  for (i = 0; argv[i]; i++) if (!qq_say(&line, i ? " %s" : "%s", argv[i])) break;
  if (r < 0) qq_say(why, _("unable to run %s: %s"), argv[0], strerror(e));
  else if (output.len) qq_say(why, "%.*s: %.*s", (int)line.len, line.s, (int)output.len, output.s);
  else qq_say(why, _("%.*s: exit code %d"), (int)line.len, line.s, r);
  stralloc_free(&output);
  stralloc_free(&line);
  if (r >= 0) e = EIO;
  errno = e;
  return -1;
}
