/* deliveries.c - what qmail-lspawn and qmail-rspawn do, as waits and drawn results. */

#include "model.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct delivery {
  job *j;                               /* null: a free slot */
  unsigned long number;
  off_t at;                             /* of the record */
  int64_t when;                         /* something happens to it then */
  char result;                          /* 0: the spawn does not have it yet */
  text to;                              /* with its NUL */
} delivery;

static delivery *deliveries;            /* set.concurrency for each channel */
static unsigned long last_number, busy[CHANNELS_MAX];
static int is_lost[CHANNELS_MAX];       /* its spawn is gone */

void make_slots(void)
{
  if (!(deliveries = calloc(channels * set.concurrency, sizeof *deliveries))) die("memory");
}

int has_free_slot(unsigned c) { return busy[c] < set.concurrency && !is_lost[c]; }

int any_delivery(void)
{
  for (unsigned c = 0; c < channels; c++) if (busy[c] && !is_lost[c]) return 1;
  return 0;
}

void say_status(void)
{
  char line[CHANNELS_MAX * 64];
  int n = 0;
  for (unsigned c = 0; c < channels; c++)
    n += sprintf(line + n, " %s %lu/%lu", channel[c], busy[c], set.concurrency);
  say("status:%s%s", line, told_to_stop ? " exitasap" : "");
}

void start_delivery(job *j, off_t at, text const *record)
{
  delivery *d = &deliveries[j->channel * set.concurrency];
  while (d->j) d++;
  int64_t when = now + (int64_t)below(3000 + 1000 * set.linger); /* the spawn is not at once */
  *d = (delivery){ .j = j, .number = ++last_number, .at = at, .when = when, .to = d->to };
  d->to.len = 0;
  add(&d->to, record->s + 1, record->len - 1);
  j->users++;
  busy[j->channel]++;
  say("starting delivery %lu: msg %" PRIu64 " to %s %s", d->number, j->id, channel[j->channel],
      shown(d->to.s));
  say_status();
}

static void mark_done(delivery const *d)
{
  char const *file = path(channel[d->j->channel], d->j->id);
  int fd = open_file(file, O_WRONLY, 0);
  if (fd >= 0) pause_maybe();
  if (fd < 0 || lseek(fd, d->at, SEEK_SET) != d->at || write(fd, "D", 1) != 1)
    trouble("warning: trouble marking %s, its recipient will have the message again", file);
  if (fd >= 0) close(fd);
}

static void add_failure(delivery const *d, char const *what)
{
  text t = { 0, 0, 0 };
  int fd = open_file(path("bounce", d->j->id), O_WRONLY | O_APPEND | O_CREAT, 0600);
  add(&t, "<", 1);
  add(&t, d->to.s, d->to.len - 1);
  add(&t, ">:\n", 3);
  add(&t, what, strlen(what));
  add(&t, "\n\n", 2);
  if (fd < 0 || put(fd, &t) < 0) trouble("alert: unable to append to %s", path("bounce", d->j->id));
  if (fd >= 0) close(fd);
  free(t.s);
}

static void end_delivery(delivery *d, char result, char const *what)
{
  job *j = d->j;
  if (result == 'Z' && j->dying) result = 'D';
  say("delivery %lu: %s: %s/", d->number,
      result == 'K'       ? "success"
          : result == 'Z' ? "deferral"
                          : "failure",
      shown(what));
  if (result != 'Z') rest(1000 * set.slow_marks);       /* whoever takes the log may be slow */
  if (result == 'D') add_failure(d, what);
  if (result != 'Z') {
    mark_done(d);
    j->waiting--;
  }
  leave_job(j);
  d->j = 0;
  busy[j->channel]--;
  say_status();
}

static int begins(char const **s, char const *word)
{
  size_t n = strlen(word);
  return !strncmp(*s, word, n) && (*s += n, 1);
}

static char result_for(char const *to)
{
  unsigned long chance = below(100);
  if (begins(&to, "good")) return 'K';
  if (begins(&to, "defer")) return 'Z';
  if (begins(&to, "fail")) return 'D';
  return chance < set.good ? 'K' : chance < set.good + set.fail ? 'D' : 'Z';
}

/* Nobody will ever know what became of its deliveries. The spawn of remote has all other channels
   too. */
static void lose(unsigned c)
{
  if (is_lost[c]) return;
  told_to_stop = 1;
  for (unsigned i = c; i < (c ? channels : 1); i++) is_lost[i] = 1;
  trouble("alert: oh no! lost spawn connection! dying...");
}


/* What both spawns do: look at the file in mess/, and refuse one that is not qmailq's. */
static void spawn(delivery *d)
{
  char const *to = d->to.s;
  struct stat st;
  pause_maybe();
  int64_t began = clock_now();
  if (stat(path("mess", d->j->id), &st) < 0) {
    trouble("warning: delivery %lu: unable to open %s", d->number, path("mess", d->j->id));
    end_delivery(d, 'Z', "no such message (#4.3.0)");
  } else if (!S_ISREG(st.st_mode) || st.st_uid != qmailq)
    end_delivery(d, 'Z', "the message belongs to somebody else (#4.3.5)");
  else {
    say_at(began, "start delivery %lu: msg %" PRIu64 " stamp %" PRIu64 " to %s %s from <%s>",
        d->number, d->j->id, stamp_of(&st), channel[d->j->channel], shown(to),
        shown(d->j->sender.s + 1));
    int is_slow = begins(&to, "slow");
    int64_t t = (int64_t)below(1000 * set.delivery) * (is_slow ? 20 : 1);
    d->when = set.processes ? INT64_MAX : clock_now() + t;
    d->result = result_for(to);
    if (set.processes
        && !tell_spawn(d->j->channel, (unsigned)(d - deliveries), t, is_slow, d->j->id, d->to.s))
      lose(d->j->channel);
  }
}

static char const *text_for(char result)
{
  return result == 'K' ? "taken (#2.0.0)"
      : result == 'Z'  ? "not now (#4.0.0)"
                       : "not here (#5.1.1)";
}

void hear_of_deliveries(unsigned c)
{
  unsigned slot;
  int crashed;
  wake = now;
  if (!hear_spawn(c, &slot, &crashed)) { lose(c); return; }
  delivery *d = &deliveries[slot];
  if (crashed)
    end_delivery(d, 'Z', d->j->channel ? "qmail-remote crashed." : "qmail-local crashed.");
  else end_delivery(d, d->result, text_for(d->result));
}

void work_deliveries(void)
{
  for (delivery *d = deliveries; d < deliveries + channels * set.concurrency; d++) {
    if (!d->j || is_lost[d->j->channel] || !is_due(d->when)) continue;
    if (!d->result) spawn(d);
    else end_delivery(d, d->result, text_for(d->result));
    wake = now;
  }
}
