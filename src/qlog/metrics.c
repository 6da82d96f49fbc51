/* qlog-stat --metrics: from the old state to the new one, and what Prometheus reads. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <qq/file.h>
#include <qq/names.h>
#include <qq/options.h>
#include <qq/os.h>
#include <qq/output.h>
#include <qq/when.h>
#include "metrics.h"
#include "qlog.h"

/* No state is larger: a message takes a hundred bytes. */
#define STATE_MOST ((size_t)1 << 31)

/* ---- what is printed ---- */

static void put_counter(stralloc *out, char const *name, char const *help, uint64_t n)
{
  qq_metric(out, name, "counter", help);
  qq_metric_number(out, name, "", n);
}

/* What can be is there from the beginning, as 0; other channels once there is something. */
static void put_deliveries(stralloc *out, qlog_counters const *c)
{
  static qq_result const results[] = { QQ_RESULT_DELIVERED, QQ_RESULT_FAILED, QQ_RESULT_EXPIRED,
    QQ_RESULT_DEFERRED };
  char const *const name = "qmail_deliveries_total";
  stralloc word = STRALLOC_ZERO;
  unsigned int channel, i;
  qq_metric(out, name, "counter", "Attempts to deliver that have ended; unknown: its start is not "
    "in the log.");
  for (channel = 0; channel < QLOG_CHANNELS; channel++) {
    qq_demand_memory(channel == QLOG_CHANNEL_UNKNOWN ? qq_copy_string(&word, "unknown")
      : qq_channel_name(&word, channel));
    for (i = 0; i < sizeof results / sizeof *results; i++) {
      uint64_t const n = c->deliveries[channel][results[i]];
      if (channel < 2 || n)
        qq_must_fmt(out, "%s{channel=\"%s\",result=\"%s\"} %llu\n", name, word.s,
          qq_result_word(results[i]), (unsigned long long)n);
    }
  }
  stralloc_free(&word);
}

static void put_delays(stralloc *out, qlog_counters const *c)
{
  uint64_t all = 0;
  unsigned int i;
  qq_metric(out, "qmail_delivery_delay_seconds", "histogram",
    "From the beginning of the message to the delivery.");
  for (i = 0; i <= QLOG_BOUNDS; i++) {
    uint64_t const bound = i < QLOG_BOUNDS ? qlog_bounds[i] : 0;
    all += c->delays[i];
    qq_must_fmt(out, "qmail_delivery_delay_seconds_bucket{le=\"");
    if (i == QLOG_BOUNDS) qq_must_fmt(out, "+Inf");
    else if (bound % 1000) qq_must_fmt(out, "0.%llu", (unsigned long long)bound / 100);
    else qq_must_fmt(out, "%llu", (unsigned long long)bound / 1000);
    qq_must_fmt(out, "\"} %llu\n", (unsigned long long)all);
  }
  qq_must_fmt(out, "qmail_delivery_delay_seconds_sum %llu.%09llu\n",
    (unsigned long long)c->delay_seconds, (unsigned long long)c->delay_nanoseconds);
  qq_metric_number(out, "qmail_delivery_delay_seconds_count", "", all);
}

static void put_success(stralloc *out, int is_whole)
{
  qq_metric(out, "qmail_log_read_success", "gauge", "Whether all of the log could be read.");
  qq_metric_number(out, "qmail_log_read_success", "", (uint64_t)is_whole);
}

static void put_metrics(stralloc *out, qlog_counters const *c)
{
  put_deliveries(out, c);
  put_counter(out, "qmail_received_messages_total", "Messages that came into the queue.",
    c->messages);
  put_counter(out, "qmail_received_bytes_total", "Their size.", c->bytes);
  put_counter(out, "qmail_restarts_total", "Starts of qmail-send behind another one.", c->restarts);
  put_delays(out, c);
  put_counter(out, "qmail_log_gaps_total", "Places in the log where lines may have been lost.",
    c->gaps);
  put_success(out, !qq_has_trouble());
}

/* ---- the process that reads the log ---- */

static qlog_state state;

/* journalctl names its cursor behind the last line. */
static int is_from_journal, has_lines, has_cursor;

