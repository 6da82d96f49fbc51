#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>
#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include "pick.h"

/* What is kept of standard error, and taken at a time. */
#define SAID_MAX 65536
#define CHUNK 65536

enum { INPUT, OUTPUT, ERRORS };

/* The ends of the three pipes, -1 when they are closed. */
typedef struct ends { int ours[3], theirs[3]; } ends;

static int make_pipes(ends *e)
{
  int i;
  for (i = 0; i < 3; i++) e->ours[i] = e->theirs[i] = -1;
  for (i = 0; i < 3; i++) {
    int p[2];
    if (pipecoe(p) < 0) return -1;
    e->ours[i] = p[i == INPUT];
    e->theirs[i] = p[i != INPUT];
  }
  return ndelay_on(e->ours[INPUT]) < 0 ? -1 : 1;
}

static void shut(int *fd)
{
  if (*fd >= 0) fd_close(*fd);
  *fd = -1;
}

/* SIGPIPE is ignored: who ends without reading all its ids has a reason, and says it. */
static void feed(int *fd, qq_piece *input)
{
  ssize_t const n = input->n ? fd_write(*fd, input->s, input->n) : 0;
  if (n > 0) qq_piece_skip(input, (size_t)n);
  if (!input->n || (n < 0 && errno != EAGAIN)) shut(fd);
}

static int keep_said(void *said, char const *s, size_t n)
{
  return qq_append_up_to(said, s, n, SAID_MAX);
}

static void drain(int *fd, int (*take)(void *, char const *, size_t), void *data)
{
  static char s[CHUNK];
  ssize_t const n = fd_read(*fd, s, sizeof s);
  if (n <= 0 || !take(data, s, (size_t)n)) shut(fd);
}

static void interrupt(qq_talk const *t)
{
  if (!qq_screen_is_interrupted()) return;
  if (t->errand <= QQ_ERRAND_LIST_SOME) qq_screen_abandon();
  qq_hand_interrupt();
}

static void converse(qq_talk *t, int fds[3])
{
  qq_piece input = t->input;
  while (fds[OUTPUT] >= 0 || fds[ERRORS] >= 0) {
    struct pollfd p[4] = {
      { fds[INPUT], POLLOUT, 0 }, { fds[OUTPUT], POLLIN, 0 }, { fds[ERRORS], POLLIN, 0 },
      { qq_screen_signals(), POLLIN, 0 }
    };
    if (poll(p, 4, -1) < 0) {
      if (errno == EINTR) continue;
      return;
    }
    if (p[3].revents) interrupt(t);
    if (p[INPUT].revents) feed(&fds[INPUT], &input);
    if (p[OUTPUT].revents) drain(&fds[OUTPUT], t->take, t->data);
    if (p[ERRORS].revents) drain(&fds[ERRORS], keep_said, &t->said);
  }
}

int qq_talk_run(qq_talk *t)
{
  ends e;
  int const is_begun = make_pipes(&e) > 0 && qq_hand_begin(t->errand, e.theirs) > 0;
  int i;
  for (i = 0; i < 3; i++) shut(&e.theirs[i]);
  if (is_begun) converse(t, e.ours);
  for (i = 0; i < 3; i++) shut(&e.ours[i]);
  return is_begun ? qq_hand_finish() : -1;
}
