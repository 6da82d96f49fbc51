#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <qq/append.h>
#include <qq/gettext.h>
#include <qq/id.h>
#include <qq/numbers.h>
#include <qq/piece.h>
#include <qq/say.h>
#include <qq/when.h>
#include "vault-private.h"

int qq_vault_history(qq_vault const *v, genalloc *numbers)
{
  return v->history_fd < 0 ? 1 : qq_numbers_read(numbers, v->history_fd, 0);
}

void qq_past_free(qq_past *p)
{
  stralloc_free(&p->user);
  stralloc_free(&p->what);
  stralloc_free(&p->before);
  stralloc_free(&p->after);
  qq_settings_free(&p->old_files);
  qq_settings_free(&p->new_files);
}

/* ---- reading ---- */

/* A line of the record: WORD, a blank, and the rest. */
static int parse_line(qq_past *p, qq_piece const *line)
{
  static char const *const words[] = { "when ", "uid ", "user ", "what ", "before ", "after " };
  stralloc *texts[] = { 0, 0, &p->user, &p->what, &p->before, &p->after };
  size_t i;
  for (i = 0; i < sizeof words / sizeof *words; i++) {
    size_t const n = strlen(words[i]);
    if (line->n < n || memcmp(line->s, words[i], n)) continue;
    if (texts[i]) return qq_copy(texts[i], line->s + n, line->n - n) && stralloc_0(texts[i]);
    return qq_number_scan(line->s + n, line->n - n, i ? &p->uid : &p->when);
  }
  return 0;
}

static int parse_record(qq_past *p, stralloc const *text)
{
  qq_piece rest = { text->s, text->len }, line;
  if (rest.n && rest.s[rest.n - 1] != '\n') return 0;
  while (qq_piece_line(&rest, &line)) if (!parse_line(p, &line)) return 0;
  return p->user.len && p->what.len && p->before.len && p->after.len;
}

static int read_info(qq_vault const *v, char const *directory, qq_past *p)
{
  stralloc path = STRALLOC_ZERO, text = STRALLOC_ZERO;
  int r = qq_say(&path, "%s/" QQ_VAULT_INFO, directory) && stralloc_0(&path)
    ? qq_vault_read(v->history_fd, path.s, &text) : -1;
  if (!r) errno = ENOENT;
  if (r > 0 && !parse_record(p, &text)) {
    errno = EINVAL;
    r = -1;
  }
  stralloc_free(&path);
  stralloc_free(&text);
  return r > 0 ? 1 : -1;
}

static int read_files(qq_vault const *v, char const *directory, char const *side,
  qq_settings *files, stralloc *why)
{
  stralloc path = STRALLOC_ZERO;
  int r = -1;
  if (qq_say(&path, "%s/qqtools/history/%s/%s", v->home, directory, side) && stralloc_0(&path))
    r = qq_settings_load_copy(files, path.s, why);
  stralloc_free(&path);
  return r;
}

int qq_past_read(qq_vault const *v, char const *directory, qq_past *p, stralloc *why)
{
  if (read_info(v, directory, p) < 0)
    return qq_vault_fail(v, _("read"), "qqtools/history/.../record", "", why);
  return read_files(v, directory, QQ_VAULT_OLD, &p->old_files, why) < 0 ? -1
    : read_files(v, directory, QQ_VAULT_NEW, &p->new_files, why);
}

int qq_vault_past(qq_vault const *v, uint64_t number, qq_past *p, stralloc *why)
{
  char name[QQ_NUMBER_FMT + 1];
  p->number = number;
  name[qq_number_format(name, number)] = 0;
  return qq_past_read(v, name, p, why);
}

/* ---- writing ---- */

static int write_files(int at, char const *side, qq_settings const *files)
{
  int const fd = qq_vault_make_directory(at, side);
  qq_setting const *s;
  size_t i;
  int r = 1;
  if (fd < 0) return -1;
  for (i = 0; r > 0 && (s = qq_settings_at(files, i)); i++) r = qq_vault_write(fd, s->name, s);
  if (r > 0 && fsync(fd) < 0) r = -1;
  fd_close(fd);
  return r;
}

/* Names of users and templates have no newlines; what a person said may. */
static int append_line(stralloc *text, char const *word, char const *value)
{
  return qq_say(text, "%s ", word) && qq_safe(text, value, strlen(value))
    && stralloc_append(text, '\n');
}

static int write_info(int at, qq_past const *p)
{
  qq_owner const owner = qq_owner_self(0644);
  uid_t const uid = getuid();
  struct passwd const *user = getpwuid(uid);
  stralloc text = STRALLOC_ZERO;
  int r = -1;
  if (qq_say(&text, "when %llu\nuid %lu\n", (unsigned long long)qq_now(), (unsigned long)uid)
    && append_line(&text, "user", user ? user->pw_name : "")
    && append_line(&text, "what", p->what.s) && append_line(&text, "before", p->before.s)
    && append_line(&text, "after", p->after.s))
    r = qq_replace_prepare(at, QQ_VAULT_INFO, text.s, text.len, &owner);
  stralloc_free(&text);
  return r;
}

int qq_past_write(qq_vault *v, qq_past const *p)
{
  int const fd = qq_vault_make_directory(v->history_fd, QQ_VAULT_PREPARING);
  int r;
  if (fd < 0) return -1;
  r = write_files(fd, QQ_VAULT_OLD, &p->old_files);
  if (r > 0) r = write_files(fd, QQ_VAULT_NEW, &p->new_files);
  if (r > 0) r = write_info(fd, p);
  if (r > 0 && fsync(fd) < 0) r = -1;
  fd_close(fd);
  return r;
}
