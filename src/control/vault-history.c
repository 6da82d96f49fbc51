#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <qq/gettext.h>
#include <qq/id.h>
#include <qq/names.h>
#include <qq/say.h>
#include <qq/slurp.h>
#include "vault-private.h"

void qq_past_free(qq_past *p)
{
  stralloc_free(&p->user);
  stralloc_free(&p->what);
  stralloc_free(&p->before);
  stralloc_free(&p->after);
  qq_settings_free(&p->old_files);
  qq_settings_free(&p->new_files);
}

static int take(stralloc *value, char const *s, size_t n)
{
  value->len = 0;
  return stralloc_catb(value, s, n) && stralloc_0(value);
}

/* A line of info: WORD, a blank, and the rest. */
static int parse_line(qq_past *p, char const *s, size_t n)
{
  static char const *const words[] = { "when ", "uid ", "user ", "what ", "before ", "after " };
  stralloc *texts[] = { 0, 0, &p->user, &p->what, &p->before, &p->after };
  size_t i;
  for (i = 0; i < sizeof words / sizeof *words; i++) {
    size_t const length = strlen(words[i]);
    if (n < length || memcmp(s, words[i], length)) continue;
    if (texts[i]) return take(texts[i], s + length, n - length);
    return qq_number_scan(s + length, n - length, i ? &p->uid : &p->when);
  }
  return 0;
}

static int parse(qq_past *p, stralloc const *text)
{
  size_t at = 0;
  while (at < text->len) {
    char const *end = memchr(text->s + at, '\n', text->len - at);
    if (!end || !parse_line(p, text->s + at, (size_t)(end - text->s) - at)) return 0;
    at = (size_t)(end - text->s) + 1;
  }
  return p->user.len && p->what.len && p->before.len && p->after.len;
}

int qq_vault_read_info(qq_vault const *v, char const *directory, qq_past *p, stralloc *why)
{
  int const fd = qq_vault_directory(v->history_fd, directory), info = fd < 0 ? -1 : openat(fd, QQ_VAULT_INFO, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  stralloc text = STRALLOC_ZERO;
  int r = info < 0 ? -1 : qq_slurp(&text, info);
  if (r > 0 && !parse(p, &text)) {
    errno = EINVAL;
    r = -1;
  }
  if (r < 0) qq_vault_fail(v, _("read"), "qqtools/history/.../record", why);
  if (info >= 0) close(info);
  if (fd >= 0) close(fd);
  stralloc_free(&text);
  return r;
}

int qq_vault_past(qq_vault const *v, uint64_t number, qq_past *p, stralloc *why)
{
  char name[QQ_NUMBER_FMT + 1];
  p->number = number;
  name[qq_number_format(name, number)] = 0;
  if (qq_vault_read_info(v, name, p, why) < 0 || qq_vault_load(v, name, QQ_VAULT_OLD, &p->old_files, why) < 0) return -1;
  return qq_vault_load(v, name, QQ_VAULT_NEW, &p->new_files, why);
}
