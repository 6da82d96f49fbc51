#include <errno.h>
#include <pthread.h>
#include <unistd.h>
#include <skalibs/allreadwrite.h>
#include <qq/diagnostic.h>
#include <qq/options.h>
#include <qq/os.h>
#include <qq/output.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int has_tokens, has_begun;

/* Standard input is looked at once more before the first byte. */
static size_t write_all(char const *s, size_t n)
{
  if (!has_begun) qq_input_look();
  has_begun = 1;
  errno = 0;
  return allwrite(1, s, n);
}

void qq_output_has_tokens(void)
{
  has_tokens = 1;
  qq_os_mark_pipe(1);
}

void qq_output_spoil(void)
{
  char const end[] = { '@', (char)qq_shared_options->end };
  if (has_tokens && has_begun) allwrite(1, end, sizeof end);
}

void qq_output(char const *s, size_t n)
{
  size_t written;
  if (!n) return;
  if (qq_output_is_terminal()) qq_progress_hide();
  pthread_mutex_lock(&mutex);
  written = write_all(s, n);
  pthread_mutex_unlock(&mutex);
  if (written < n) qq_die_unable("%s", _("unable to write to standard output"));
}

void qq_output_batch(stralloc *sa, size_t limit)
{
  if (sa->len < limit) return;
  qq_output(sa->s, sa->len);
  sa->len = 0;
}

void qq_output_count(uint64_t n)
{
  char s[QQ_NUMBER_FMT + 1];
  size_t length = qq_number_format(s, n);
  s[length++] = '\n';
  qq_output(s, length);
}

void qq_output_token(stralloc *sa, qq_id const *id)
{
  qq_demand_memory(qq_room(sa, QQ_ID_FMT));
  sa->len += qq_id_format(sa->s + sa->len, id);
  sa->s[sa->len++] = qq_shared_options->end;
}

int qq_output_is_terminal(void)
{
  static int known = -1;        /* settled by qq_start, before there are threads */
  if (known < 0) known = isatty(1);
  return known;
}

void qq_output_done(char const *format, ...)
{
  stralloc text = STRALLOC_ZERO, out = STRALLOC_ZERO;
  va_list args;
  if (!qq_output_is_terminal()) return;
  va_start(args, format);
  qq_demand_memory(qq_vfmt(&text, format, args) && qq_safe(&out, text.s, text.len)
    && stralloc_append(&out, '\n'));
  va_end(args);
  qq_output(out.s, out.len);
  stralloc_free(&text);
  stralloc_free(&out);
}