static void take(qq_log_line const *line)
{
  qq_piece raw = line->raw;
  has_lines = 1;
  if (is_from_journal && qq_piece_take(&raw, "-- cursor: ")) {
    while (raw.n && raw.s[raw.n - 1] == '\n') raw.n--;
    qq_demand_memory(qq_copy(&state.cursor, raw.s, raw.n) && stralloc_0(&state.cursor));
    has_cursor = 1;
  }
  else qlog_meter(&state, line);
}

static void read_log(void)
{
  qq_log *log = qlog_log();
  qq_log_file const *f;
  log->follows = 1;
  log->cursor = state.cursor.len ? state.cursor.s : 0;
  qlog_open();
  f = genalloc_s(qq_log_file, &log->files);
  is_from_journal = genalloc_len(qq_log_file, &log->files) && f->child;
  qlog_places_begin(&state, log);
  qlog_read(take);
  if (is_from_journal && has_lines && !has_cursor)
    qq_die(QQ_EXIT_TROUBLE, "%s", _("journalctl did not say where it ended: nothing is counted"));
  qlog_places_end(&state, log);
}

/* ---- the process that replaces the files ---- */

typedef struct files {
  qq_output_file state, output;         /* output.path may be null */
  stralloc failed;                      /* for the output, if nothing comes */
} files;

/* What comes is the state, a NUL, and the metrics. */
static void replace(void *data, stralloc const *text)
{
  files const *f = data;
  char const *metrics = text->len ? memchr(text->s, 0, text->len) : 0;
  size_t const n = metrics ? (size_t)(metrics - text->s) : 0;
  if (text->len && !metrics)
    qq_die(QQ_EXIT_TROUBLE, "%s", _("unable to read from a pipe"));
  if (metrics++) {
    qq_output_replace(&f->state, text->s, n);
    if (f->output.path) qq_output_replace(&f->output, metrics, text->len - n - 1);
    else qq_output(metrics, text->len - n - 1);
  }
  else if (f->output.path) qq_output_replace(&f->output, f->failed.s, f->failed.len);
}

/* One run at a time. */
static int lock(qq_output_file const *f)
{
  stralloc name = STRALLOC_ZERO;
  int fd, r;
  qq_must_fmt(&name, ".%s.lock", f->name);
  fd = openat(f->directory, name.s, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
  r = fd < 0 ? -1 : qq_os_flock(fd);
  if (r < 0) qq_die_unable(_("unable to lock %s beside %s"), name.s, f->path);
  if (!r) qq_die(QQ_EXIT_TROUBLE, _("another qlog-stat works with %s"), f->path);
  stralloc_free(&name);
  return fd;
}

/* Returns 0: there is none yet. */
static int read_state(qq_output_file const *f, stralloc *text)
{
  int const fd = openat(f->directory, f->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) return 0;
  if (fd < 0 || qq_slurp_regular(text, fd, STATE_MOST) < 0) {
    if (errno == ELOOP || errno == EINVAL)
      qq_die(QQ_EXIT_USAGE, _("%s is not a regular file"), f->path);
    qq_die_unable(_("unable to read %s"), f->path);
  }
  fd_close(fd);
  return 1;
}

void qlog_metrics(char const *path, char const *output)
{
  files f = { { 0, 0, -1 }, { 0, 0, -1 }, STRALLOC_ZERO };
  stralloc out = STRALLOC_ZERO, old = STRALLOC_ZERO;
  int locked, is_old;
  char const *const *operand = qq_operands();
  for (; *operand; operand++)
    if (!strcmp(*operand, "-"))
      qq_die_usage("%s", _("option --metrics reads no standard input, but files"));
  qq_output_open(&f.state, path);
  if (output) qq_output_open(&f.output, output);
  put_success(&f.failed, 0);
  locked = lock(&f.state);
  is_old = read_state(&f.state, &old);
  qq_output_collect(replace, &f);
  fd_close(locked);             /* the other process has it, as long as it is there */
  qq_hash_begin();
  if (is_old) qlog_state_read(&state, &old, path);
  stralloc_free(&old);
  qlog_meter_begin(&state);
  read_log();
  qlog_state_write(&out, &state);
  qq_demand_memory(stralloc_0(&out));
  put_metrics(&out, &state.counters);
  qq_output_batch(&out, 1);
  qq_exit(0);
}
