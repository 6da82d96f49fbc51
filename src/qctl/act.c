#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <qq/diagnostic.h>
#include <qq/gettext.h>
#include <qq/output.h>
#include "act.h"
#include "difference.h"
#include "valid.h"

/* Exit code of a child that found no qsvc. */
#define NOT_THERE 127

/* Runs qsvc with the verb. Returns what waitpid(2) says of it, or -1 with errno. */
static int run_qsvc(qq_place const *p, char *verb)
{
  static char qsvc[] = "qsvc", option[] = "--home";
  char *const argv[] = { qsvc, option, p->home.s, verb, 0 };
  pid_t const pid = fork();
  int status;
  if (pid < 0) return -1;
  if (!pid) {
    execvp(argv[0], argv);
    _exit(errno == ENOENT ? NOT_THERE : QQ_EXIT_TROUBLE);
  }
  while (waitpid(pid, &status, 0) < 0) if (errno != EINTR) return -1;
  return status;
}

void qq_act_demand(qq_place const *p, qq_effect effect)
{
  static char restart[] = "restart", reload[] = "reload";
  char *verb = effect == QQ_EFFECT_RESTART ? restart : reload;
  int status;
  if (effect != QQ_EFFECT_RESTART && effect != QQ_EFFECT_HUP) return;
  status = run_qsvc(p, verb);
  if (status < 0) qq_die(QQ_EXIT_TROUBLE, _("unable to run qsvc: %s"), strerror(errno));
  if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_THERE) qq_die(QQ_EXIT_TROUBLE, _("qsvc is not installed; do by hand what is said above"));
  if (!WIFEXITED(status) || WEXITSTATUS(status)) qq_die(QQ_EXIT_TROUBLE, _("qsvc %s failed; do by hand what is said above"), verb);
}

static void print(stralloc *out)
{
  qq_output(out->s, out->len);
  out->len = 0;
}

void qq_act_show(qq_settings const *before, qq_settings const *after)
{
  stralloc out = STRALLOC_ZERO;
  qq_difference d;
  qq_difference_find(&d, before, after, 0);
  qq_difference_text(&d, &out);
  print(&out);
  qq_difference_free(&d);
  stralloc_free(&out);
}

void qq_act_change(qq_place *p, qq_settings const *changes, char const *what, char const *in_force, int dry_run, int act)
{
  stralloc out = STRALLOC_ZERO, why = STRALLOC_ZERO, now = STRALLOC_ZERO;
  qq_difference d;
  qq_effect effect;
  qq_difference_find(&d, &p->live, changes, 0);
  effect = qq_difference_demands(&d);
  if (dry_run) qq_difference_text(&d, &out);
  else {
    if (qq_vault_in_force(&p->vault, &now) < 0) qq_die(QQ_EXIT_TROUBLE, _("unable to read %s/qqtools/in-force: %s"), p->home.s, strerror(errno));
    if (qq_vault_change(&p->vault, &p->live, changes, what, in_force ? in_force : now.s, &why) < 0) qq_die(QQ_EXIT_TROUBLE, "%.*s", (int)why.len, why.s);
  }
  qq_difference_effects(&d, &out);
  print(&out);
  qq_difference_free(&d);
  if (act && !dry_run) qq_act_demand(p, effect);
  stralloc_free(&out);
  stralloc_free(&now);
}

void qq_act_apply(qq_place *p, char const *name, qq_settings const *template, int dry_run, int act)
{
  stralloc what = STRALLOC_ZERO;
  qq_demand_valid(&p->live, template);
  if (!qq_say(&what, "qctl-apply %s", name) || !stralloc_0(&what)) qq_die_memory();
  qq_act_change(p, template, what.s, name, dry_run, act);
  stralloc_free(&what);
}
