/* The log that the options, the environment and what runs name; and going through it. */

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <qq/diagnostic.h>
#include <qq/id.h>
#include <qq/names.h>
#include <qq/os.h>
#include <qq/output.h>
#include <qq/site.h>
#include "qlog.h"

qlog_counted qlog_counts;
char const *qlog_service;
int qlog_verbose;

static qq_log log_ = QQ_LOG_ZERO;
static stralloc why = STRALLOC_ZERO;
static int stopped, is_again;

static void open_found(void)
{
  qq_site site;
  qq_demand_memory(qq_site_find(&site, qq_shared_options->queue, qq_shared_options->home) > 0);
  if (qq_site_log(&site, qlog_service, &log_, &why) < 0)
    (errno == EINVAL ? qq_demand : qq_demand_done)(-1, &why);   /* a bad --service, or trouble */
}

qq_log *qlog_log(void)
{
  return &log_;
}

/* Everything that was opened can be read by whoever has it open. */
static void give_up_root(void)
{
  uid_t const owner = qq_log_owner(&log_);
  struct passwd const *user;
  int const is_user = (owner ? qq_getpw_uid(&user, owner) : qq_getpw_name(&user, "nobody")) > 0;
  uid_t const uid = owner ? owner : is_user ? user->pw_uid : QQ_NOBODY;
  gid_t const gid = is_user ? user->pw_gid : QQ_NOBODY;
  if (!geteuid() && qq_os_become(uid, gid) < 0)
    qq_die_unable(_("unable to become uid %u, gid %u"), (unsigned int)uid, (unsigned int)gid);
}

static void name_files(void)
{
  qq_log_file const *f = genalloc_s(qq_log_file, &log_.files);
  size_t i;
  for (i = 0; i < genalloc_len(qq_log_file, &log_.files); i++)
    qq_note(_("%s: reading %s"), qq_program_in_charge()->name, f[i].name);
}

static int is_read_from_input(char const *const *operands)
{
  while (*operands) if (!strcmp(*operands++, "-")) return 1;
  return 0;
}

/* A loop around the program may read ids, and name one of them. */
static void refuse_ids(char const *const *operands)
{
  int const is_read = is_read_from_input(operands);
  if (is_read || !qlog_names_messages()) qq_input_refuse_ids(is_read);
}

/* What is called like a message, and is no file, is one. */
static void refuse_messages(char const *const *operands)
{
  struct stat st;
  qq_id id;
  for (; *operands; operands++)
    if (qq_id_scan(*operands, strlen(*operands), &id) && stat(*operands, &st) < 0
      && errno == ENOENT)
      qq_die_usage(_("operand \"%s\" given, expected a log: --id %s asks for a message"), *operands,
        *operands);
}

/* Says whether an event of a log stands among these bytes. */
static int looks_logged(char const *s, size_t n)
{
  qq_log_clock clock = { 0 };
  qq_log_line line;
  qq_piece text = { s, n };
  int found = 0;
  while (!found && qq_piece_line(&text, &line.raw))
    found = qq_log_line_scan(&line, &clock) > 0 && line.event != QQ_LOG_OTHER;
  stralloc_free(&clock.decoded);
  return found;
}

void qlog_open(void)
{
  char const *const *operands = qq_operands();
  char const *said = getenv(QQ_VARIABLE_LOG);
  refuse_ids(operands);
  refuse_messages(operands);
  qlog_criteria_ready(&log_);
  if (*operands) qq_demand(qq_log_add(&log_, operands, &why), &why);
  else if (said && *said) qq_demand(qq_log_add_path(&log_, said, &why), &why);
  else open_found();
  if (qlog_verbose) name_files();
  give_up_root();
  if (!*operands && !qlog_names_messages()) qq_input_refuse_such(looks_logged,
    _("standard input has lines of a log: give - to read them, or </dev/null"));
  qq_demand_memory(qq_log_silent_first(&log_) > 0);
}

static void tell_warnings(void)
{
  size_t at;
  for (at = 0; at < log_.warnings.len; at += strlen(log_.warnings.s + at) + 1)
    qq_trouble("%s", log_.warnings.s + at);
  log_.warnings.len = 0;
}

static void progress(void)
{
  uint64_t done, all;
  qq_log_progress(&log_, &done, &all);
  qq_progress_text(_("%llu MB, %u%%"), (unsigned long long)(done >> 20),
    all ? (unsigned int)(done * 100 / all) : 0);
}

static void pass_on(qq_lives *lives, qlog_act *act)
{
  qq_life *l;
  while ((l = qq_lives_next(lives))) if (!stopped && act && !act(lives, l)) stopped = 1;
}

