#include <errno.h>
#include <string.h>
#include <qq/diagnostic.h>
#include <qq/id.h>
#include <qq/names.h>
#include <qq/when.h>
#include "qlog.h"

int qlog_inverted;

/* A token and whether the life that it means has been met: later ones have the number again. */
typedef struct wanted { qq_id id; int is_met; uint64_t met; } wanted;

enum { BY_FROM, BY_TO, BY_HOST, BY_REASON, BY_PATTERNS };

static struct {
  qq_patterns patterns[BY_PATTERNS];
  qq_matcher matchers[BY_PATTERNS];
  genalloc kept;                /* of qq_kept */
  genalloc ids, qps, uids, channels;    /* of wanted, uint64_t */
  unsigned int results;         /* bits */
  int null_sender, bounces, no_bounces, has_range;
  uint64_t min_attempts, min_delay, since, until;
  qq_log const *log;            /* what is read */
  qq_lives const *lives;        /* and made of it */
  int about_lives, about_recipients;    /* some criterion is */
} given = { .until = QQ_LOG_UNKNOWN };

static void append(genalloc *ga, uint64_t v)
{
  qq_demand_memory(genalloc_append(uint64_t, ga, &v));
}

static int has(genalloc const *ga, uint64_t v)
{
  size_t i;
  for (i = 0; i < genalloc_len(uint64_t, ga); i++)
    if (genalloc_s(uint64_t, ga)[i] == v) return 1;
  return 0;
}

static void take_id(qq_option const *o, char const *value)
{
  wanted w = { { 0, 0 }, 0, 0 };
  if (!qq_id_scan(value, strlen(value), &w.id)) qq_die_usage(_("option --%s: \"%s\" given, "
    "expected ID or ID@STAMP"), o->name, value);
  qq_demand_memory(genalloc_append(wanted, &given.ids, &w));
}

static void take_result(qq_option const *o, char const *value)
{
  int r = 0;
  while (r < QQ_RESULTS && strcmp(qq_result_word((qq_result)r), value)) r++;
  if (r == QQ_RESULTS)
    qq_die_usage(_("option --%s: \"%s\" given, expected delivered, failed, expired, deferred, "
      "removed, unknown or under_way"), o->name, value);
  given.results |= 1u << r;
}

static void take_channel(qq_option const *o, char const *value)
{
  static char const suppl[] = QQ_NAME_SUPPLEMENTAL;
  size_t const n = sizeof suppl - 1;
  uint64_t number;
  if (!strcmp(value, QQ_NAME_LOCAL)) append(&given.channels, 0);
  else if (!strcmp(value, QQ_NAME_REMOTE)) append(&given.channels, 1);
  else if (!strncmp(value, suppl, n) && qq_number_scan(value + n, strlen(value + n), &number)
    && number < UINT16_MAX - 2)
    append(&given.channels, number + 2);
  else qq_die_usage(_("option --%s: \"%s\" given, expected local, remote or supplN"),
    o->name, value);
}

static void take_moment(qq_option const *o, char const *value)
{
  uint64_t const moment = qq_moment_value(o, value);
  given.has_range = 1;
  if (o->value == QLOG_SINCE) given.since = moment;
  else given.until = moment;
}

static int is_about_recipients(int criterion)
{
  return (criterion >= QLOG_TO && criterion <= QLOG_MIN_DELAY) || criterion == QLOG_TO_LIST;
}

void qlog_criterion_take(qq_option const *o, char const *value)
{
  if (is_about_recipients(o->value)) given.about_recipients = 1;
  else given.about_lives = 1;
  switch ((qlog_criterion)o->value) {
    case QLOG_NULL_SENDER: given.null_sender = 1; break;
    case QLOG_BOUNCES: given.bounces = 1; break;
    case QLOG_NO_BOUNCES: given.no_bounces = 1; break;
    case QLOG_RESULT: take_result(o, value); break;
    case QLOG_LOCAL: append(&given.channels, 0); break;
    case QLOG_REMOTE: append(&given.channels, 1); break;
    case QLOG_CHANNEL: take_channel(o, value); break;
    case QLOG_ID: take_id(o, value); break;
    case QLOG_QP: append(&given.qps, qq_number_value(o, value)); break;
    case QLOG_UID: append(&given.uids, qq_number_value(o, value)); break;
    case QLOG_SINCE: case QLOG_UNTIL: take_moment(o, value); break;
    case QLOG_MIN_ATTEMPTS: given.min_attempts = qq_number_value(o, value); break;
    case QLOG_MIN_DELAY: given.min_delay = qq_age_value(o, value); break;
    default: qq_pattern_keep(&given.kept, o, value);
  }
}

