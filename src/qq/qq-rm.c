/* Removes messages from the queue. */

#include <errno.h>
#include <stdlib.h>
#include <qq/diagnostic.h>
#include <qq/names.h>
#include <qq/remove.h>
#include <qq/when.h>
#include "batch.h"

static qq_batch batch = { .lock = QQ_QUEUE_LOCK };
static genalloc channel_names = GENALLOC_ZERO;  /* of char const * */
static uint64_t patience;       /* nanoseconds */
static int flush, waits;

/* What --local, --remote and --channel mean. */
static void take_channel(qq_option const *o, char const *value)
{
  char const *name = value ? value : o->name;
  qq_demand_memory(genalloc_append(char const *, &channel_names, &name));
}

static void take_wait(qq_option const *o, char const *value)
{
  waits = 1;
  patience = qq_duration_value(o, value);
}

static qq_option const options[] = {
  { 0, QQ_NAME_LOCAL, 0, N_("only the local recipients"), QQ_CALLS(take_channel, 0) },
  { 0, QQ_NAME_REMOTE, 0, N_("only the remote recipients"), QQ_CALLS(take_channel, 0) },
  { 0, "channel", "NAME", N_("only the recipients of channel NAME"), QQ_CALLS(take_channel, 0) },
  { 0, "to", "PAT", N_("only recipients with PAT in their address, without case"),
    QQ_CALLS(qq_criteria_take, QQ_CRITERION_TO) },
  QQ_OPTIONS_PATTERNS,
  { 0, "wait", "DURATION", N_("how long to wait until the messages are off the disk"),
    QQ_CALLS(take_wait, 0) },
  { 0, "flush", 0, N_("have qmail-send try everything now, so that it ends them at once"),
    QQ_SETS(flush) },
  QQ_OPTIONS_BATCH(batch),
  QQ_OPTIONS_QUEUE,
  QQ_OPTIONS_JOBS,
  QQ_OPTIONS_OF_GREP,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qq-rm", "[ID ...]",
  N_("Remove messages from the queue; the ids are operands, or come from standard input."),
  options,
  N_("0 nothing that was named will be delivered any more; 100 wrong use or input, nothing done; "
    "111 trouble, and what it was.")
};

static unsigned char *channels; /* one for each; null: all */
static int some_recipients, is_online;
static unsigned char *dropped;  /* one for each id: some of its recipients were marked */

/* ---- what would come of it, as far as looking can tell ---- */

static qq_outcome foresee(qq_pin *pin, stralloc *why)
{
  qq_state const state = pin->state;
  (void)why;
  if (state == QQ_STATE_WRITING || (is_online && state == QQ_STATE_REMAINS))
    return QQ_OUTCOME_GONE;
  if (!is_online && !some_recipients) return QQ_OUTCOME_REMOVED;
  return channels && state == QQ_STATE_NEW ? QQ_OUTCOME_WAITING : QQ_OUTCOME_SILENCED;
}

/* What lies where qmail does not look, listed when the first message is gone. */
static genalloc strays = GENALLOC_ZERO;         /* of qq_stray */

static int look_for_remains(qq_files *files, qq_shard *shard, uint64_t id, stralloc *why)
{
  static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  static int is_listed;
  qq_queue const *q = &batch.reading.queue;
  int r = 1;
  pthread_mutex_lock(&mutex);
  if (!is_listed) r = is_listed = qq_strays_find(&strays, q);
  pthread_mutex_unlock(&mutex);
  return r > 0 ? qq_remains_look(files, shard, &strays, id, why)
    : qq_unable(why, _("unable to read the queue %s"), q->path);
}

/* What somebody has left who removed its mess file by hand is removed, too. */
static qq_outcome foresee_remains(qq_shard *shard, qq_id const *id, stralloc *why)
{
  qq_files files = { 0 };
  int const r = is_online || some_recipients ? 0 : look_for_remains(&files, shard, id->id, why);
  qq_files_free(&files);
  return r > 0 ? QQ_OUTCOME_REMOVED : r ? QQ_OUTCOME_FAILED : QQ_OUTCOME_GONE;
}

static void foresee_all(void)
{
  batch.gone = foresee_remains;
  qq_batch_apply(&batch, foresee, 0, 0,
    _("is not preprocessed yet, so that its recipients have no channel"));
}

/* ---- some recipients ---- */

static qq_meant meant;
static qq_matcher matcher = QQ_MATCHER_ZERO(0); /* of --to; null patterns: it was not given */

