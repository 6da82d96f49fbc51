/* Whether a monitoring system has to wake somebody, as its plugins say it. */

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <skalibs/allreadwrite.h>
#include <qq/diagnostic.h>
#include <qq/id.h>
#include <qq/options.h>
#include <qq/output.h>
#include <qq/when.h>
#include "alarm.h"
#include "stat.h"

static int stopped;
static uint64_t timeout = 10 * QQ_SECOND;

/* In whole seconds. */
static int read_age(char const *s, size_t n, uint64_t *v)
{
  char age[QQ_NUMBER_FMT + 2];
  if (n >= sizeof age) return 0;
  memcpy(age, s, n);
  age[n] = 0;
  if (!qq_age_scan(age, v)) return 0;
  *v /= QQ_SECOND;
  return 1;
}

static int scan(int figure, qq_range *r, char const *s, size_t n)
{
  return qq_range_scan(r, s, n, figure == QQ_ALARM_OLDEST ? read_age : qq_number_scan);
}

static void take_one(qq_option const *o, char const *value)
{
  qq_alarm_figure *const f = qq_alarm_figures + QQ_ALARM_MESSAGES;
  if (!scan(QQ_ALARM_MESSAGES, o->value ? &f->critical : &f->warning, value, strlen(value)))
    qq_die_usage(_("option --%s: \"%s\" given, expected a range: [@][START:][END]"), o->name,
      value);
}

static void take_both(qq_option const *o, char const *value)
{
  qq_alarm_figure *const f = qq_alarm_figures + o->value;
  size_t const warning = strcspn(value, ",");
  char const *const critical = value[warning] ? value + warning + 1 : "";
  int good = *value != 0;
  if (good && warning) good = scan(o->value, &f->warning, value, warning);
  if (good && *critical) good = scan(o->value, &f->critical, critical, strlen(critical));
  if (!good) qq_die_usage(o->value == QQ_ALARM_OLDEST
    ? _("option --%s: \"%s\" given, expected one or two ranges of ages: 4h,1d")
    : _("option --%s: \"%s\" given, expected one or two ranges: 1000,5000"), o->name, value);
}

static qq_option const options[] = {
  { 'w', "warning", "RANGE", N_("messages: warn outside of it"), QQ_CALLS(take_one, 0) },
  { 'c', "critical", "RANGE", N_("messages: critical outside of it"), QQ_CALLS(take_one, 1) },
  { 0, "messages", "RANGE,RANGE", N_("the same, of messages"),
    QQ_CALLS(take_both, QQ_ALARM_MESSAGES) },
  { 0, "new", "RANGE,RANGE", N_("of messages not preprocessed yet"),
    QQ_CALLS(take_both, QQ_ALARM_NEW) },
  { 0, "oldest", "RANGE,RANGE", N_("of the age of the oldest message: 4h,1d"),
    QQ_CALLS(take_both, QQ_ALARM_OLDEST) },
  { 0, "bounces", "RANGE,RANGE", N_("of bounces, single and double"),
    QQ_CALLS(take_both, QQ_ALARM_BOUNCES) },
  { 0, "failing", "RANGE,RANGE", N_("of messages with a recipient that has failed"),
    QQ_CALLS(take_both, QQ_ALARM_FAILING) },
  { 0, "held", "RANGE,RANGE", N_("of held messages"), QQ_CALLS(take_both, QQ_ALARM_HELD) },
  { 0, "stopped", 0, N_("critical if qmail-send does not run"), QQ_SETS(stopped) },
  { 't', "timeout", "AGE", N_("unknown after that; by default 10s"), QQ_DURATION(timeout) },
  QQ_OPTIONS_QUEUE,
  { 0, "jobs", "N", N_("work on N split directories at a time"), QQ_CALLS(qq_option_jobs, 0) },
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qq-alarm", "",
  N_("Say whether the queue is as it should be, in one line for a monitoring system."),
  options,
  N_("0 OK; 1 WARNING; 2 CRITICAL; 3 UNKNOWN: wrong use, or trouble of the system.")
};

