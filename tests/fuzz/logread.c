/* Lines that begin as the one before did are read as all others are. */

#include <unistd.h>
#include "../../src/log/log-private.h"
#include "fuzz.h"

static void put(stralloc *out, qq_piece p)
{
  uint64_t const n = p.n;
  promise(stralloc_catb(out, (char const *)&n, sizeof n) && qq_append(out, p.s, p.n), "memory");
}

static void put_number(stralloc *out, uint64_t u)
{
  promise(stralloc_catb(out, (char const *)&u, sizeof u), "memory");
}

static int has_message(qq_log_event e)
{
  return e == QQ_LOG_NEW || e == QQ_LOG_INFO || e == QQ_LOG_START || e == QQ_LOG_BOUNCE
    || e == QQ_LOG_DISCARD || e == QQ_LOG_END;
}

static void put_event(stralloc *out, qq_log_line const *l)
{
  put_number(out, l->event);
  put_number(out, l->stamp);
  put_number(out, (uint64_t)l->is_yearless << 1 | (uint64_t)l->is_cut);
  put_number(out, l->set_number);
  put(out, l->raw);
  put(out, l->host);
  put(out, l->tag);
  put(out, l->unit);
  put(out, l->text);
  put(out, l->queue);
  if (l->event == QQ_LOG_SMTP) {
    put(out, l->ip);
    put(out, l->helo);
    put(out, l->login);
    put_number(out, l->pid);
  }
  if (l->event == QQ_LOG_INFO || l->event == QQ_LOG_START) put(out, l->address);
  if (l->event == QQ_LOG_INFO) put_number(out, l->size);
  if (l->event == QQ_LOG_START) put_number(out, l->channel);
  if (l->event == QQ_LOG_INFO || l->event == QQ_LOG_BOUNCE || l->event == QQ_LOG_SMTP)
    put_number(out, l->qp);
  if (has_message(l->event)) put_number(out, l->message);
  if (l->event >= QQ_LOG_START && l->event <= QQ_LOG_NOTE) {
    put_number(out, l->delivery);
    put_number(out, l->delivery_queue);
  }
  if (l->event >= QQ_LOG_SUCCESS && l->event <= QQ_LOG_NOTE) put(out, l->reason);
}

/* All events of the log; if is_slow, each line by itself. Ends at its beginning. */
static void read_all(qq_log *log, int is_slow, stralloc *out)
{
  stralloc why = STRALLOC_ZERO;
  qq_log_line const *line;
  int r;
  promise(qq_log_rewind(log, &why) > 0, "memory");
  while ((r = qq_log_next(log, &line, &why)) > 0) {
    if (line->event != QQ_LOG_OTHER) put_event(out, line);
    if (is_slow) log->reader->may_be_alike = 0;
  }
  promise(!r && qq_log_rewind(log, &why) > 0, "a regular file can be read");
  stralloc_free(&why);
}

static void free_log(qq_log *log)
{
  qq_log_file *f = genalloc_s(qq_log_file, &log->files);
  free(f->name);
  free(f->set);
  genalloc_free(qq_log_file, &log->files);
  stralloc_free(&log->warnings);
  free(log->reader);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static FILE *file;
  qq_log log = QQ_LOG_ZERO;
  stralloc quick = STRALLOC_ZERO, slow = STRALLOC_ZERO;
  if (size && strchr("\x1f\x28\xfd" "B", *data)) return 0;      /* it may be compressed */
  if (!file) file = tmpfile();
  promise(file && !ftruncate(fileno(file), 0)
    && pwrite(fileno(file), data, size, 0) == (ssize_t)size, "a temporary file");
  promise(qq_log_add_stream(&log, fileno(file), "log", 0) > 0, "memory");
  read_all(&log, 0, &quick);
  read_all(&log, 1, &slow);
  same(&quick, &slow, "quick and slow readers agree");
  free_log(&log);
  stralloc_free(&quick);
  stralloc_free(&slow);
  return 0;
}
