#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <skalibs/allreadwrite.h>
#include <qq/diagnostic.h>
#include <qq/options.h>
#include <qq/text.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int troubled;

/* Where the line that is to be said cannot be made. */
static void say_out_of_memory(char const *kind)
{
  char s[128];
  int const n = snprintf(s, sizeof s, "%s: %s: %s\n", qq_program_in_charge()->name,
    kind ? kind : "warning", _("out of memory"));
  if (n > 0) allwrite(2, s, strlen(s));
}

/* One write(2) for the line, so that the lines of several programs in a pipeline do not mix. */
static void line(char const *kind, char const *format, va_list args) QQ_PRINTF(2, 0);
static void line(char const *kind, char const *format, va_list args)
{
  stralloc text = STRALLOC_ZERO, out = STRALLOC_ZERO;
  qq_program const *program = qq_program_in_charge();
  if (qq_vfmt(&text, format, args) && (!kind || qq_fmt(&out, "%s: %s: ", program->name, kind))
    && qq_safe(&out, text.s, text.len) && stralloc_append(&out, '\n')) {
    qq_progress_hide();
    allwrite(2, out.s, out.len);        /* nobody is left to tell if this fails */
  }
  else say_out_of_memory(kind);
  stralloc_free(&text);
  stralloc_free(&out);
}

void qq_note(char const *format, ...)
{
  va_list args;
  va_start(args, format);
  line(0, format, args);
  va_end(args);
}

void qq_warn(char const *format, ...)
{
  va_list args;
  va_start(args, format);
  line("warning", format, args);
  va_end(args);
}

void qq_trouble(char const *format, ...)
{
  va_list args;
  pthread_mutex_lock(&mutex);
  troubled = 1;
  pthread_mutex_unlock(&mutex);
  va_start(args, format);
  line("warning", format, args);
  va_end(args);
}

int qq_has_trouble(void)
{
  int is;
  pthread_mutex_lock(&mutex);
  is = troubled;
  pthread_mutex_unlock(&mutex);
  return is;
}

/* exit(3) is for one thread: the first that has something to die of. */
static void be_the_last(void)
{
  static pthread_mutex_t last = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&last);
}

void qq_die(int code, char const *format, ...)
{
  va_list args;
  be_the_last();
  va_start(args, format);
  line("fatal", format, args);
  va_end(args);
  exit(code);
}

void qq_die_usage(char const *format, ...)
{
  qq_program const *program = qq_program_in_charge();
  va_list args;
  va_start(args, format);
  line("fatal", format, args);
  va_end(args);
  qq_note(_("usage: %s [OPTION ...]%s%s (%s --help lists the options)"),
    program->name, *program->operands ? " " : "", program->operands, program->name);
  exit(QQ_EXIT_USAGE);
}

int qq_exit_code_of(int e)
{
  return e == ENOENT || e == ENOTDIR || e == EISDIR || e == EINVAL || e == ELOOP
    ? QQ_EXIT_USAGE : QQ_EXIT_TROUBLE;
}

/* Out of memory there may be no text. */
static void die_why(int code, stralloc const *why)
{
  if (!why->len) qq_die(code, "%s", strerror(errno));
  qq_die(code, "%.*s", (int)why->len, why->s);
}

void qq_demand(int r, stralloc const *why)
{
  if (r < 0) die_why(qq_exit_code_of(errno), why);
}

void qq_demand_done(int r, stralloc const *why)
{
  if (r < 0) die_why(QQ_EXIT_TROUBLE, why);
}

void qq_die_unable(char const *format, ...)
{
  stralloc text = STRALLOC_ZERO;
  va_list args;
  va_start(args, format);
  qq_vunable(&text, format, args);
  va_end(args);
  qq_die(QQ_EXIT_TROUBLE, "%.*s", (int)text.len, text.s);
}

void qq_die_memory(void)
{
  qq_die(QQ_EXIT_TROUBLE, "%s", _("out of memory"));
}

void qq_must_fmt(stralloc *out, char const *format, ...)
{
  va_list args;
  int good;
  va_start(args, format);
  good = qq_vfmt(out, format, args);
  va_end(args);
  qq_demand_memory(good);
}

void qq_exit(int code)
{
  qq_input_look_again();
  qq_progress_hide();
  exit(troubled && (code == 0 || code == QQ_EXIT_NONE) ? QQ_EXIT_TROUBLE : code);
}
