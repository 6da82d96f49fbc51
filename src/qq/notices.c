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
static unsigned long interrupted, ending, future, claims;

static void count(unsigned long *n, unsigned long more)
{
  pthread_mutex_lock(&mutex);
  *n += more;
  pthread_mutex_unlock(&mutex);
}

int qq_notice_interruption(qq_message *m)
{
  int is, r = qq_message_interrupted(m, &is);
  if (r == 1 && is) count(&interrupted, 1);
  return r;
}

int qq_notice_future(qq_message *m)
{
  int is, r = qq_message_future(m, &is);
  if (r == 1 && is) count(&future, 1);
  return r;
}

int qq_notice_hold(qq_message *m, uint64_t queuelifetime)
{
  uint64_t const soon = qq_now() + queuelifetime / SOON * QQ_SECOND;
  int r;
  if (!m->held || m->is_new) return 1;
  r = qq_message_birth(m);
  if (r == 1 && qq_schedule_end(m->birth, queuelifetime) < soon) count(&ending, 1);
  return r;
}

void qq_notice_claims(unsigned long n)
{
  count(&claims, n);
}

void qq_notices_warn(void)
{
  if (claims)
    qq_warn(ngettext("%lu message only claims who sent it, and is not believed: see `Who sent it' "
      "in qq-grep(8)", "%lu messages only claim who sent them, and are not believed: see `Who sent "
      "it' in qq-grep(8)", claims), claims);
  if (interrupted)
    qq_warn(ngettext("%lu removal was interrupted: qq-grep --interrupted finds it, qq-rm finishes "
      "it", "%lu removals were interrupted: qq-grep --interrupted finds them, qq-rm finishes them",
      interrupted), interrupted);
  if (future)
    qq_warn(ngettext("%lu message is from the future, and is not tried before then: `qq-grep "
      "--future | qq-release --flush' puts that right", "%lu messages are from the future, and are "
      "not tried before then: `qq-grep --future | qq-release --flush' puts that right", future),
      future);
  if (ending)
    qq_warn(ngettext("%lu hold runs out soon, and the message would bounce: `qq-grep --held | "
      "qq-hold' renews it", "%lu holds run out soon, and the messages would bounce: `qq-grep "
      "--held | qq-hold' renews them", ending), ending);
}
