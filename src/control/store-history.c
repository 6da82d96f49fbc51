#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <qq/id.h>
#include <qq/names.h>
#include <qq/os.h>
#include <qq/text.h>
#include <qq/when.h>
#include "store-private.h"

int qq_store_history(qq_store const *store, genalloc *numbers)
{
  if (store->history_fd >= 0) return qq_numbers_read(numbers, store->history_fd, 0);
  return qq_store_is_hidden(store) ? -1 : 1;
}

void qq_record_free(qq_record *record)
{
  stralloc_free(&record->user);
  stralloc_free(&record->what);
  stralloc_free(&record->before);
  stralloc_free(&record->after);
  qq_settings_free(&record->old_files);
  qq_settings_free(&record->new_files);
}

/* ---- reading ---- */

/* A line of the record: WORD, a blank, and the rest. */
static int parse_line(qq_record *record, qq_piece line)
{
  static char const *const words[] = { "when ", "uid ", "user ", "what ", "before ", "after " };
  stralloc *texts[] = { 0, 0, &record->user, &record->what, &record->before, &record->after };
  size_t i;
  for (i = 0; i < sizeof words / sizeof *words; i++) {
    if (!qq_piece_take(&line, words[i])) continue;
    if (texts[i]) return qq_copy(texts[i], line.s, line.n) && stralloc_0(texts[i]);
    return qq_number_scan(line.s, line.n, i ? &record->uid : &record->when);
  }
  return 0;
}

static int parse_record(qq_record *record, stralloc const *text)
{
  qq_piece rest = { text->s, text->len }, line;
  if (rest.n && rest.s[rest.n - 1] != '\n') return 0;
  while (qq_piece_line(&rest, &line)) if (!parse_line(record, line)) return 0;
  return record->user.len && record->what.len && record->before.len && record->after.len;
}

static int read_info(qq_store const *store, char const *directory, qq_record *record)
{
  stralloc path = STRALLOC_ZERO, text = STRALLOC_ZERO;
  int r = qq_fmt(&path, "%s/" QQ_STORE_INFO, directory) && stralloc_0(&path)
    ? qq_store_read(store->history_fd, path.s, &text) : -1;
  if (!r) errno = ENOENT;
  if (r > 0 && !parse_record(record, &text)) {
    errno = EINVAL;
    r = -1;
  }
  stralloc_free(&path);
  stralloc_free(&text);
  return r > 0 ? 1 : -1;
}

static int read_files(qq_store const *store, char const *directory, char const *side,
  qq_settings *files, stralloc *why)
{
  stralloc path = STRALLOC_ZERO;
  int const at = qq_store_directory(store->history_fd, directory);
  int r = -1;
  if (at >= 0 && qq_fmt(&path, "%s/" QQ_NAME_HISTORY "/%s/%s", store->home, directory, side)
    && stralloc_0(&path))
    r = qq_settings_load_copy(files, qq_store_directory(at, side), path.s, why);
  else qq_unable(why, _("unable to read %s/%s/%s"), store->home, QQ_NAME_HISTORY, directory);
  if (at >= 0) fd_close(at);
  stralloc_free(&path);
  return r;
}

int qq_record_read(qq_store const *store, char const *directory, qq_record *record, stralloc *why)
{
  if (read_info(store, directory, record) < 0)
    return qq_unable(why, _("unable to read %s/%s"), store->home, QQ_NAME_HISTORY "/.../"
      QQ_STORE_INFO);
  return read_files(store, directory, QQ_STORE_OLD, &record->old_files, why) < 0 ? -1
    : read_files(store, directory, QQ_STORE_NEW, &record->new_files, why);
}

int qq_store_record(qq_store const *store, uint64_t number, qq_record *record, stralloc *why)
{
  char name[QQ_NUMBER_FMT + 1];
  record->number = number;
  name[qq_number_format(name, number)] = 0;
  return qq_record_read(store, name, record, why);
}

/* ---- writing ---- */

static int write_files(qq_store const *store, int at, char const *side, qq_settings const *files)
{
  int const fd = qq_store_make_directory(store, at, side);
  qq_setting const *s;
  int r = 1;
  if (fd < 0) return -1;
  for (s = 0; r > 0 && (s = qq_settings_next(files, s)); ) r = qq_store_write(fd, s->name, s);
  if (r > 0 && fsync(fd) < 0) r = -1;
  fd_close(fd);
  return r;
}

/* Names of users and templates have no newlines; what a person said may. */
static int append_line(stralloc *text, char const *word, char const *value)
{
  return qq_fmt(text, "%s ", word) && qq_safe(text, value, strlen(value))
    && stralloc_append(text, '\n');
}

static int write_info(int at, qq_record const *record)
{
  qq_owner const owner = qq_owner_self(0644);
  uid_t const uid = getuid();
  struct passwd const *user;
  stralloc text = STRALLOC_ZERO;
  int r = -1;
  qq_getpw_uid(&user, uid);
  if (qq_fmt(&text, "when %llu\nuid %lu\n", (unsigned long long)qq_now(), (unsigned long)uid)
    && append_line(&text, "user", user ? user->pw_name : "")
    && append_line(&text, "what", record->what.s) && append_line(&text, "before", record->before.s)
    && append_line(&text, "after", record->after.s))
    r = qq_replace_prepare(at, QQ_STORE_INFO, text.s, text.len, &owner);
  stralloc_free(&text);
  return r;
}

int qq_record_write(qq_store *store, qq_record const *record)
{
  int const fd = qq_store_make_directory(store, store->history_fd, QQ_STORE_PREPARING);
  int r;
  if (fd < 0) return -1;
  r = write_files(store, fd, QQ_STORE_OLD, &record->old_files);
  if (r > 0) r = write_files(store, fd, QQ_STORE_NEW, &record->new_files);
  if (r > 0) r = write_info(fd, record);
  if (r > 0 && fsync(fd) < 0) r = -1;
  fd_close(fd);
  return r;
}