static unsigned int place_of(int criterion)
{
  switch (criterion) {
    case QLOG_TO: case QLOG_TO_LIST: return BY_TO;
    case QLOG_HOST: return BY_HOST;
    case QLOG_REASON: return BY_REASON;
    default: return BY_FROM;
  }
}

/* From when on the log is read: of what a token means, the beginning is to be seen, too. */
static uint64_t since_tokens(void)
{
  uint64_t since = given.since;
  size_t i;
  for (i = 0; i < genalloc_len(wanted, &given.ids); i++) {
    uint64_t const stamp = genalloc_s(wanted, &given.ids)[i].id.stamp;
    if (stamp != QQ_UNSTAMPED && stamp < since + QQ_SECOND)
      since = stamp > QQ_SECOND ? stamp - QQ_SECOND : 0;
  }
  return since;
}

void qlog_criteria_ready(qq_log *log)
{
  qq_kept const *k = genalloc_s(qq_kept, &given.kept);
  size_t i;
  given.patterns[BY_FROM].idn = given.patterns[BY_TO].idn = given.patterns[BY_HOST].idn = 1;
  for (i = 0; i < genalloc_len(qq_kept, &given.kept); i++)
    qq_pattern_read(&given.patterns[place_of(k[i].option->value)], &k[i]);
  for (i = 0; i < BY_PATTERNS; i++) {
    qq_matcher const m = QQ_MATCHER_ZERO(&given.patterns[i]);
    qq_demand_memory(qq_patterns_ready(&given.patterns[i]) > 0);
    given.matchers[i] = m;
  }
  given.log = log;
  log->since = qlog_inverted ? 0 : since_tokens();
  log->until = qlog_inverted ? QQ_LOG_UNKNOWN : given.until;
}

void qlog_criteria_range(qq_lives *lives)
{
  given.lives = lives;
  lives->since = given.since;
  lives->until = given.until;
}

/* ---- judging ---- */

int qlog_names_messages(void)
{
  return given.ids.len != 0;
}

int qlog_has_criteria(void)
{
  return given.about_lives || given.about_recipients || qlog_inverted;
}

static int matches(unsigned int by, qq_piece text)
{
  int const r = qq_match(&given.matchers[by], text.s ? text.s : "", text.n);
  qq_demand_memory(r >= 0);
  return r;
}

static int asks(unsigned int by)
{
  return qq_patterns_count(&given.patterns[by]) != 0;
}

/* A pattern may be a person's, with blanks, or copied from a log. */
static int has_reason(qq_served const *r)
{
  static stralloc text = STRALLOC_ZERO;
  qq_piece const logged = qlog_text(r);
  if (!r->reason) return 0;
  if (matches(BY_REASON, logged)) return 1;
  text.len = 0;
  qq_demand_memory(qq_reason_readable(&text, logged));
  return matches(BY_REASON, qq_piece_of(&text));
}

int qlog_served_is_meant(qq_served const *r)
{
  qq_piece const address = { r->address, r->address_length };
  uint64_t delay;
  if (!given.about_recipients || qlog_inverted) return 1;
  if (given.results && !(given.results & 1u << r->result)) return 0;
  if (given.channels.len && !has(&given.channels, r->channel)) return 0;
  if (r->attempts < given.min_attempts) return 0;
  delay = given.min_delay ? qq_served_delay(r) : 0;
  if (delay < given.min_delay || delay == QQ_LOG_UNKNOWN) return 0;
  return (!asks(BY_TO) || matches(BY_TO, address))
    && (!asks(BY_HOST) || matches(BY_HOST, qlog_host(r)))
    && (!asks(BY_REASON) || has_reason(r));
}

static int has_number(qq_life const *l)
{
  size_t i = genalloc_len(wanted, &given.ids);
  while (i--) if (genalloc_s(wanted, &given.ids)[i].id.id == l->number) return 1;
  return 0;
}

/* What begins later because nobody has asked for more says nothing. */
static int is_before(qq_id const *id, uint64_t log_begins)
{
  return !given.log->since && id->stamp != QQ_UNSTAMPED && log_begins != QQ_LOG_UNKNOWN
    && id->stamp < log_begins;
}

