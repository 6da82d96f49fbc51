#include <pthread.h>
#include <unistd.h>
#include <skalibs/allreadwrite.h>
#include <qq/gettext.h>
#include <qq/options.h>
#include <qq/progress.h>
#include <qq/say.h>
#include <qq/when.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int shown;

static int wanted(void)
{
  int const said = qq_shared_options->progress;
  return said >= 0 ? said : isatty(2);
}

static void show(uint64_t done, uint64_t all, uint64_t messages)
{
  stralloc out = STRALLOC_ZERO;
  unsigned int const percent = all ? (unsigned int)(done * 100 / all) : 100;
  if (qq_say(&out, "\r%s: ", qq_program_in_charge()->name)
    && qq_say(&out, _("%llu messages, %u%%"), (unsigned long long)messages, percent)
    && stralloc_catb(&out, "\033[K", 3)) {
    pthread_mutex_lock(&mutex);
    allwrite(2, out.s, out.len);
    shown = 1;
    pthread_mutex_unlock(&mutex);
  }
  stralloc_free(&out);
}

void qq_progress(uint64_t done, uint64_t all, uint64_t messages)
{
  static uint64_t next;
  static int want = -1;
  uint64_t now;
  if (want < 0) want = wanted();
  if (!want) return;
  now = qq_now();
  if (!next) next = now + QQ_SECOND;
  if (now < next) return;
  next = now + QQ_SECOND / 5;
  show(done, all, messages);
}

void qq_progress_hide(void)
{
  pthread_mutex_lock(&mutex);
  if (shown) allwrite(2, "\r\033[K", 4);
  shown = 0;
  pthread_mutex_unlock(&mutex);
}
