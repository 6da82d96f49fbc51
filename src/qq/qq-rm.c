/* Removes messages from the queue. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <qq/change.h>
#include <qq/diagnostic.h>
#include <qq/names.h>
#include <qq/queue.h>
#include <qq/remove.h>
#include <qq/when.h>
#include "batch.h"

static qq_change change;
static genalloc channel_names = GENALLOC_ZERO;  /* of char const * */
static qq_patterns to = QQ_PATTERNS_ZERO;
static uint64_t seconds;
static int flush, waits;

static void take_pattern(qq_option const *o, char const *value)
{
  stralloc why = STRALLOC_ZERO;
  if (qq_patterns_add(&to, value, strlen(value), &why) < 0)
    qq_die_usage(_("option --%s: %.*s"), o->name, (int)why.len, why.s);
  stralloc_free(&why);
}

/* What --local, --remote and --channel mean. */
static void take_channel(qq_option const *o, char const *value)
{
  char const *name = value ? value : o->name;
  if (!genalloc_append(char const *, &channel_names, &name)) qq_die_memory();
}

static void take_wait(qq_option const *o, char const *value)
{
  waits = 1;
  seconds = qq_number_value(o, value);
}

static qq_option const options[] = {
  { 0, QQ_NAME_LOCAL, 0, N_("only the local recipients"), QQ_CALLS(take_channel, 0) },
  { 0, QQ_NAME_REMOTE, 0, N_("only the remote recipients"), QQ_CALLS(take_channel, 0) },
  { 0, "channel", "NAME", N_("only the recipients of channel NAME"), QQ_CALLS(take_channel, 0) },
  { 0, "to", "PAT", N_("only recipients with PAT in their address, without case"),
    QQ_CALLS(take_pattern, 0) },
  { 0, "dry-run", 0, N_("say what would be done, change nothing"), QQ_SETS(change.dry_run) },
  { 0, "wait", "SECONDS", N_("wait until the messages are off the disk, for SECONDS at most"),
    QQ_CALLS(take_wait, 0) },
  { 0, "flush", 0, N_("have qmail-send try everything now, so that it ends them at once"),
    QQ_SETS(flush) },
  QQ_OPTIONS_CHANGE(change),
  QQ_OPTIONS_JOBS,
  QQ_OPTIONS_QUEUE,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qq-rm", "[ID ...]", N_("Remove messages from the queue; the ids are operands, or come from standard input."), options,
  N_("0 nothing that was named will be delivered any more; 100 wrong use or input, nothing done; 111 trouble, and what it was.")
};

static unsigned char const shown[] = {
  QQ_OUTCOME_REMOVED, QQ_OUTCOME_SILENCED, QQ_OUTCOME_GONE, QQ_OUTCOME_UNFINISHED, QQ_OUTCOME_FAILED, QQ_OUTCOMES
};

/* Longer than anybody waits. */
#define FOREVER UINT64_C(1000000000)

static unsigned char *channels;                 /* one for each; null: all */
static int some_recipients;
static unsigned char *dropped;                  /* one for each id: some of its recipients were marked */
static uint64_t *stamps;                        /* of silenced messages, if they will be waited for */

/* ---- what would come of it, as far as looking can tell ---- */

static qq_outcome foresee(void *p, qq_pin *pin, stralloc *why)
{
  (void)p;
  (void)why;
  if (pin->state == QQ_STATE_WRITING || (change.changing.way == QQ_ONLINE && pin->state == QQ_STATE_REMAINS)) return QQ_OUTCOME_GONE;
  if (change.changing.way == QQ_ONLINE || some_recipients) return channels && pin->state == QQ_STATE_NEW ? QQ_OUTCOME_WAITING : QQ_OUTCOME_SILENCED;
  return QQ_OUTCOME_REMOVED;
}

static void foresee_all(void)
{
  qq_change_probe(&change);
  qq_change_each(&change, foresee, 0, 0, 0, _("is not preprocessed yet, so that its recipients have no channel"));
}

/* ---- some recipients ---- */

/* A message that is asked about again has had recipients marked before, perhaps all of them. */
static qq_outcome drop(void *p, qq_pin *pin, stralloc *why)
{
  unsigned char *had_some = &dropped[pin->number];
  uint64_t marked = 0;
  qq_outcome const outcome = qq_drop_recipients(pin, p, &marked, why);
  if (marked) *had_some = 1;
  return outcome == QQ_OUTCOME_GONE && *had_some ? QQ_OUTCOME_SILENCED : outcome;
}

static void drop_all(void)
{
  qq_matcher matcher;
  qq_meant meant;
  memset(&matcher, 0, sizeof matcher);
  matcher.patterns = &to;
  dropped = calloc(genalloc_len(qq_id, &change.reading.ids), 1);
  if (!dropped) qq_die_memory();
  meant.is_online = change.changing.way == QQ_ONLINE;
  meant.channels = channels;
  meant.matcher = qq_patterns_count(&to) ? &matcher : 0;
  change.may_be_under_way = change.changing.way == QQ_ONLINE;
  qq_change_each(&change, drop, &meant, QQ_CHANGE_PAUSE, QQ_CHANGE_TRIES,
    _("is not preprocessed yet, so that its recipients have no channel: let qmail-send run and try again"));
}

