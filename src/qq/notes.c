#include <pthread.h>
#include <qq/diagnostic.h>
#include <qq/schedule.h>
#include <qq/text.h>
#include <qq/when.h>
#include "show.h"

/* A hold runs out soon when this part of queuelifetime is left: a day, if qmail's own is in force. */
#define SOON 7

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static uint64_t interrupted, ending;

static void count(uint64_t *n)
{
  pthread_mutex_lock(&mutex);
  ++*n;
  pthread_mutex_unlock(&mutex);
}

int qq_notes_interrupted(qq_message *m)
{
  int is, r = qq_message_interrupted(m, &is);
  if (r == 1 && is) count(&interrupted);
  return r;
}

int qq_notes_hold(qq_message *m, uint64_t queuelifetime)
{
  int r;
  if (!m->held || m->is_new) return 1;
  r = qq_message_birth(m);
  if (r == 1 && qq_schedule_end(m->birth, queuelifetime) < qq_now() + queuelifetime / SOON * QQ_SECOND) count(&ending);
  return r;
}

void qq_notes_warn(void)
{
  if (interrupted)
    qq_warn(ngettext("%llu removal was interrupted: qq-grep --interrupted finds it, qq-rm finishes it",
      "%llu removals were interrupted: qq-grep --interrupted finds them, qq-rm finishes them", (unsigned long)interrupted),
      (unsigned long long)interrupted);
  if (ending)
    qq_warn(ngettext("%llu hold runs out soon, and the message would bounce: `qq-grep --held | qq-hold' renews it",
      "%llu holds run out soon, and the messages would bounce: `qq-grep --held | qq-hold' renews them", (unsigned long)ending),
      (unsigned long long)ending);
}
