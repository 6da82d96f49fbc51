/* Mends a damaged queue while qmail-send is down. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <qq/diagnostic.h>
#include <qq/file.h>
#include <qq/names.h>
#include <qq/output.h>
#include <qq/when.h>
#include "batch.h"
#include "fix.h"

#define SPLIT_MAX 100000u

static qq_fixing fixing = { .lock = QQ_QUEUE_LOCK };
static unsigned int split;
static int big_todo = -1, creates;
static int put_aside;           /* by the run that this one has brought to its end */

static void take_split(qq_option const *o, char const *value)
{
  split = qq_count_value(o, value, SPLIT_MAX);
}

static qq_option const options[] = {
  { 0, "dry-run", 0, N_("say what would be done, change nothing"), QQ_SETS(fixing.dry_run) },
  { 0, "split", "N", N_("N directories in each split tree"), QQ_CALLS(take_split, 0) },
  { 0, "big-todo", 0, N_("split todo/ and intd/, too"), QQ_SETS_TO(big_todo, 1) },
  { 0, "no-big-todo", 0, N_("do not split todo/ and intd/"), QQ_SETS_TO(big_todo, 0) },
  { 0, "create", 0, N_("make an empty queue where there is none"), QQ_SETS(creates) },
  { 0, "owners", 0, N_("set owners and modes of everything"), QQ_SETS(fixing.owners) },
  { 0, "log", "PATH", N_("a file or directory with the log: senders that are lost"),
    QQ_CALLS(qq_fixing_take_log, 0) },
  QQ_OPTIONS_ROWS(fixing.rows, N_("a JSON object for each message that is held or put aside")),
  { 0, "timeout", "DURATION", N_("how long to wait for another run that changes the queue, or for "
    "a qmail-queue (15s)"), QQ_DURATION(fixing.lock.patience) },
  QQ_OPTIONS_QUEUE,
  QQ_OPTIONS_JOBS,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qq-fix", "",
  N_("Mend the queue while qmail-send is down; hold what had to be guessed, put aside what has no "
    "place, and delete nothing."),
  options,
  N_("0 all is as it should be; 1 messages were held or put aside, and are named; 100 wrong use, "
    "nothing done; 111 trouble, and what it was.")
};

static stralloc why = STRALLOC_ZERO;
static stralloc aside = STRALLOC_ZERO;          /* what is no message's: names with a NUL each */

/* ---- the queue ---- */

static void create(void)
{
  if (qq_queue_create(fixing.site.queue.s, fixing.site.home.s, split, big_todo == 1, &why) < 0)
    qq_die(errno == EEXIST || errno == ENOTEMPTY ? QQ_EXIT_USAGE : qq_exit_code_of(errno), "%.*s",
      (int)why.len, why.s);
  qq_output_done(_("made %s"), fixing.site.queue.s);
  qq_exit(0);
}

static void take_locks(void)
{
  qq_queue_lock *l = &fixing.lock;
  qq_demand_done(qq_fixtures_prepare(&fixing.queue, &fixing.expected, &aside, &why), &why);
  l->waits_for = qq_batch_tell_wait;
  qq_demand_done(qq_queue_lock_take(l, &fixing.queue, &why), &why);
  if (l->way == QQ_OFFLINE) return;
  qq_die(QQ_EXIT_TROUBLE, "%s", _("qmail-send runs, or its qmail-todo: a queue is mended while it "
    "is down (`qsvc stopped qq-fix')"));
}

static void open_queue(void)
{
  int const r = qq_queue_open_damaged(&fixing.queue, fixing.site.queue.s, &why);
  if (r < 0) qq_demand_memory(qq_site_hint_create(&fixing.site, &why) > 0);
  qq_demand(r, &why);
  qq_demand_done(qq_expected_find(&fixing.expected, &fixing.queue, fixing.site.home.s, &why),
    &why);
}

static void name_lost(char const *s, size_t n)
{
  size_t i;
  for (i = 0; i < n; i += strlen(s + i) + 1)
    qq_note(_("qq-fix: what has no place is in %s/%s"), fixing.queue.path, s + i);
}

/* Ends a rebuild that was interrupted, and begins again with what it has left. */
static void recover(qq_rebuild_state state)
{
  stralloc lost = STRALLOC_ZERO;
  qq_demand_done(qq_rebuild_recover(state, fixing.queue.fd, fixing.queue.path, &lost, &why), &why);
  qq_note("%s", state == QQ_REBUILD_READY
    ? _("qq-fix: a rebuild that was interrupted has been brought to its end")
    : _("qq-fix: a rebuild that was interrupted has been taken back"));
  name_lost(lost.s, lost.len);
  put_aside = lost.len > 0;
  stralloc_free(&lost);
  qq_batch_release(&fixing.lock);
  qq_queue_close(&fixing.queue);
}

static void open_to_mend(void)
{
  qq_rebuild_state state;
  if (geteuid()) qq_die(QQ_EXIT_TROUBLE, "%s", _("only root may mend a queue: run it as root"));
  for (;;) {
    open_queue();
    take_locks();
    qq_demand_done(qq_rebuild_look(&state, fixing.queue.fd, &why), &why);
    if (state == QQ_REBUILD_NONE) return;
    recover(state);
  }
}

static void open_to_look(void)
{
  qq_rebuild_state state;
  open_queue();
  qq_demand_done(qq_rebuild_look(&state, fixing.queue.fd, &why), &why);
  if (state != QQ_REBUILD_NONE)
    qq_die(QQ_EXIT_TROUBLE, _("%s is closed, or a rebuild of it was interrupted: qq-fix without "
      "--dry-run ends that first"), fixing.queue.path);
}

