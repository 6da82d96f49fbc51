/* processes.c - what qmail-start forks, for --processes. */

#include "model.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A delivery is a child of its spawn, with the message as its input and the arguments of
   qmail-local or qmail-remote, asleep until its time is over, and a slow one until it may end; the
   spawn reports that it has ended, and how. Each part ends when the other end of its pipe is
   closed, a spawn after its deliveries. */

enum { ADDRESS = 1100 };
typedef struct order {
  unsigned slot;
  int64_t microseconds;
  int is_slow;
  uint64_t id;
  char to[ADDRESS];
} order;
typedef struct report { unsigned slot; int status; } report;

enum { LSPAWN, RSPAWN, CLEAN, TODO_CLEAN, PARTS };

static char const *const names[PARTS] = { "qmail-lspawn", "qmail-rspawn", "qmail-clean",
  "qmail-clean" };
static int orders[PARTS] = { -1, -1, -1, -1 }, reports[PARTS] = { -1, -1, -1, -1 };
static pid_t *deliveries;               /* in a spawn: by slot */
static size_t slots;

static void let_go(int part)
{
  if (orders[part] < 0) return;
  close(orders[part]);
  close(reports[part]);
  orders[part] = reports[part] = -1;
}

void leave_processes(int to_todo)
{
  for (int part = 0; part < PARTS; part++) if ((part == TODO_CLEAN) != to_todo) let_go(part);
}