/* ---- whole messages, while qmail-send is stopped ---- */

static qq_outcome remove_one(void *p, qq_pin *pin, stralloc *why)
{
  return qq_remove_message(pin, p, why);
}

static void remove_all(void)
{
  qq_queue const *q = &change.reading.queue;
  genalloc bounces = GENALLOC_ZERO;     /* of uint64_t */
  if (qq_tree_numbers(&bounces, q, QQ_BOUNCE) < 0)
    qq_die(QQ_EXIT_TROUBLE, _("unable to read %s/%s: %s"), q->path, q->trees[QQ_BOUNCE], strerror(errno));
  /* unlinking waits for the file system's journal: more threads take longer, if nobody asks for
     them */
  change.jobs = qq_shared_options->jobs ? qq_walk_jobs(q, qq_shared_options->jobs) : 1;
  change.gone = qq_remove_leavings;
  qq_change_each(&change, remove_one, &bounces, 0, 0, "");
  genalloc_free(uint64_t, &bounces);
}

/* ---- whole messages, while qmail-send runs ---- */

static void silence_all(void)
{
  qq_silence s;
  s.queue = &change.reading.queue;
  s.ids = genalloc_s(qq_id, &change.reading.ids);
  s.count = genalloc_len(qq_id, &change.reading.ids);
  s.outcomes = change.outcomes;
  s.stamps = stamps;
  s.trouble = qq_change_trouble;
  s.progress = qq_progress;
  if (qq_silence_run(&s) < 0) qq_die_memory();
  qq_progress_hide();
}

/* Whether the message that had the stamp is off the disk. */
static int has_ended(qq_shard *shard, uint64_t id, uint64_t stamp)
{
  struct stat st;
  return qq_shard_stat(shard, QQ_MESS, id, &st) < 0 ? errno == ENOENT : qq_stamp(&st) != stamp;
}

/* Waits for the silenced messages. They end in any order; each is looked at until it has. */
static void wait_for_all(void)
{
  static struct timespec const pause = { 0, 50000000 };
  qq_id const *ids = genalloc_s(qq_id, &change.reading.ids);
  uint64_t const end = qq_now() + (seconds < FOREVER ? seconds : FOREVER) * QQ_SECOND;
  qq_shard shard;
  uint64_t left;
  qq_by_directory each;
  size_t i;
  if (qq_shard_init(&shard, &change.reading.queue) < 0) qq_die_memory();
  qq_by_directory_begin(&each, &change.reading.queue, ids, genalloc_len(qq_id, &change.reading.ids));
  while (qq_by_directory_next(&each, &i)) {
    int ended = change.outcomes[i] != QQ_OUTCOME_SILENCED;
    while (!ended && !(ended = has_ended(&shard, ids[i].id, stamps[i])) && qq_now() < end) nanosleep(&pause, 0);
    if (ended && change.outcomes[i] == QQ_OUTCOME_SILENCED) change.outcomes[i] = QQ_OUTCOME_REMOVED;
  }
  qq_shard_free(&shard);
  left = qq_change_count(&change, QQ_OUTCOME_SILENCED);
  if (left) qq_trouble(ngettext("%llu message is silenced, but still on the disk after %llu s",
    "%llu messages are silenced, but still on the disk after %llu s", (unsigned long)left), (unsigned long long)left, (unsigned long long)seconds);
}

/* The channels meant by --local, --remote and --channel. */
static void choose_channel(qq_queue const *q, char const *name)
{
  if (!channels) channels = calloc(q->channels, 1);
  if (!channels) qq_die_memory();
  channels[qq_reading_channel(q, name)] = 1;
}

static void do_all(void)
{
  size_t const count = genalloc_len(qq_id, &change.reading.ids);
  qq_change_begin(&change);
  if (waits && change.changing.way == QQ_ONLINE) {
    stamps = malloc(count * sizeof *stamps);
    if (!stamps) qq_die_memory();
  }
  if (some_recipients) drop_all();
  else if (change.changing.way == QQ_OFFLINE) remove_all();
  else silence_all();
  qq_change_end(&change);
  if (flush) qq_change_flush(&change, QQ_OUTCOME_SILENCED);
  if (stamps) wait_for_all();
}

int main(int argc, char *const *argv)
{
  size_t i;
  qq_start(&program, argc, argv);
  some_recipients = genalloc_len(char const *, &channel_names) || qq_patterns_count(&to);
  if (some_recipients && waits)
    qq_die_usage("%s", _("option --wait waits for whole messages: it excludes --local, --remote, "
      "--channel and --to"));
  if (qq_patterns_ready(&to) < 0) qq_die_memory();
  qq_change_start(&change);
  for (i = 0; i < genalloc_len(char const *, &channel_names); i++)
    choose_channel(&change.reading.queue, genalloc_s(char const *, &channel_names)[i]);
  if (genalloc_len(qq_id, &change.reading.ids)) {
    if (change.dry_run) foresee_all();
    else do_all();
  }
  qq_change_report(&change, shown);
  qq_exit(qq_change_exit_code(&change));
}