/* How much later than it was queued a message is preprocessed at most, if the log does not show
   that nothing was in between. */
#define BACKLOG (3600 * QQ_SECOND)

/* Says whether the life may have begun at the stamp, or up to a second before (the clock of file
   systems ticks). */
static int may_be(qq_id const *id, qq_life const *l)
{
  uint64_t const begins = qq_log_set_begins(given.log, qq_life_set_number(given.lives, l));
  return l->begun != QQ_LOG_UNKNOWN && l->begun + QQ_SECOND >= id->stamp
    && (!is_before(id, begins) || l->begun < id->stamp + BACKLOG);
}

/* A token means the first life of its number that may be it. */
static int is_wanted(qq_life const *l)
{
  wanted *w = genalloc_s(wanted, &given.ids);
  size_t i;
  for (i = 0; i < genalloc_len(wanted, &given.ids); i++) {
    if (w[i].id.id != l->number) continue;
    if (w[i].id.stamp == QQ_UNSTAMPED) return 1;
    if (!may_be(&w[i].id, l)) continue;
    if (w[i].is_met && w[i].met != l->serial) continue;
    w[i].is_met = 1;
    w[i].met = l->serial;
    return 1;
  }
  return 0;
}

/* The earliest of its sets. */
static uint64_t log_begins(void)
{
  qq_log_file const *f = genalloc_s(qq_log_file, &given.log->files);
  uint64_t begins = QQ_LOG_UNKNOWN;
  size_t i;
  for (i = 0; i < genalloc_len(qq_log_file, &given.log->files); i++)
    if (f[i].begins < begins) begins = f[i].begins;
  return begins;
}

void qlog_criteria_tell(void)
{
  uint64_t const begun = log_begins();
  qq_calendar calendar = QQ_CALENDAR_ZERO;
  wanted const *w = genalloc_s(wanted, &given.ids);
  stralloc begins = STRALLOC_ZERO;
  char id[QQ_ID_FMT];
  size_t i;
  for (i = 0; i < genalloc_len(wanted, &given.ids); i++) {
    if (w[i].is_met || !is_before(&w[i].id, begun)) continue;
    begins.len = 0;
    qq_demand_memory(qq_when_text(&begins, &calendar, begun));
    qq_warn(_("%.*s was queued before the log begins (%.*s)"),
      (int)qq_id_format(id, &w[i].id), id, (int)begins.len, begins.s);
  }
  stralloc_free(&begins);
}

static int has_sender(qq_life const *l)
{
  qq_piece const from = { l->from, l->from_length };
  if ((given.null_sender || asks(BY_FROM)) && !l->from) return 0;
  if (given.null_sender && l->from_length) return 0;
  return !asks(BY_FROM) || matches(BY_FROM, from);
}

/* Says whether it is what the criteria want that ask for what `info msg' tells. */
static int is_sent_so(qq_life const *l)
{
  if (given.qps.len && (!l->from || !has(&given.qps, l->qp))) return 0;
  if (given.uids.len && (!l->from || !has(&given.uids, l->uid))) return 0;
  if ((given.bounces || given.no_bounces) && !l->from) return 0;
  if (given.bounces && !qq_life_is_bounce(l)) return 0;
  if (given.no_bounces && qq_life_is_bounce(l)) return 0;
  return has_sender(l);
}

static int is_of(qq_life const *l)
{
  if (given.ids.len && !is_wanted(l)) return 0;         /* also out of range it is the first */
  return (!given.has_range || l->is_in_range) && is_sent_so(l);
}

/* Lives are judged where they end, in that order: which one is the first that a token means is not
   known before. */
int qlog_is_excluded(qq_life const *l)
{
  if (given.ids.len) return !qlog_inverted && !has_number(l);
  if (!qlog_inverted) return !is_sent_so(l);
  return !given.has_range && !given.about_recipients && is_sent_so(l);
}

static int some_recipient(qq_life const *l)
{
  int const inverted = qlog_inverted;
  qq_served const *r;
  int found = 0;
  qlog_inverted = 0;
  for (r = l->recipients; r && !found; r = r->next) found = qlog_served_is_meant(r);
  qlog_inverted = inverted;
  return found;
}

int qlog_is_meant(qq_life const *l)
{
  int r = 1;
  if (given.about_lives) r = is_of(l);
  if (r && given.about_recipients) r = some_recipient(l);
  return r != qlog_inverted;
}
