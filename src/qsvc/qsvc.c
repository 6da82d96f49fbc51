/* Starts, stops and watches qmail-send, whatever supervises it. */

#include <string.h>
#include <qq/diagnostic.h>
#include <qq/options.h>
#include <qq/output.h>
#include <qq/when.h>
#include "qsvc.h"

static qq_svc svc;

static void take_timeout(qq_option const *o, char const *value)
{
  svc.timeout = qq_duration_value(o, value);
  if (!svc.timeout || svc.timeout > 1000000 * QQ_SECOND)
    qq_die_usage(_("option --%s: \"%s\" given, expected a time from 1s to 1000000s"),
      o->name, value);
}

static qq_option const options[] = {
  QQ_HEADING(N_("With any verb")),
  { 0, "service", "WHAT", N_("what supervises it: a service directory, systemd:UNIT, init:SCRIPT, "
    "qmailctl:SCRIPT; or where to look: s6, daemontools, runit, systemd, init, qmailctl, none"),
    QQ_TEXT(svc.service_option) },
  QQ_OPTIONS_QUEUE,
  QQ_HEADING(N_("status")),
  { 'c', "count", 0, N_("count the messages, too"), QQ_SETS(svc.count) },
  QQ_OPTIONS_ROWS(svc.rows, N_("one JSON object")),
  QQ_HEADING(N_("start, stop, restart, pause, continue, stopped")),
  { 0, "timeout", "DURATION", N_("how long to wait at most; without it a stop waits for its "
    "deliveries, and a start for a minute"), QQ_CALLS(take_timeout, 0) },
  QQ_OPTIONS_PROGRESS,
  QQ_HEADING(N_("flush")),
  { 0, "tcpto", 0, N_("forget which hosts timed out, too"), QQ_SETS(svc.tcpto) },
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qsvc", "status|start|stop|restart|pause|continue|flush|reload|stopped [COMMAND ...]",
  N_("Start, stop and watch qmail-send, whatever supervises it;"
    " run a command while it is stopped."), options,
  N_("0 done, running; 3 it is stopped (status, pause, continue, flush, reload); 100 wrong use;"
    " 111 trouble, or not known. With stopped, that of the command.")
};

/* Which options a verb has; and whether it takes a queue that is closed, to be mended. */
enum { TAKES_STATUS = 1, TAKES_TIMEOUT = 2, TAKES_TCPTO = 4, TAKES_CLOSED = 8 };

/* begin finds the server, and locks it for what starts or stops it; stopped does that itself. */
typedef struct verb {
  char const *word;
  void (*begin)(qq_server *);
  int (*run)(qq_server *);
  int takes;
} verb;

static verb const verbs[] = {
  { "status", qq_svc_look, qq_svc_status, TAKES_STATUS },
  { "start", qq_svc_lock, qq_svc_start, TAKES_TIMEOUT },
  { "stop", qq_svc_lock, qq_svc_stop, TAKES_TIMEOUT | TAKES_CLOSED },
  { "restart", qq_svc_lock, qq_svc_restart, TAKES_TIMEOUT },
  { "pause", qq_svc_lock, qq_svc_pause, TAKES_TIMEOUT },
  { "continue", qq_svc_lock, qq_svc_continue, TAKES_TIMEOUT },
  { "flush", qq_svc_look, qq_svc_flush, TAKES_TCPTO },
  { "reload", qq_svc_look, qq_svc_reload, 0 },
  { "stopped", 0, qq_svc_stopped, TAKES_TIMEOUT | TAKES_CLOSED },
};

qq_svc const *const qq_svc_options = &svc;

static verb const *find_verb(char const *word)
{
  size_t i;
  qq_nearest nearest = QQ_NEAREST(word, strlen(word));
  for (i = 0; i < sizeof verbs / sizeof *verbs; i++) {
    if (!strcmp(verbs[i].word, word)) return &verbs[i];
    qq_nearest_look(&nearest, verbs[i].word);
  }
  if (nearest.nearest)
    qq_die_usage(_("unknown verb \"%s\": did you mean %s?"), word, nearest.nearest);
  qq_die_usage(_("unknown verb \"%s\""), word);
  return 0;
}

static void refuse_others(verb const *v)
{
  if ((svc.count || svc.rows) && !(v->takes & TAKES_STATUS))
    qq_die_usage(_("%s: %s is for status"), v->word,
      svc.count ? "--count" : qq_rows_option(svc.rows));
  if (svc.timeout && !(v->takes & TAKES_TIMEOUT))
    qq_die_usage(_("%s: --timeout is for what takes time"), v->word);
  if (svc.tcpto && !(v->takes & TAKES_TCPTO)) qq_die_usage(_("%s: --tcpto is for flush"), v->word);
  if (v->run == qq_svc_stopped && !*svc.command) qq_die_usage("%s", _("stopped: no command given"));
  if (v->run != qq_svc_stopped && *svc.command)
    qq_die_usage(_("%s: unexpected operand \"%s\""), v->word, *svc.command);
}

int main(int argc, char *const *argv)
{
  static qq_server server = QQ_SERVER_ZERO;
  char const *word;
  verb const *v;
  qq_start_in_order(&program, argc, argv);
  word = qq_take_operand();
  if (!word) qq_die_usage("%s", _("no verb given"));
  v = find_verb(word);
  qq_read_options();
  svc.command = qq_operands();
  refuse_others(v);
  server.service_option = svc.service_option;
  server.timeout = svc.timeout;
  server.meanwhile = qq_svc_wait_on;
  (v->takes & TAKES_CLOSED ? qq_svc_open_closed : qq_svc_open)(&server);
  if (v->begin) v->begin(&server);
  qq_exit(v->run(&server));
}
