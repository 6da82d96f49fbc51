/* The one file that knows curses. Its header comes last: it has macros of common words. */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <skalibs/selfpipe.h>
#include <qq/diagnostic.h>
#include <qq/os.h>
#include <qq/output.h>
#include "pick.h"
#include <curses.h>

/* Milliseconds in which what follows an Escape belongs to it. */
#define ESCAPE_DELAY 25

static int tty, signals, has_changed;   /* the terminal, in size or in what it shows */

int qq_screen_find(void)
{
  int const fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  if (fd < 0) qq_die(QQ_EXIT_USAGE, "%s", _("there is no terminal to show messages on"));
  return fd;
}

static void catch_signals(void)
{
  static int const caught[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGTSTP, SIGWINCH };
  size_t i;
  signals = selfpipe_init();
  for (i = 0; i < sizeof caught / sizeof *caught; i++)
    if (signals < 0 || selfpipe_trap(caught[i]) < 0)
      qq_die_unable("%s", _("unable to wait for signals"));
  signal(SIGPIPE, SIG_IGN);
}

static void take_size(void)
{
  unsigned int rows, columns;
  if (qq_os_terminal_size(tty, &rows, &columns) && rows && columns
    && ((int)rows != LINES || (int)columns != COLS)) resizeterm((int)rows, (int)columns);
}

void qq_screen_leave(void)
{
  if (stdscr && !isendwin()) endwin();
}

void qq_screen_begin(int terminal)
{
  char const *type = getenv("TERM");
  FILE *out = fdopen(terminal, "w"), *in = fdopen(fcntl(terminal, F_DUPFD_CLOEXEC, 0), "r");
  char const *move_cursor;
  tty = terminal;
  if (!out || !in) qq_die_unable("%s", _("unable to open the terminal"));
  if (!type || !newterm(type, out, in))
    qq_die(QQ_EXIT_USAGE, _("the terminal is of the type \"%s\", which nothing is known of: set "
      "TERM"), type ? type : "");
  atexit(qq_screen_leave);
  move_cursor = tigetstr("cup");
  if (!move_cursor || move_cursor == (char *)-1) {
    qq_screen_leave();
    qq_die(QQ_EXIT_USAGE, _("a terminal of the type \"%s\" cannot show a list"), type);
  }
  catch_signals();
  set_escdelay(ESCAPE_DELAY);
  cbreak();
  noecho();
  nonl();
  keypad(stdscr, TRUE);
  nodelay(stdscr, TRUE);
  take_size();
}

void qq_screen_abandon(void)
{
  qq_screen_leave();
  qq_exit(QQ_EXIT_NONE);
}

size_t qq_screen_rows(void)
{
  return (size_t)LINES;
}

size_t qq_screen_columns(void)
{
  return (size_t)COLS;
}

/* ---- signals ---- */

int qq_screen_signals(void)
{
  return signals;
}

/* As whoever stops is used to, and where nobody could let us go on, not at all. */
void qq_screen_stop(void)
{
  sigset_t stop, before;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTSTP);
  qq_screen_leave();
  signal(SIGTSTP, SIG_DFL);
  raise(SIGTSTP);
  sigprocmask(SIG_UNBLOCK, &stop, &before);
  sigprocmask(SIG_SETMASK, &before, 0);
  if (selfpipe_trap(SIGTSTP) < 0) qq_die_unable("%s", _("unable to wait for signals"));
  has_changed = 1;
}

int qq_screen_is_interrupted(void)
{
  int is = 0, s;
  while ((s = selfpipe_read()) > 0) {
    if (s == SIGINT) is = 1;
    else if (s == SIGWINCH) has_changed = 1;
    else if (s == SIGTSTP) qq_screen_stop();
    else qq_screen_abandon();
  }
  return is;
}

/* ---- keys ---- */

static int const keys[][2] = {
  { KEY_UP, QQ_KEY_UP }, { KEY_DOWN, QQ_KEY_DOWN }, { KEY_PPAGE, QQ_KEY_PAGE_UP },
  { KEY_NPAGE, QQ_KEY_PAGE_DOWN }, { KEY_HOME, QQ_KEY_HOME }, { KEY_END, QQ_KEY_END },
  { KEY_BACKSPACE, QQ_KEY_BACKSPACE }, { KEY_ENTER, QQ_KEY_ENTER },
  { KEY_F(5), QQ_KEY_REFRESH }, { KEY_F(1), QQ_KEY_HELP },
  { KEY_RESIZE, QQ_KEY_RESIZED }        /* resizeterm(3) types it */
};

static int function_key(wint_t c)
{
  size_t i;
  for (i = 0; i < sizeof keys / sizeof *keys; i++) if (keys[i][0] == (int)c) return keys[i][1];
  return QQ_KEY_OTHER;
}

static int character(wint_t c)
{
  switch (c) {
    case '\r': return QQ_KEY_ENTER;
    case '\n': case QQ_KEY_CONTROL('n'): return QQ_KEY_DOWN;
    case QQ_KEY_CONTROL('k'): case QQ_KEY_CONTROL('p'): return QQ_KEY_UP;
    case 127: case '\b': return QQ_KEY_BACKSPACE;
    case QQ_KEY_CONTROL('l'): return QQ_KEY_REFRESH;
    default: return (int)c;
  }
}

static int (*work)(void *);
static void *work_data;

void qq_screen_meanwhile(int (*f)(void *), void *data)
{
  work = f;
  work_data = data;
}

static void wait_for_something(void)
{
  struct pollfd p[2] = { { tty, POLLIN, 0 }, { signals, POLLIN, 0 } };
  if (poll(p, 2, work && work(work_data) ? 0 : -1) < 0) {
    if (errno != EINTR) qq_screen_abandon();
    return;
  }
  if (!p[1].revents && p[0].revents & ~POLLIN) qq_screen_abandon();      /* nobody is there */
}

int qq_screen_key(void)
{
  for (;;) {
    wint_t c;
    int r;
    if (qq_screen_is_interrupted()) qq_screen_abandon();
    if (has_changed) {
      has_changed = 0;
      take_size();
      clearok(stdscr, TRUE);
      return QQ_KEY_RESIZED;
    }
    r = get_wch(&c);
    if (r != ERR) return r == KEY_CODE_YES ? function_key(c) : character(c);
    wait_for_something();
  }
}

void qq_screen_forget_keys(void)
{
  flushinp();
}

void qq_screen_forget_signals(void)
{
  int s;
  while ((s = selfpipe_read()) > 0)
    if (s == SIGWINCH) has_changed = 1;
    else if (s == SIGTERM || s == SIGHUP) qq_screen_abandon();
}

/* ---- drawing ---- */

static attr_t const faces[] = { A_NORMAL, A_BOLD, A_REVERSE, A_BOLD | A_REVERSE };

void qq_screen_line(size_t row, qq_face face)
{
  attrset((int)faces[face]);
  mvhline((int)row, 0, ' ' | faces[face], COLS);
}

void qq_screen_put(size_t row, size_t column, char const *s, size_t n)
{
  mvaddnstr((int)row, (int)column, s, (int)n);
}

void qq_screen_text(size_t row, qq_face face, char const *s, size_t n)
{
  static stralloc line = STRALLOC_ZERO;
  line.len = 0;
  qq_cell(&line, s, n, qq_screen_columns());
  qq_screen_line(row, face);
  qq_screen_put(row, 0, line.s, line.len);
}

void qq_screen_draw(size_t row, size_t column)
{
  move((int)row, (int)column);
  refresh();
}
