#include <errno.h>
#include <qq/child.h>
#include "driver.h"

qq_driver const *const qq_drivers[QQ_SUPERVISORS] = {
  &qq_driver_s6, &qq_driver_daemontools, &qq_driver_runit, &qq_driver_systemd, &qq_driver_init,
  &qq_driver_qmailctl, &qq_driver_none
};

static void forget_state(qq_service *s)
{
  static qq_unit const none;
  s->answers = s->pid = s->is_paused = s->wants_up = 0;
  s->why.len = 0;
  s->unit = none;
}

int qq_service_begin(qq_service *s, qq_supervisor which, char const *where)
{
  forget_state(s);
  s->supervisor = which;
  s->supervises = QQ_SUPERVISES_NOT;
  s->claims = 0;
  s->name.len = s->doubt.len = 0;
  if (!qq_fmt(&s->name, "%s (%s)", where, qq_supervisor_word(which))) return -1;
  return qq_copy_string(&s->where, where) ? 1 : -1;
}

int qq_service_look(qq_service *s)
{
  forget_state(s);
  if (qq_trust_place(s) < 0) return -1;
  if (s->doubt.len) return qq_service_explain(s, (qq_piece){ s->doubt.s, s->doubt.len });
  return qq_drivers[s->supervisor]->look(s);
}

static void make_one_line(stralloc *sa)
{
  size_t i;
  for (i = 0; i < sa->len; i++) if (sa->s[i] == '\n') sa->s[i] = ' ';
}

int qq_service_explain(qq_service *s, qq_piece text)
{
  if (!qq_copy(&s->why, text.s, text.n) || !stralloc_0(&s->why)) return -1;
  make_one_line(&s->why);
  return 1;
}

/* The command as it was typed, and what came of it. */
static int refuse_result(stralloc *why, char const *const *argv, int code, stralloc *output)
{
  size_t i;
  if (code < 0) return qq_unable(why, _("unable to run %s"), argv[0]);
  for (i = 0; argv[i]; i++) qq_fmt(why, i ? " %s" : "%s", argv[i]);
  make_one_line(output);
  if (output->len) return qq_refuse(why, EIO, ": %.*s", (int)output->len, output->s);
  qq_fmt(why, ": ");
  return qq_refuse(why, EIO, _("exit code %d"), code);
}

int qq_driver_command(qq_server *s, char const *const *argv, int quiet)
{
  stralloc output = STRALLOC_ZERO;
  int const code = qq_child_run(argv, &output);
  int const is_good = !code && (!quiet || !output.len);
  int const r = is_good ? 1 : refuse_result(&s->why, argv, code, &output);
  stralloc_free(&output);
  return r;
}
