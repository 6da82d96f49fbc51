/* Removes messages from the queue. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <qq/changing.h>
#include <qq/diagnostic.h>
#include <qq/json.h>
#include <qq/names.h>
#include <qq/numbers.h>
#include <qq/options.h>
#include <qq/os.h>
#include <qq/output.h>
#include <qq/pin.h>
#include <qq/remove.h>
#include "reading.h"

enum { DRY_RUN = QQ_OPTION_OWN, JSON, LOCAL, REMOTE, CHANNEL, TO };

static qq_option const options[] = {
  { LOCAL, "local", 0, N_("only the local recipients") },
  { REMOTE, "remote", 0, N_("only the remote recipients") },
  { CHANNEL, "channel", "NAME", N_("only the recipients of channel NAME") },
  { TO, "to", "PAT", N_("only recipients with PAT in their address, without case") },
  { DRY_RUN, "dry-run", 0, N_("say what would be done, change nothing") },
  { 'v', "verbose", 0, N_("a line for each message on standard error") },
  { JSON, "json", 0, N_("a JSON object for each message on standard output") },
  { 'q', "quiet", 0, N_("no summary") },
  QQ_OPTIONS_JOBS,
  QQ_OPTIONS_QUEUE,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qq-rm", "[ID ...]", N_("Remove messages from the queue; the ids are operands, or come from standard input."), options,
  N_("0 nothing that was named will be delivered any more; 100 wrong use or input, nothing done; 111 trouble, and what it was.")
};

typedef struct worker { qq_matcher matcher; stralloc why; } worker;

static int dry_run, verbose, json, quiet, some_recipients;
static qq_reading reading;
static unsigned char *outcomes;                 /* one for each of reading.ids */
static genalloc bounces = GENALLOC_ZERO;        /* of uint64_t */
static qq_patterns to = QQ_PATTERNS_ZERO;
static unsigned char *channels;                 /* one for each; null: all */

static char const *const words[QQ_OUTCOMES] = { "removed", "silenced", "gone", "unfinished", "failed" };

/* What would come of it, as far as looking can tell. */
static qq_outcome foresee(qq_shard *shard, qq_id const *id, stralloc *why)
{
  qq_pin pin;
  int const r = qq_pin_message(&pin, shard, id, why);
  if (r != 1) return r ? QQ_OUTCOME_FAILED : QQ_OUTCOME_GONE;
  qq_unpin(&pin);
  if (pin.place == QQ_PLACE_WRITING) return QQ_OUTCOME_GONE;
  if (channels && pin.place == QQ_PLACE_NEW) return QQ_OUTCOME_UNFINISHED;
  return some_recipients ? QQ_OUTCOME_SILENCED : QQ_OUTCOME_REMOVED;
}

static int visit(void *p, qq_message *m)
{
  worker *w = p;
  qq_recipient_choice choice;
  qq_outcome outcome;
  qq_id id;
  choice.channels = channels;
  choice.matcher = qq_patterns_count(&to) ? &w->matcher : 0;
  id.id = m->id;
  id.stamp = m->wanted;
  w->why.len = 0;
  outcome = dry_run ? foresee(m->shard, &id, &w->why)
    : some_recipients ? qq_remove_recipients(m->shard, &id, &choice, &w->why)
    : qq_remove_message(m->shard, &id, &bounces, &w->why);
  if (w->why.len) qq_trouble("%s: %.*s", words[outcome], (int)w->why.len, w->why.s);
  outcomes[qq_ids_find(&reading.ids, &id)] = (unsigned char)outcome;
  return 1;
}

static void read_bounces(qq_queue const *q)
{
  if (qq_numbers_read_tree(&bounces, q, QQ_BOUNCE) < 0)
    qq_die(QQ_EXIT_TROUBLE, _("unable to read %s/%s: %s"), q->path, q->trees[QQ_BOUNCE], strerror(errno));
}

static void begin(qq_changing *c, qq_queue const *q)
{
  stralloc why = STRALLOC_ZERO;
  if (!q->split_is_certain)
    qq_die(QQ_EXIT_TROUBLE, _("the split of %s is uncertain: its directories disagree and no message decides; nothing was done"), q->path);
  if ((dry_run ? qq_changing_probe(c, q, &why) : qq_changing_begin(c, q, &why)) < 0) qq_die(QQ_EXIT_TROUBLE, "%.*s", (int)why.len, why.s);
  if (c->way == QQ_OFFLINE) return;
  if (c->daemon) qq_die(QQ_EXIT_TROUBLE, _("qmail-send is running on %s (process %ld): stop it first; nothing was done"), q->path, (long)c->daemon);
  qq_die(QQ_EXIT_TROUBLE, _("qmail-send is running on %s: stop it first; nothing was done"), q->path);
}