/* A message that is asked about again has had recipients marked before, perhaps all of them. */
static qq_outcome drop(qq_pin *pin, stralloc *why)
{
  unsigned char *had_some = &dropped[pin->number];
  uint64_t marked = 0;
  qq_outcome const outcome = qq_drop_recipients(pin, &meant, &marked, why);
  if (marked) *had_some = 1;
  return *had_some && (outcome == QQ_OUTCOME_GONE || outcome == QQ_OUTCOME_UNMATCHED)
    ? QQ_OUTCOME_SILENCED : outcome;
}

static void drop_all(void)
{
  dropped = calloc(batch.count, 1);
  qq_demand_memory(dropped != 0);
  meant.channels = channels;
  meant.matcher = matcher.patterns ? &matcher : 0;
  meant.is_online = is_online;
  batch.may_be_under_way = is_online;
  qq_batch_apply(&batch, drop, QQ_BATCH_PAUSE, QQ_BATCH_TRIES,
    _("is not preprocessed yet, so that its recipients have no channel: let qmail-send run and "
      "try again"));
}

/* ---- whole messages, while qmail-send is stopped ---- */

static genalloc bounces = GENALLOC_ZERO;        /* of uint64_t */

static qq_outcome remove_one(qq_pin *pin, stralloc *why)
{
  return qq_remove_message(pin, &bounces, why);
}

static qq_outcome remove_remains(qq_shard *shard, qq_id const *id, stralloc *why)
{
  qq_files files = { 0 };
  qq_outcome outcome = QQ_OUTCOME_GONE;
  int r;
  qq_remove_leavings(shard, id);
  r = look_for_remains(&files, shard, id->id, why);
  if (r) outcome = r < 0 ? QQ_OUTCOME_FAILED : qq_remains_remove(shard, &files, why);
  qq_files_free(&files);
  return outcome;
}

static void remove_all(void)
{
  qq_queue const *q = &batch.reading.queue;
  if (qq_tree_numbers(&bounces, q, QQ_BOUNCE) < 0)
    qq_die_unable(_("unable to read %s/%s"), q->path, q->trees[QQ_BOUNCE]);
  /* unlinking waits for the file system's journal: more threads take longer, if nobody asks for
     them */
  batch.jobs = qq_shared_options->jobs ? qq_walk_jobs(q, qq_shared_options->jobs) : 1;
  batch.gone = remove_remains;
  qq_batch_apply(&batch, remove_one, 0, 0, "");
}

/* ---- whole messages, while qmail-send runs ---- */

/* 0 where the home is not known: nothing is shut first then, because it might be too old. */
static uint64_t known_lifetime(void)
{
  return *batch.reading.site.home.s ? qq_batch_queuelifetime(&batch) : 0;
}

/* What has lost its mess file is not gone: qmail-send may work on it for a week. A message that is
   just ending has lost it for a moment, but not when it is asked again. */
static void name_remains_of(qq_shard *shard, size_t i)
{
  uint64_t const id = batch.ids[i].id;
  qq_files files = { 0 };
  stralloc names = STRALLOC_ZERO, text = STRALLOC_ZERO;
  int r = look_for_remains(&files, shard, id, &text);
  if (r > 0) r = look_for_remains(&files, shard, id, &text);
  if (r) batch.outcomes[i] = QQ_OUTCOME_FAILED;
  if (r < 0) qq_trouble("%s: %.*s", qq_outcome_word(QQ_OUTCOME_FAILED), (int)text.len, text.s);
  if (r > 0 && qq_remains_name(&names, shard->queue, &files) && qq_remains_say(&text, id, &names))
    qq_trouble(_("failed: %.*s (qq-rm removes it while qmail-send is stopped)"), (int)text.len,
      text.s);
  qq_files_free(&files);
  stralloc_free(&names);
  stralloc_free(&text);
}

static void name_remains(void)
{
  qq_by_directory each;
  qq_shard shard;
  size_t i;
  if (!qq_batch_count(&batch, QQ_OUTCOME_GONE)) return;
  qq_demand_memory(qq_shard_init(&shard, &batch.reading.queue) > 0);
  qq_by_directory_begin(&each, &batch.reading.queue, batch.ids, batch.count);
  while (qq_by_directory_next(&each, &i))
    if (batch.outcomes[i] == QQ_OUTCOME_GONE) name_remains_of(&shard, i);
  qq_shard_free(&shard);
}