void be_named(char const *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

static int must_last(void)
{
  struct stat st;
  return set.slow_while >= 0 && !fstat(set.slow_while, &st) && st.st_size;
}

static void on_child(int s) { (void)s; }

/* What it is to do stands in its environment; from the name that the true one has, it is known what
   it is (main.c). */
void be_delivery(char const *name)
{
  struct timespec t, again = { 0, 10000000 };
  char const *said = getenv("MODEL_DELIVERY");
  long long microseconds;
  int is_slow;
  if (!said || sscanf(said, "%lld %d %d", &microseconds, &is_slow, &set.slow_while) != 3)
    _exit(UNABLE);
  be_named(name);
  t.tv_sec = (time_t)(microseconds / 1000000);
  t.tv_nsec = (long)(microseconds % 1000000) * 1000;
  while (nanosleep(&t, &t) < 0 && errno == EINTR) ;
  while (is_slow && must_last()) nanosleep(&again, 0);
  _exit(0);
}

/* Both arguments from the end: qmail-local has the local part sixth and the domain third, and
   qmail-remote the recipient last. */
static void become_delivery(int part, order *o)
{
  char said[64], *home = strdup(model_program), *name = 0, *at = strrchr(o->to, '@');
  char *slash = home ? strrchr(home, '/') : 0;
  if (slash) *slash = 0;
  if (asprintf(&name, "%s%s", slash ? home : ".",
      part == LSPAWN ? "/qmail-local" : "/qmail-remote") < 0) _exit(UNABLE);
  snprintf(said, sizeof said, "%lld %d %d", (long long)o->microseconds, o->is_slow,
      set.slow_while);
  setenv("MODEL_DELIVERY", said, 1);
  if (set.slow_while >= 0) fcntl(set.slow_while, F_SETFD, 0);
  if (at && part == LSPAWN) *at++ = 0;
  if (part == LSPAWN)
    execl("/proc/self/exe", name, "--", "user", "/home/user", o->to, "", "", at ? at : "",
        "sender@x.example", "./Mailbox", (char *)0);
  else
    execl("/proc/self/exe", name, at ? at + 1 : "", "sender@x.example", o->to, (char *)0);
  _exit(UNABLE);
}

/* As both spawns do, opens the message before it looks whose it is, and forks only then: it may have
   been held since qmail-send's model looked. */
static int open_message(uint64_t id)
{
  char message[64];
  struct stat st;
  snprintf(message, sizeof message, "%" PRIu64 "/%" PRIu64, id % split, id);
  int fd = open(message, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (!fstat(fd, &st) && st.st_uid == qmailq) return fd;
  close(fd);
  return -1;
}

static void deliver(int part, order *o, int in, int out)
{
  report refused = { o->slot, 256 };
  sigset_t none;
  int message = open_message(o->id);
  if (message < 0) {
    if (write(out, &refused, sizeof refused) < 0) die("pipe");
    return;
  }
  pid_t pid = fork();
  if (pid < 0) die("fork");
  deliveries[o->slot] = pid;
  if (pid) {
    close(message);
    return;
  }
  close(in);
  close(out);
  signal(SIGCHLD, SIG_DFL);
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, 0);
  if (dup2(message, 0) < 0) _exit(UNABLE);
  if (chdir("/") < 0) _exit(UNABLE);
  become_delivery(part, o);
}

/* Those that have ended, and with WNOHANG no others. Nobody may be there to hear of it. */
static void bury(int out, int options)
{
  report r;
  for (pid_t pid; (pid = waitpid(-1, &r.status, options)) > 0; ) {
    for (r.slot = 0; r.slot < slots && deliveries[r.slot] != pid; ) r.slot++;
    deliveries[r.slot] = 0;
    if (write(out, &r, sizeof r) < 0) continue;
  }
}

static void be_spawn(int part, int in, int out)
{
  struct sigaction action = { .sa_handler = on_child };
  struct pollfd p = { in, POLLIN, 0 };
  sigset_t child, none;
  order o;
  sigemptyset(&none);
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  sigprocmask(SIG_BLOCK, &child, 0);
  sigaction(SIGCHLD, &action, 0);
  for (;;) {
    int n = ppoll(&p, 1, 0, &none);
    bury(out, WNOHANG);
    if (n > 0 && read(in, &o, sizeof o) == (ssize_t)sizeof o) deliver(part, &o, in, out);
    else if (n > 0) break;
  }
  sigprocmask(SIG_SETMASK, &none, 0);
  bury(out, 0);
}

static void be_part(int part, int in, int out)
{
  char c;
  be_named(names[part]);
  become(part == LSPAWN ? 0 : part == RSPAWN ? qmails : qmailq);
  if (part <= RSPAWN
      && (chdir("mess") < 0 || !(deliveries = calloc(slots + 1, sizeof *deliveries))))
    die("mess");
  if (write(out, "", 1) != 1) die("pipe");
  if (part <= RSPAWN) be_spawn(part, in, out);
  else while (read(in, &c, 1) > 0) ;
  rest(1000 * set.slow_end);
  _exit(0);
}

static void start(int part)
{
  int in[2], out[2];
  char ready;
  if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0) die("pipe");
  pid_t pid = fork();
  if (pid < 0) die("fork");
  if (!pid) {
    for (int other = 0; other < part; other++) let_go(other);
    close(in[1]);
    close(out[0]);
    be_part(part, in[0], out[1]);
  }
  close(in[0]);
  close(out[1]);
  orders[part] = in[1];
  reports[part] = out[0];
  if (read(out[0], &ready, 1) != 1) die(names[part]);
}

void start_processes(void)
{
  slots = channels * set.concurrency;
  for (int part = 0; part < PARTS; part++) if (part != TODO_CLEAN || set.ext_todo) start(part);
}

int spawn_fd(unsigned c) { return reports[c ? RSPAWN : LSPAWN]; }

int tell_spawn(unsigned c, unsigned slot, int64_t microseconds, int is_slow, uint64_t id,
    char const *to)
{
  order o = { slot, microseconds, is_slow, id, "" };
  snprintf(o.to, sizeof o.to, "%s", to);
  return write(orders[c ? RSPAWN : LSPAWN], &o, sizeof o) == (ssize_t)sizeof o;
}

int hear_spawn(unsigned c, unsigned *slot, int *crashed)
{
  report r;
  if (read(spawn_fd(c), &r, sizeof r) != (ssize_t)sizeof r) return let_go(c ? RSPAWN : LSPAWN), 0;
  *slot = r.slot;
  *crashed = !WIFEXITED(r.status) || WEXITSTATUS(r.status);
  return 1;
}
