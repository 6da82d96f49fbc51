/* model - a small stand-in for qmail-send, so that races with it can be tested where there is no
   qmail.

   It keeps lock/sendmutex and lock/trigger as qmail-send does and walks the queue by the same
   system calls in the same order (doc/INTERNALS: what qmail-send does). What it calls a delivery is
   a wait and a drawn result. Like the original it is one thread whose functions run to their end;
   unlike it, it stops for random moments between its system calls, so that others get in between.

   What the original would log as a warning or an alert is logged with that word, and the exit code
   is 99 then: a test need not know what to look for. Three lines more than the original has name a
   message by its stamp, since a number alone is given away again: start delivery D: msg ID stamp NS
   to CHANNEL ADDRESS from <SENDER>     the spawn has accepted the file in mess/ bounced msg ID
   stamp NS from <SENDER> to <ADDRESS>       the time is that of the look into info/ end msg ID
   stamp NS

   The schedule is qmail's, but a second of it lasts --unit microseconds: with 2500 a local
   recipient is tried again after a quarter of a second, a remote one after one. Addresses at
   local.example are local, those at suppl0.example and so on are of that channel where the queue
   has it, all others are remote. What begins with good, defer or fail is delivered, put off,
   refused for ever; with slow in front of that it takes long. Not done: cleaning up after 36 hours,
   and another look at files that could not be looked at at the start.

   With --processes it has beside it what qmail-start forks: qmail-lspawn, qmail-rspawn and
   qmail-clean, and deliveries are processes below the spawns. They last as long as without; what
   ends them before is a crash, and the end of a spawn is an alert and the end of all, as in the
   original. The log has two lines more then: alarm                                ALRM has come
       reread                               HUP has come

   Started by root it takes the rights that each part of qmail has, from the owners of mess/ and
   info/.

   With --inject it is qmail-queue: a message for each line `SENDER RECIPIENT ...` on standard input
   (SENDER may be <>), by the same steps, and `ID@STAMP LINE` on standard output. Where qmail-queue
   would give up, because a name is taken, it does too: exit code 111. */

#include "model.h"
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define USAGE \
  "usage: model [options] QUEUE\n" \
  "  --log FILE          append to it (default: stderr)\n" \
  "  --seed N (1)        of all that is random\n" \
  "  --unit N (2500)     microseconds for a second of the schedule\n" \
  "  --lifetime N (604800)  seconds of the schedule until the last attempt\n" \
  "  --concurrency N (5) deliveries at a time, of each channel\n" \
  "  --delivery N (20)   milliseconds that one lasts at most; slow ones 20 times that\n" \
  "  --good PERCENT (70) --fail PERCENT (10)   results of recipients whose names leave it open\n" \
  "  --pauses PERCENT (5)  before how many of its system calls it stops for a moment\n" \
  "  --linger N (0)      milliseconds at most at the moments that are short in life, and matter\n" \
  "  --processes         runs what qmail-start forks, and each delivery as a process\n" \
  "  --slow-while FILE   and slow deliveries at least as long as something is in this file\n" \
  "  --slow-end N (0)    milliseconds that those of qmail-start go on when qmail-send has ended\n" \
  "  --slow-marks N (0)  milliseconds from a result in the log until it is in the queue\n" \
  "  --ext-todo          a process of its own looks after todo/\n" \
  "  --deaf N (0)        milliseconds for which nobody reads the trigger when it is opened again\n" \
  "  --bounces           bounces become messages (default: lines in the log only)\n" \
  "  --until-empty       ends when info/ and todo/ are empty\n" \
  "  --at-most SECONDS (600)  ends then, with an alert\n" \
  "  --strict            ends at the first warning, at once\n" \
  "       model --inject [--seed N] [--pauses PERCENT] [--every MILLISECONDS (0, at most)] QUEUE " \
  "<LINES\n"

volatile sig_atomic_t told_to_stop;
static volatile sig_atomic_t told_to_run, told_to_reread;
static int64_t deadline;

static void on_signal(int s)
{
  if (s == SIGTERM) told_to_stop = 1;
  else if (s == SIGHUP) told_to_reread = 1;
  else told_to_run = 1;
}

void wait_for(int const *fds, int *ready, int n)
{
  struct pollfd p[3];
  int64_t until = wake - now;
  for (int i = 0; i < n; i++) p[i] = (struct pollfd){ fds[i], POLLIN, 0 };
  poll(p, (nfds_t)n, until <= 0 ? 0 : until > 50000 ? 50 : (int)(until / 1000) + 1);
  for (int i = 0; i < n; i++) ready[i] = p[i].revents != 0;
  now = clock_now();
  wake = INT64_MAX;
  if (now < deadline) return;
  say("alert: ended after %lu seconds, by --at-most", set.at_most);
  _exit(TROUBLED);
}

static void hear_signals(void)
{
  if (told_to_reread) say("reread");
  if (told_to_run) {
    if (set.processes) say("alarm");
    run_all();
  }
  told_to_reread = told_to_run = 0;
}

/* One step of each part after the other, until it has been told to stop and nothing is under way.
 */