static void silence_all(void)
{
  qq_silence s = {
    .queue = &batch.reading.queue, .lock = &batch.lock, .queuelifetime = known_lifetime(),
    .ids = batch.ids, .count = batch.count, .outcomes = batch.outcomes, .stamps = batch.stamps,
    .trouble = qq_batch_trouble, .progress = qq_progress
  };
  qq_demand_memory(qq_silence_run(&s) > 0);
  qq_progress_hide();
  name_remains();
}

/* Whether the message that had the stamp is off the disk. */
static int has_ended(qq_shard *shard, uint64_t id, uint64_t stamp)
{
  struct stat st;
  return qq_shard_stat(shard, QQ_MESS, id, &st) < 0 ? errno == ENOENT : qq_stamp(&st) != stamp;
}

/* One signal does not reach a message whose delivery is just under way: another follows after 2
   seconds, 4, 8 ... */
static void flush_again(void)
{
  static uint64_t pause = 2 * QQ_SECOND, next;
  if (!flush) return;
  if (!next) next = qq_now() + pause;
  if (qq_now() < next) return;
  qq_batch_flush(&batch, QQ_OUTCOME_SILENCED);
  pause *= 2;
  next = qq_now() + pause;
}

/* Between two looks at a message that is waited for. */
#define PAUSE (QQ_SECOND / 20)

/* Waits for the silenced messages. They end in any order; each is looked at until it has. */
static void wait_for_all(void)
{
  uint64_t const end = qq_now() + patience;
  qq_shard shard;
  uint64_t left;
  qq_by_directory each;
  size_t i;
  qq_demand_memory(qq_shard_init(&shard, &batch.reading.queue) > 0);
  qq_by_directory_begin(&each, &batch.reading.queue, batch.ids, batch.count);
  while (qq_by_directory_next(&each, &i)) {
    int ended = 0;
    if (batch.outcomes[i] != QQ_OUTCOME_SILENCED) continue;
    while (!(ended = has_ended(&shard, batch.ids[i].id, batch.stamps[i])) && qq_now() < end) {
      flush_again();
      qq_sleep(PAUSE);
    }
    if (ended) batch.outcomes[i] = QQ_OUTCOME_REMOVED;
  }
  qq_shard_free(&shard);
  left = qq_batch_count(&batch, QQ_OUTCOME_SILENCED);
  if (left)
    qq_trouble(ngettext("%llu message is silenced, but still on the disk after %llu s",
      "%llu messages are silenced, but still on the disk after %llu s", (unsigned long)left),
      (unsigned long long)left, (unsigned long long)(patience / QQ_SECOND));
}

/* The recipients meant by --to. */
static void choose_addresses(void)
{
  qq_select *s = qq_criteria_ready(0);
  if (qq_select_has(s, QQ_CRITERION_TO))
    matcher.patterns = &genalloc_s(qq_given, &s->given)->patterns;
}

/* The channels meant by --local, --remote and --channel. */
static void choose_channels(qq_queue const *q)
{
  char const *const *names = genalloc_s(char const *, &channel_names);
  size_t const n = genalloc_len(char const *, &channel_names);
  size_t i;
  if (!n) return;
  channels = calloc(q->channels, 1);
  qq_demand_memory(channels != 0);
  for (i = 0; i < n; i++) channels[qq_reading_channel(q, names[i])] = 1;
}

static void do_all(void)
{
  qq_batch_lock(&batch);
  is_online = batch.lock.way == QQ_ONLINE;
  if (batch.dry_run) {
    foresee_all();
    return;
  }
  if (some_recipients) drop_all();
  else if (is_online) silence_all();
  else remove_all();
  qq_batch_unlock(&batch);
  if (flush) qq_batch_flush(&batch, QQ_OUTCOME_SILENCED);
  if (waits) wait_for_all();
}

int main(int argc, char *const *argv)
{
  qq_start(&program, argc, argv);
  choose_addresses();
  some_recipients = genalloc_len(char const *, &channel_names) || matcher.patterns;
  if (some_recipients && waits)
    qq_die_usage("%s", _("option --wait waits for whole messages: it cannot be used with --local, "
      "--remote, --channel or --to"));
  qq_batch_start(&batch);
  if (matcher.patterns) qq_reading_prefixes(&batch.reading);
  choose_channels(&batch.reading.queue);
  if (batch.count) do_all();
  qq_exit(qq_batch_report(&batch));
}