/* ---- how it ends ---- */

/* A monitoring system looks at standard output and at the exit code, whatever ended this program.
   What would go to standard error is kept: if there was no answer, it is the answer. */
static struct { FILE *said; int stderr_fd, is_answered, code; } ending = {
  0, -1, 0, QQ_ALARM_UNKNOWN
};

static void pass_on(int from, int to)
{
  char s[4096];
  ssize_t n;
  if (lseek(from, 0, SEEK_SET) < 0) return;
  while ((n = read(from, s, sizeof s)) > 0) allwrite(to, s, (size_t)n);
}

static void end(void)
{
  if (ending.said) pass_on(fileno(ending.said), ending.is_answered ? ending.stderr_fd : 1);
  _exit(ending.code);
}

static void begin(void)
{
  qq_occupy_descriptors();
  ending.said = tmpfile();
  ending.stderr_fd = dup(2);
  if (!ending.said || ending.stderr_fd < 0 || dup2(fileno(ending.said), 2) < 0) dup2(1, 2);
  atexit(end);
}

static char late[80];

static void on_timeout(int unused)
{
  (void)unused;
  allwrite(1, late, strlen(late));
  _exit(QQ_ALARM_UNKNOWN);
}

static void set_timeout(void)
{
  uint64_t const seconds = timeout / QQ_SECOND;
  if (!seconds) qq_die_usage("%s", _("option --timeout needs a second"));
  snprintf(late, sizeof late, "UNKNOWN: no answer within %llu s\n", (unsigned long long)seconds);
  signal(SIGALRM, on_timeout);
  alarm((unsigned int)seconds);
}

/* ---- the answer ---- */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static uint64_t now;
static int is_up;

static int visit(void *unused, qq_message *m)
{
  int r = qq_message_pin(m);
  uint64_t age;
  (void)unused;
  if (r == 1 && m->over) return 1;
  if (r == 1) r = qq_message_envelope(m);
  if (r == 1) r = qq_message_failing(m);
  if (r != 1) return r;
  age = now > m->stamp ? (now - m->stamp) / QQ_SECOND : 0;
  pthread_mutex_lock(&mutex);
  qq_alarm_figures[QQ_ALARM_MESSAGES].n++;
  qq_alarm_figures[QQ_ALARM_NEW].n += (uint64_t)m->is_new;
  qq_alarm_figures[QQ_ALARM_BOUNCES].n += qq_message_bounce(m) != QQ_NO_BOUNCE;
  qq_alarm_figures[QQ_ALARM_FAILING].n += (uint64_t)m->failing;
  qq_alarm_figures[QQ_ALARM_HELD].n += (uint64_t)m->held;
  if (age > qq_alarm_figures[QQ_ALARM_OLDEST].n) qq_alarm_figures[QQ_ALARM_OLDEST].n = age;
  pthread_mutex_unlock(&mutex);
  return 1;
}

/* What is only a part of it is no figure for a graph. */
static void answer(void)
{
  stralloc out = STRALLOC_ZERO;
  int const has_trouble = qq_has_trouble();
  int const code = qq_alarm_answer(&out, !stopped || is_up, has_trouble);
  if (!has_trouble) qq_alarm_put_data(&out);
  qq_must_fmt(&out, "\n");
  qq_output(out.s, out.len);
  ending.code = code;
  ending.is_answered = 1;
}

static void look_whether_up(qq_queue const *q)
{
  is_up = qq_reading_is_up(q, 0);
}

int main(int argc, char *const *argv)
{
  qq_reading reading;
  begin();
  qq_start(&program, argc, argv);
  qq_speak_english();           /* the line is for a monitoring system */
  if (*qq_operands()) qq_die_usage(_("operand \"%s\" given, expected none"), *qq_operands());
  set_timeout();
  qq_reading_start_whole(&reading, stopped ? look_whether_up : 0);
  now = qq_now();
  qq_reading_prepare(&reading, visit, 1);
  reading.walk.wants_bounces = 1;
  qq_reading_walk(&reading);
  answer();
  qq_exit(0);
}