/* What a set has to know of the last run. */
static genalloc aliases = GENALLOC_ZERO;

int qlog_has_no_reasons, qlog_shows_logins;

/* Whoever names another log than he thinks would be told that nothing happened. */
static void tell_without_lives(qq_lives const *lives)
{
  qq_log_file const *f = genalloc_s(qq_log_file, &log_.files);
  uint64_t done, all;
  qq_log_progress(&log_, &done, &all);
  if (stopped || lives->serial || !done || log_.since || log_.until != QQ_LOG_UNKNOWN) return;
  if (lives->stray) qq_warn(ngettext("%llu result of a delivery, and no beginning of one",
    "%llu results of deliveries, and no beginning of one", (unsigned long)lives->stray),
    (unsigned long long)lives->stray);
  else if (genalloc_len(qq_log_file, &log_.files) > 1)
    qq_warn("%s", _("no line about a message in any of the files"));
  else if (!strcmp(f->name, "-"))
    qq_warn("%s", _("no line about a message on standard input"));
  else qq_warn(_("no line about a message in %s"), f->name);
}

static void tell_of(qq_lives const *lives)
{
  if (lives->losses)
    qq_warn(ngettext("the logger lost lines %llu time: what it has is incomplete",
      "the logger lost lines %llu times: what it has is incomplete", (unsigned long)lives->losses),
      (unsigned long long)lives->losses);
  tell_without_lives(lives);
  if (!stopped) qlog_criteria_tell();
}

static void run(qlog_act *act, qlog_see *see)
{
  qq_lives lives;
  qq_log_line const *line;
  uint64_t count = 0;
  int r;
  stopped = 0;
  qq_demand_memory(qq_lives_init(&lives) > 0);
  lives.has_no_reasons = qlog_has_no_reasons;
  qlog_criteria_range(&lives);
  while (!stopped && (r = qq_log_next(&log_, &line, &why)) > 0) {
    if (line->event == QQ_LOG_OTHER) continue;
    if (line->event == QQ_LOG_SMTP && !qlog_shows_logins) continue;
    qq_demand_memory(qq_lives_take(&lives, line) > 0);
    if (see) see(&lives, lives.of, line);
    if (lives.has_over) pass_on(&lives, act);
    if (!(++count & 0xffff)) progress();
  }
  if (!stopped) qq_demand_done(r, &why);
  qq_demand_memory(qq_lives_finish(&lives) > 0);
  pass_on(&lives, act);
  tell_warnings();
  if (!is_again) tell_of(&lives);
  qlog_counts.stray = lives.stray;
  qlog_counts.restarts = lives.restarts;
  genalloc_free(uint64_t, &aliases);
  aliases = lives.aliases;
  lives.aliases = (genalloc)GENALLOC_ZERO;
  qq_lives_free(&lives);
}

void qlog_read(qlog_take *take)
{
  qq_log_line const *line;
  uint64_t count = 0;
  int r;
  while ((r = qq_log_next(&log_, &line, &why)) > 0) {
    take(line);
    if (!(++count & 0xffff)) progress();
  }
  qq_demand_done(r, &why);
  tell_warnings();
}

void qlog_run(qlog_act *act, qlog_see *see)
{
  run(act, see);
}

void qlog_keep(void)
{
  qq_demand_done(qq_log_keep(&log_, &why), &why);
}

void qlog_run_again(qlog_act *act, qlog_see *see)
{
  qq_demand_done(qq_log_rewind(&log_, &why), &why);
  is_again = 1;
  run(act, see);
}

/* ---- sets ---- */

void qlog_set_add(qlog_set *s, uint64_t serial)
{
  if (serial / 8 >= s->size) {
    uint64_t const size = serial / 8 * 2 + 4096;
    unsigned char *more = realloc(s->bits, size);
    qq_demand_memory(more != 0);
    memset(more + s->size, 0, size - s->size);
    s->bits = more;
    s->size = size;
  }
  s->bits[serial / 8] |= (unsigned char)(1u << serial % 8);
}

int qlog_set_has(qlog_set const *s, uint64_t serial)
{
  return serial / 8 < s->size && s->bits[serial / 8] >> serial % 8 & 1;
}

void qlog_set_settle(qlog_set *s)
{
  uint64_t const *alias = genalloc_s(uint64_t, &aliases);
  size_t i = genalloc_len(uint64_t, &aliases);
  for (; i; i -= 2) if (qlog_set_has(s, alias[i - 1])) qlog_set_add(s, alias[i - 2]);
}
