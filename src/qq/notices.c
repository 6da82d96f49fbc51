#include <pthread.h>
#include <qq/diagnostic.h>
#include <qq/schedule.h>
#include <qq/text.h>
#include <qq/when.h>
#include "show.h"

/* A hold runs out soon when this part of queuelifetime is left: a day, if qmail's own is in
   force. */
#define SOON 7

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static unsigned long interrupted, ending;

static void count(unsigned long *n)
{
  pthread_mutex_lock(&mutex);
  ++*n;
  pthread_mutex_unlock(&mutex);
}

int qq_notice_interruption(qq_message *m)
{
  int is, r = qq_message_interrupted(m, &is);
  if (r == 1 && is) count(&interrupted);
  return r;
}

int qq_notice_hold(qq_message *m, uint64_t queuelifetime)
{
  uint64_t const soon = qq_now() + queuelifetime / SOON * QQ_SECOND;
  int r;
  if (!m->held || m->is_new) return 1;
  r = qq_message_birth(m);
  if (r == 1 && qq_schedule_end(m->birth, queuelifetime) < soon) count(&ending);
  return r;
}

void qq_notices_warn(void)
{
  if (interrupted)
    qq_warn(ngettext("%lu removal was interrupted: qq-grep --interrupted finds it, qq-rm finishes "
      "it", "%lu removals were interrupted: qq-grep --interrupted finds them, qq-rm finishes them",
      interrupted), interrupted);
  if (ending)
    qq_warn(ngettext("%lu hold runs out soon, and the message would bounce: `qq-grep --held | "
      "qq-hold' renews it", "%lu holds run out soon, and the messages would bounce: `qq-grep "
      "--held | qq-hold' renews them", ending), ending);
}