static void tell(qq_id const *id, qq_outcome outcome, stralloc *out)
{
  char token[QQ_ID_FMT];
  qq_json j = QQ_JSON(out);
  token[qq_id_format(token, id)] = 0;
  if (verbose) qq_note(dry_run ? _("%s: would be %s: %s") : "%s: %s: %s", program.name, words[outcome], token);
  if (!json) return;
  qq_json_object(&j, 0);
  qq_json_number(&j, "id", id->id);
  qq_json_word(&j, "token", token);
  qq_json_word(&j, "result", words[outcome]);
  qq_json_object_end(&j);
  qq_json_line(&j);
  qq_output_batch(out, QQ_OUTPUT_BATCH);
}

static void summarize(uint64_t const *n)
{
  qq_note(dry_run ? _("%s: would be: %llu removed, %llu silenced, %llu gone, %llu unfinished, %llu failed")
    : _("%s: %llu removed, %llu silenced, %llu gone, %llu unfinished, %llu failed"), program.name,
    (unsigned long long)n[QQ_OUTCOME_REMOVED], (unsigned long long)n[QQ_OUTCOME_SILENCED], (unsigned long long)n[QQ_OUTCOME_GONE],
    (unsigned long long)n[QQ_OUTCOME_UNFINISHED], (unsigned long long)n[QQ_OUTCOME_FAILED]);
}

/* Tells what became of the messages; says whether all of them are dealt with. */
static int report(void)
{
  qq_id const *ids = genalloc_s(qq_id, &reading.ids);
  size_t const count = genalloc_len(qq_id, &reading.ids);
  uint64_t n[QQ_OUTCOMES] = { 0 };
  stralloc out = STRALLOC_ZERO;
  size_t i;
  for (i = 0; i < count; i++) {
    n[outcomes[i]]++;
    if (verbose || json) tell(&ids[i], (qq_outcome)outcomes[i], &out);
  }
  qq_output_batch(&out, 1);
  stralloc_free(&out);
  if (!quiet && count) summarize(n);
  return !n[QQ_OUTCOME_UNFINISHED] && !n[QQ_OUTCOME_FAILED];
}

/* Removes, all of it under the locks, and on the disk before anything is reported. */
static void remove_all(void)
{
  size_t const count = genalloc_len(qq_id, &reading.ids);
  qq_changing changing;
  unsigned int i;
  if (!count) return;
  outcomes = malloc(count);
  if (!outcomes) qq_die_memory();
  memset(outcomes, QQ_OUTCOME_FAILED, count);
  begin(&changing, &reading.queue);
  read_bounces(&reading.queue);
  qq_reading_prepare(&reading, visit, sizeof(worker));
  if (!qq_shared_options->jobs) reading.walk.jobs = 1;  /* unlinking waits for the file system's journal: more threads take longer */
  for (i = 0; i < reading.walk.jobs; i++) ((worker *)reading.walk.workers[i])->matcher.patterns = &to;
  qq_reading_walk(&reading);
  if (!dry_run && qq_os_syncfs(reading.queue.fd) < 0)
    qq_die(QQ_EXIT_TROUBLE, _("unable to sync %s: %s"), reading.queue.path, strerror(errno));
  qq_changing_end(&changing);
}

/* The channels meant by --local, --remote and --channel. */
static void choose_channel(qq_queue const *q, char const *name)
{
  int const c = qq_queue_channel(q, name);
  if (c < 0) qq_die(QQ_EXIT_USAGE, _("option --channel: \"%s\" given, expected a channel of the queue %s"), name, q->path);
  if (!channels) channels = calloc(q->channels, 1);
  if (!channels) qq_die_memory();
  channels[c] = 1;
}

static void add_pattern(char const *value)
{
  stralloc why = STRALLOC_ZERO;
  if (qq_patterns_add(&to, value, strlen(value), &why) < 0) qq_die_usage(_("option --to: %.*s"), (int)why.len, why.s);
  stralloc_free(&why);
}

int main(int argc, char *const *argv)
{
  genalloc names = GENALLOC_ZERO;       /* of char const *: channels */
  char const *value;
  size_t i;
  int option;
  qq_start(&program, argc, argv);
  while ((option = qq_next_option(&value))) {
    switch (option) {
      case DRY_RUN: dry_run = 1; break;
      case 'v': verbose = 1; break;
      case JSON: json = 1; break;
      case 'q': quiet = 1; break;
      case TO: add_pattern(value); break;
      case CHANNEL: if (!genalloc_append(char const *, &names, &value)) qq_die_memory(); break;
      default:
        value = option == LOCAL ? QQ_NAME_LOCAL : QQ_NAME_REMOTE;
        if (!genalloc_append(char const *, &names, &value)) qq_die_memory();
    }
  }
  some_recipients = names.len || qq_patterns_count(&to);
  if (qq_patterns_ready(&to) < 0) qq_die_memory();
  qq_reading_open(&reading.queue, &reading.queue_path, &reading.home_path);
  for (i = 0; i < genalloc_len(char const *, &names); i++) choose_channel(&reading.queue, genalloc_s(char const *, &names)[i]);
  qq_named(&reading.ids);
  qq_ids_sort(&reading.ids);
  reading.restricted = 1;
  remove_all();
  qq_exit(report() ? 0 : QQ_EXIT_TROUBLE);
}
