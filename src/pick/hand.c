#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <skalibs/allreadwrite.h>
#include <skalibs/ancil.h>
#include <skalibs/djbunix.h>
#include <qq/child.h>
#include <qq/diagnostic.h>
#include <qq/options.h>
#include <qq/os.h>
#include "pick.h"

/* What is said to the hand besides an errand's number; and with each descriptor. */
#define FINISH 'f'
#define INTERRUPT 'i'
#define DESCRIPTOR 'd'
#define NOT_RUN 126

static char const *const words[QQ_ERRANDS][4] = {
  { "qq-show", "--tsv" },
  { "qq-show", "--tsv", "-" },
  { "qq-show", "-l", "-" },
  { "qq-cat", "--text", "-" },
  { "qq-why", "-" },
  { "qq-rm" },
  { "qq-hold" },
  { "qq-release" },
  { "qq-requeue", "--lines" },
  { "qq-expire" }
};

static int line;                /* to the hand, or from where it is told */

/* ---- the hand ---- */

/* Appends the directory that this program was started from, with its slash; nothing where the
   system does not tell, so that $PATH says. */
static void find_place(stralloc *path)
{
  if (qq_os_program(path) < 1) path->len = 0;
  while (path->len && path->s[path->len - 1] != '/') path->len--;
}

static void add(char const **argv, char const *option, char const *value)
{
  if (!value) return;
  while (*argv) argv++;
  *argv++ = option;
  *argv = value;
}

static void become(qq_errand e, int const fds[3])
{
  char const *argv[9] = { words[e][0] }, **end = argv;
  stralloc path = STRALLOC_ZERO;
  int i;
  add(argv, "--queue", qq_shared_options->queue);
  add(argv, "--home", qq_shared_options->home);
  while (*end) end++;
  for (i = 1; words[e][i]; i++) *end++ = words[e][i];
  find_place(&path);
  if (!stralloc_cats(&path, argv[0]) || !stralloc_0(&path)) _exit(NOT_RUN);
  signal(SIGPIPE, SIG_DFL);
  for (i = 0; i < 3; i++) if (dup2(fds[i], i) < 0) _exit(NOT_RUN);
  execvp(path.s, (char *const *)(uintptr_t)argv);
  qq_note(_("unable to run %s: %s"), path.s, strerror(errno));
  _exit(NOT_RUN);
}

/* skalibs does not wait for one. */
static int receive(void)
{
  struct pollfd p = { line, POLLIN, 0 };
  while (poll(&p, 1, -1) < 0 && errno == EINTR) continue;
  return ancil_recv_fd(line, DESCRIPTOR);
}

/* Returns the pid, or -1. */
static pid_t begin(char errand)
{
  int fds[3], are_there = 1, i;
  pid_t pid = -1;
  for (i = 0; i < 3; i++) {
    fds[i] = receive();
    are_there = are_there && fds[i] > 2 && coe(fds[i]) >= 0;
  }
  if (are_there && errand >= 0 && errand < QQ_ERRANDS) pid = fork();
  if (!pid) become((qq_errand)errand, fds);
  for (i = 0; i < 3; i++) if (fds[i] >= 0) fd_close(fds[i]);
  return pid;
}

/* Returns when nobody is there any more who could say something. */
static void serve(void)
{
  pid_t pid = -1;
  char c;
  while (fd_read(line, &c, 1) == 1) {
    if (c == INTERRUPT) {
      if (pid > 0) kill(pid, SIGINT);
    }
    else if (c == FINISH) {
      int const code = pid > 0 ? qq_child_wait(pid) : -1;
      pid = -1;
      if (allwrite(line, (char const *)&code, sizeof code) < sizeof code) return;
    }
    else pid = begin(c);
  }
}

/* What the terminal sends does not reach it, nor can what it runs read or write there. */
static void be_the_hand(void)
{
  int const nothing = open("/dev/null", O_RDWR);
  int fd;
  setsid();
  for (fd = 0; fd < 3; fd++)
    if (nothing < 0 || dup2(nothing, fd) < 0) _exit(QQ_EXIT_TROUBLE);
  serve();
  _exit(0);
}

void qq_hand_start(void)
{
  int ends[2];
  pid_t pid;
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0 || coe(ends[0]) < 0 || coe(ends[1]) < 0)
    qq_die_unable("%s", _("unable to make a socket"));
  pid = fork();
  if (pid < 0) qq_die_unable("%s", _("unable to fork"));
  line = ends[!pid];
  fd_close(ends[!!pid]);
  if (!pid) be_the_hand();
}

/* ---- who tells it ---- */

static int tell(char c)
{
  return fd_write(line, &c, 1) == 1 ? 1 : -1;
}

int qq_hand_begin(qq_errand e, int const fds[3])
{
  int i;
  if (tell((char)e) < 0) return -1;
  for (i = 0; i < 3; i++) if (ancil_send_fd(line, fds[i], DESCRIPTOR) < 0) return -1;
  return 1;
}

int qq_hand_interrupt(void)
{
  return tell(INTERRUPT);
}

int qq_hand_finish(void)
{
  int code;
  errno = EPIPE;
  if (tell(FINISH) < 0 || allread(line, (char *)&code, sizeof code) < sizeof code) return -1;
  return code;
}
