/* Mail from the future: what was queued, or preprocessed, while the clock was ahead. */

#include <errno.h>
#include <sys/stat.h>
#include <qq/schedule.h>
#include <qq/when.h>

/* Clocks that differ by less are put right every day, and harm nobody. */
#define TOLERANCE (60 * QQ_SECOND)

int qq_is_to_come(uint64_t moment)
{
  return moment > qq_now() + TOLERANCE;
}

int qq_future_is(qq_pin const *pin)
{
  uint64_t birth;
  if (qq_is_to_come(pin->stamp)) return 1;
  if (pin->state != QQ_STATE_PREPROCESSED) return 0;
  if (qq_birth_get(pin->shard, pin->id, &birth) < 0) return errno == ENOENT ? 0 : -1;
  return qq_is_to_come(birth);
}

/* What a qmail-send that was stopped wrote down (qmail-send.c:pqfinish) is as far ahead. */
static int end_waits(qq_pin const *pin)
{
  unsigned int c;
  int r = 1;
  for (c = 0; r >= 0 && c < pin->shard->queue->channels; c++) {
    uint64_t due;
    r = qq_schedule_due(pin->shard, pin->id, c, 0, 0, &due);
    if (r > 0 && due > qq_now()) r = qq_schedule_set_due(pin->shard, pin->id, c, qq_now());
  }
  return r < 0 ? -1 : 1;
}

int qq_future_end(qq_pin *pin, int is_online)
{
  static struct timespec const times[2] = { { 0, UTIME_OMIT }, { 0, UTIME_NOW } };
  uint64_t birth;
  if (pin->state == QQ_STATE_PREPROCESSED) {
    if (qq_birth_get(pin->shard, pin->id, &birth) < 0) return -1;
    if (birth > qq_now() && qq_birth_set(pin->shard, pin->id, qq_now()) < 0) return -1;
    if (!is_online && end_waits(pin) < 0) return -1;
  }
  /* the last, because with another stamp it has another token */
  return pin->stamp <= qq_now() || !futimens(pin->fd, times) ? 1 : -1;
}