/* What it is to be like. */
static void choose_shape(void)
{
  qq_queue *q = &fixing.queue, *shape = &fixing.shape;
  *shape = *q;
  if (split) shape->split = split;
  else if (!q->split_is_certain && fixing.expected.split) shape->split = fixing.expected.split;
  else if (!q->split_is_certain) qq_die(QQ_EXIT_TROUBLE, _("the split of %s is uncertain: its "
    "directories disagree and no message decides; give --split"), q->path);
  if (q->fds[QQ_INTD] < 0) shape->intd_is_split = q->todo_is_split;
  if (q->fds[QQ_TODO] < 0) shape->todo_is_split = shape->intd_is_split;
  if (big_todo >= 0) shape->todo_is_split = shape->intd_is_split = big_todo;
}

static int is_other_shape(void)
{
  qq_queue const *q = &fixing.queue, *shape = &fixing.shape;
  return q->split != shape->split || q->todo_is_split != shape->todo_is_split
    || q->intd_is_split != shape->intd_is_split;
}

/* ---- mending it ---- */

static void look(qq_plan *plan)
{
  qq_plan_free(plan);
  qq_demand_done(qq_plan_make(plan, &fixing.queue, &why), &why);
  qq_demand_done(qq_fixing_look(&fixing, plan, &why), &why);
}

static int adjust(void *p, qq_plan *plan, stralloc *reason)
{
  qq_fixing *f = p;
  int r;
  f->is_closed = 1;
  r = qq_fixing_look(f, plan, reason);
  f->is_closed = 0;
  return r;
}

/* Says of one that has failed, and is open, whether it came so far. */
static int is_mended(void)
{
  stralloc unused = STRALLOC_ZERO;
  qq_rebuild_state state;
  return qq_rebuild_look(&state, fixing.queue.fd, &unused) > 0 && state == QQ_REBUILD_READY;
}

/* From here to the end nothing but SIGKILL stops us: a signal would leave the queue closed. */
static void rebuild(void)
{
  qq_rebuild r = { &fixing.queue, &fixing.shape, &fixing.expected, fixing.lock.patience, adjust,
    &fixing, &fixing.report, STRALLOC_ZERO };
  int closed;
  signal(SIGINT, SIG_IGN);
  signal(SIGTERM, SIG_IGN);
  signal(SIGHUP, SIG_IGN);
  if (qq_rebuild_run(&r, &closed, &why) < 0)
    qq_die(QQ_EXIT_TROUBLE, closed ? _("%.*s; the queue stays closed: run qq-fix again")
      : is_mended() ? _("%.*s; the queue is mended: run qq-fix again to take away .fix")
      : _("%.*s; the queue is as it was"), (int)why.len, why.s);
  name_lost(r.lost.s, r.lost.len);
  stralloc_free(&r.lost);
}

static void tell_renumbered(uint64_t count)
{
  if (!count) return;
  if (fixing.dry_run)
    qq_note(_("qq-fix: %llu would be renumbered"), (unsigned long long)count);
  else qq_note(_("qq-fix: %llu renumbered: ids that were saved name them no more"),
    (unsigned long long)count);
}

static void mend(qq_plan *plan)
{
  uint64_t const renumbered = qq_plan_renumbered(plan);
  int const needs = fixing.needs_rebuild || is_other_shape() || !qq_plan_is_idle(plan,
    &fixing.shape);
  if (fixing.dry_run) {
    if (needs) qq_note("%s", _("qq-fix: the trees would be made anew"));
    tell_renumbered(renumbered);
    return;
  }
  fixing.acts = 1;
  if (needs) rebuild();
  else look(plan);
  tell_renumbered(renumbered);
  qq_demand_done(qq_fixtures_make(&fixing.queue, &fixing.expected, &aside, &why), &why);
  qq_batch_release(&fixing.lock);
}

static void tell(void)
{
  qq_fixing const *f = &fixing;
  name_lost(aside.s, aside.len);
  if (f->held) qq_note(_("qq-fix: %llu held: qq-release lets go of what is right"),
    (unsigned long long)f->held);
  if (f->owned) qq_note(_("qq-fix: %llu given to qmailq"), (unsigned long long)f->owned);
  if (f->kept) qq_note(_("qq-fix: %llu left as they are: holds, interrupted removals"),
    (unsigned long long)f->kept);
  if (!f->held && !f->aside && !f->dry_run) qq_output_done(_("%s is mended"), f->queue.path);
}

int main(int argc, char *const *argv)
{
  qq_plan plan = QQ_PLAN_ZERO;
  qq_start(&program, argc, argv);
  if (*qq_operands()) qq_die_usage(_("operand \"%s\" given, expected none"), *qq_operands());
  qq_input_refuse_ids(0);
  signal(SIGPIPE, SIG_IGN);
  qq_demand_memory(qq_site_find(&fixing.site, qq_shared_options->queue,
    qq_shared_options->home) > 0);
  if (creates) create();
  fixing.mender = (qq_mender){ &fixing.queue, &fixing.expected, qq_fixing_sender, &fixing };
  (fixing.dry_run ? open_to_look : open_to_mend)();
  choose_shape();
  if (fixing.owners && !fixing.dry_run)
    qq_demand_done(qq_fixtures_own(&fixing.queue, &fixing.expected, &aside, &why), &why);
  qq_rows_begin(fixing.rows, "id\tnumber\tdone\ttext");
  fixing.says = 0;
  look(&plan);
  qq_fixing_read_log(&fixing);
  fixing.says = 1;
  if (fixing.dry_run) look(&plan);
  mend(&plan);
  tell();
  qq_exit(fixing.held || fixing.aside || put_aside ? QQ_EXIT_NONE : 0);
}
