#include <pthread.h>
#include <unistd.h>
#include <skalibs/allreadwrite.h>
#include <qq/diagnostic.h>
#include <qq/options.h>
#include <qq/os.h>
#include <qq/output.h>
#include <qq/text.h>
#include <qq/when.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int shown;

int qq_progress_wanted(void)
{
  static int want = -1;
  int const said = qq_shared_options->progress;
  if (want < 0) want = said >= 0 ? said : isatty(2);
  return want;
}

/* Cut to the terminal's width: a line that goes on in the next one would not be overwritten. */
static void show(stralloc const *text)
{
  unsigned int const columns = qq_os_columns(2);
  stralloc out = STRALLOC_ZERO, line = STRALLOC_ZERO;
  qq_must_fmt(&line, "%s: %.*s", qq_program_in_charge()->name, (int)text->len, text->s);
  qq_must_fmt(&out, "\r");
  if (columns > 1 && qq_cells(line.s, line.len) >= columns)
    qq_cell(&out, line.s, line.len, columns - 1);
  else qq_must_fmt(&out, "%.*s", (int)line.len, line.s);
  qq_must_fmt(&out, "\033[K");
  pthread_mutex_lock(&mutex);
  allwrite(2, out.s, out.len);
  shown = 1;
  pthread_mutex_unlock(&mutex);
  stralloc_free(&out);
  stralloc_free(&line);
}

/* Says whether the work has lasted a second, and the line has stood for a fifth of one. */
static int is_time(void)
{
  static uint64_t next;
  uint64_t now;
  if (!qq_progress_wanted()) return 0;
  now = qq_now();
  if (!next) next = now + QQ_SECOND;
  if (now < next) return 0;
  next = now + QQ_SECOND / 5;
  return 1;
}

void qq_progress(uint64_t done, uint64_t all, uint64_t messages)
{
  unsigned int const percent = all ? (unsigned int)(done * 100 / all) : 100;
  qq_progress_text(ngettext("%llu message, %u%%", "%llu messages, %u%%", (unsigned long)messages),
    (unsigned long long)messages, percent);
}

void qq_progress_text(char const *format, ...)
{
  stralloc text = STRALLOC_ZERO;
  va_list args;
  if (!is_time()) return;
  va_start(args, format);
  if (qq_vfmt(&text, format, args)) show(&text);
  va_end(args);
  stralloc_free(&text);
}

void qq_progress_hide(void)
{
  pthread_mutex_lock(&mutex);
  if (shown) allwrite(2, "\r\033[K", 4);
  shown = 0;
  pthread_mutex_unlock(&mutex);
}