static void be_send(void)
{
  int64_t next_look = 0;
  int is_stopping = 0;
  while (!told_to_stop || any_delivery() || has_todo_process()) {
    int fds[3] = { todo_fd(), spawn_fd(0), spawn_fd(1) }, ready[3];
    wait_for(fds, ready, 3);
    if (told_to_stop && !is_stopping++) {
      stop_todo();
      say_status();
    }
    hear_signals();
    for (unsigned c = 0; c < 2; c++) if (ready[c + 1]) hear_of_deliveries(c);
    work_deliveries();
    work_todo(ready[0]);
    if (told_to_stop) continue;
    for (unsigned c = 0; c < channels; c++) work_pass(c);
    work_done();
    if (!set.until_empty || !is_due(next_look)) continue;
    if (!each("todo", todo_split, 0) && !each("info", 1, 0)) told_to_stop = 1;
    next_look = now + 50000;
  }
}

/* The mutex and the trigger stay open in what it starts, as they do with the original. */
static int send(void)
{
  struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
  umask(077);
  if (set.processes) start_processes();
  sigaction(SIGTERM, &action, 0);
  sigaction(SIGALRM, &action, 0);
  if (set.processes) sigaction(SIGHUP, &action, 0);
  else signal(SIGHUP, SIG_IGN);
  int mutex = open_file("lock/sendmutex", O_WRONLY | O_NONBLOCK, 0);
  if (mutex < 0 || flock(mutex, LOCK_EX | LOCK_NB) < 0) {
    say("alert: cannot start: already running");
    return UNABLE;
  }
  now = clock_now();
  deadline = now + (int64_t)set.at_most * 1000000;
  make_room();
  each("info", 1, remember_from_disk);
  say_status(); /* as the original: who finds that the trigger is read finds that in the log */
  set_trigger();
  if (set.ext_todo) start_todo_process(mutex);
  be_send();
  write_due_times();
  say("status: exiting");
  return troubled ? TROUBLED : 0;
}

static unsigned long number(char const *s)
{
  char *end;
  unsigned long n = strtoul(s, &end, 10);
  if (*s < '0' || *s > '9' || *end) { fputs(USAGE, stderr); exit(MISUSED); }
  return n;
}

static void options(int argc, char **argv)
{
  enum {
    LOG = 1,
    SEED,
    UNIT,
    LIFETIME,
    CONCURRENCY,
    DELIVERY,
    GOOD,
    FAIL,
    PAUSES,
    LINGER,
    DEAF,
    AT_MOST,
    EVERY,
    SLOW_WHILE,
    SLOW_END,
    SLOW_MARKS
  };
  static struct option const option[] = { { "log", 1, 0, LOG }, { "seed", 1, 0, SEED },
    { "unit", 1, 0, UNIT }, { "lifetime", 1, 0, LIFETIME }, { "concurrency", 1, 0, CONCURRENCY },
    { "delivery", 1, 0, DELIVERY }, { "good", 1, 0, GOOD }, { "fail", 1, 0, FAIL },
    { "pauses", 1, 0, PAUSES }, { "linger", 1, 0, LINGER },
    { "deaf", 1, 0, DEAF }, { "at-most", 1, 0, AT_MOST },
    { "every", 1, 0, EVERY }, { "ext-todo", 0, &set.ext_todo, 1 },
    { "bounces", 0, &set.bounces, 1 }, { "slow-while", 1, 0, SLOW_WHILE },
    { "slow-end", 1, 0, SLOW_END }, { "slow-marks", 1, 0, SLOW_MARKS },
    { "processes", 0, &set.processes, 1 },
    { "until-empty", 0, &set.until_empty, 1 }, { "strict", 0, &set.strict, 1 },
    { "inject", 0, &set.inject, 1 }, { 0, 0, 0, 0 } };
  static unsigned long *const numbers[] = { [SEED] = &set.seed,
    [UNIT] = &set.unit,
    [LIFETIME] = &set.lifetime,
    [CONCURRENCY] = &set.concurrency,
    [DELIVERY] = &set.delivery,
    [GOOD] = &set.good,
    [FAIL] = &set.fail,
    [PAUSES] = &set.pauses,
    [LINGER] = &set.linger,
    [DEAF] = &set.deaf,
    [AT_MOST] = &set.at_most,
    [EVERY] = &set.every,
    [SLOW_END] = &set.slow_end,
    [SLOW_MARKS] = &set.slow_marks };
  for (int c; (c = getopt_long(argc, argv, "", option, 0)) != -1; ) {
    if (c == '?') { fputs(USAGE, stderr); exit(MISUSED); }
    if (c == LOG) log_fd = open(optarg, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    else if (c == SLOW_WHILE) set.slow_while = open(optarg, O_RDONLY | O_CREAT | O_CLOEXEC, 0666);
    else if (c) *numbers[c] = number(optarg);
    if (log_fd < 0 || (c == SLOW_WHILE && set.slow_while < 0)) die(optarg);
  }
  if (argc - optind != 1 || !set.unit || !set.concurrency) { fputs(USAGE, stderr); exit(MISUSED); }
  stream = set.seed << 32;
}

int main(int argc, char **argv)
{
  char const *name = strrchr(argv[0], '/');
  name = name ? name + 1 : argv[0];
  model_program = argv[0];
  if (!strcmp(name, "qmail-local") || !strcmp(name, "qmail-remote")) be_delivery(name);
  options(argc, argv);
  signal(SIGPIPE, SIG_IGN);
  if (chdir(argv[optind]) < 0) die(argv[optind]);
  look_around();
  return set.inject ? inject_lines() : send();
}
