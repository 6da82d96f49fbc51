/* Writes messages so that qq-load can place them in another queue. */

#include <pthread.h>
#include <unistd.h>
#include <qq/diagnostic.h>
#include <qq/instance.h>
#include <qq/options.h>
#include <qq/output.h>
#include <qq/when.h>
#include "moving.h"

/* Between two looks at deliveries that are under way. */
#define PAUSE (200 * UINT64_C(1000000))

static uint64_t timeout = 300 * QQ_SECOND;

static qq_option const options[] = {
  { 0, "timeout", "DURATION", N_("how long to wait for deliveries that are under way of messages "
    "that are held (5m)"), QQ_DURATION(timeout) },
  QQ_OPTIONS_QUEUE,
  QQ_OPTIONS_OF_GREP,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qq-save", "[ID ... | -]",
  N_("Write the messages in the queue, with all that qmail knows of them, as a tar stream for "
    "qq-load; with ids, only these."),
  options,
  N_("0 all are written; 1 a named message is gone; 100 wrong use; 111 trouble of the system, or a "
    "message that cannot be saved, which is named and left out.")
};

static qq_reading reading;
static qq_save save;
static qq_settings settings = QQ_SETTINGS_ZERO;
static genalloc held;           /* of uint64_t, sorted: messages without a delivery under way */
static uint64_t count_live;     /* messages that are not held */

/* The control files that made the recipients what they are. */
static void read_settings(void)
{
  if (!*reading.site.home.s) qq_die(QQ_EXIT_USAGE,
    _("the home of %s, whose control files have rewritten the recipients, is not known: give both "
      "--queue and --home"), reading.queue.path);
  qq_reading_open_home(&reading);
  qq_reading_settings(&reading, &settings);
  save.settings = &settings;
}

/* ---- which messages ---- */

static int add_id(void *unused, qq_message *m)
{
  static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  int const r = qq_message_stat(m);
  qq_id id;
  int good;
  (void)unused;
  if (r != 1 || m->over) return r;
  id = qq_message_id(m);
  pthread_mutex_lock(&mutex);
  good = genalloc_append(qq_id, &reading.ids, &id);
  pthread_mutex_unlock(&mutex);
  qq_demand_memory(good);
  return 1;
}

/* Those that were named, or all that are there now; of these some may end meanwhile. Ids that come
   late are waited for first: what is written is taken in at once by who reads it. */
static void find_ids(void)
{
  reading.restricted = qq_restriction(&reading.ids);
  if (reading.restricted) return;
  qq_input_look_again();
  qq_reading_prepare(&reading, add_id, 1);
  qq_reading_walk(&reading);
  qq_ids_sort(&reading.ids);
}

/* ---- deliveries that began before a hold ---- */

static int is_held(qq_shard *shard, qq_id const *id, struct stat *st)
{
  return qq_shard_stat(shard, QQ_MESS, id->id, st) > 0
    && (id->stamp == QQ_UNSTAMPED || id->stamp == qq_stamp(st))
    && qq_queue_holds(&reading.queue, st->st_uid);
}

/* Of the ids, puts those of which none may be under way before the others. Returns how many. */
static size_t part_ids(qq_shard *shard, qq_under_way const *u)
{
  qq_id *const ids = genalloc_s(qq_id, &reading.ids);
  size_t const n = genalloc_len(qq_id, &reading.ids);
  size_t i, free = 0;
  genalloc_setlen(uint64_t, &held, 0);
  for (i = 0; i < n; i++) {
    qq_id const id = ids[i];
    struct stat st;
    if (is_held(shard, &id, &st)) {
      if (qq_under_way_has(u, &st)) continue;
      qq_demand_memory(genalloc_append(uint64_t, &held, &id.id));
    }
    ids[i] = ids[free];
    ids[free++] = id;
  }
  qq_numbers_sort(&held, 0);
  return free;
}

static void name_under_way(size_t from)
{
  qq_id const *const ids = genalloc_s(qq_id, &reading.ids);
  size_t i;
  for (i = from; i < genalloc_len(qq_id, &reading.ids); i++)
    qq_trouble(_("message %llu is left out: a delivery that began before the hold may be under "
      "way"), (unsigned long long)ids[i].id);
  genalloc_setlen(qq_id, &reading.ids, from);
}

/* Who moves a message must not move what is being delivered: held messages, as nobody else waits
   for their end. */
static void wait_for_deliveries(void)
{
  uint64_t const end = qq_now() + timeout;
  size_t const n = genalloc_len(qq_id, &reading.ids);
  qq_under_way u = QQ_UNDER_WAY_ZERO;
  qq_shard shard;
  size_t free;
  qq_demand_memory(qq_shard_init(&shard, &reading.queue) > 0);
  for (;;) {
    if (qq_under_way_look(&u, reading.queue.fd) < 0)
      qq_die_unable("%s", _("unable to see whether deliveries are under way"));
    free = part_ids(&shard, &u);
    if (free == n || qq_now() >= end) break;
    qq_sleep(PAUSE);
  }
  name_under_way(free);
  qq_shard_free(&shard);
}

static int visit(void *worker, qq_message *m)
{
  int r = qq_message_pin(m);
  (void)worker;
  if (r == 1 && m->held && !qq_numbers_have(&held, m->id))
    return qq_collect_refuse(m, QQ_MESS, _("has just been held: give its id again"));
  if (r == 1) r = qq_save_message(&save, m);
  if (r == 1) count_live += !m->held;
  return r;
}

/* What goes into a file is a copy, and moves nothing. */
static void warn_live(void)
{
  struct stat st;
  if (!count_live || (!fstat(1, &st) && S_ISREG(st.st_mode))) return;
  qq_warn(ngettext("%llu message is not held, and may be delivered here, too: give it to qq-hold "
    "first, if it is to move", "%llu messages are not held, and may be delivered here, too: give "
    "them to qq-hold first, if they are to move", (unsigned long)count_live),
    (unsigned long long)count_live);
}

int main(int argc, char *const *argv)
{
  qq_start(&program, argc, argv);
  if (qq_output_is_terminal())
    qq_die_usage("%s", _("standard output is a terminal, expected a file or a pipe"));
  qq_reading_open(&reading);
  find_ids();
  read_settings();
  wait_for_deliveries();
  qq_reading_give_up_root(&reading);
  qq_reading_prepare(&reading, visit, 1);
  reading.walk.only = &reading.ids;
  qq_save_begin(&save, reading.queue.fd);
  qq_reading_walk_in_order(&reading);
  qq_input_look_again();
  qq_save_end();
  warn_live();
  qq_exit(qq_reading_missed() ? QQ_EXIT_NONE : 0);
}
