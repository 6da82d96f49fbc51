#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <skalibs/direntry.h>
#include <skalibs/unix-transactional.h>
#include <qq/gettext.h>
#include <qq/listing.h>
#include <qq/purge.h>
#include <qq/names.h>
#include <qq/replace.h>
#include <qq/say.h>
#include <qq/slurp.h>
#include <qq/when.h>
#include "vault-private.h"

static int temporary_name(stralloc *name, char const *of)
{
  return stralloc_cats(name, QQ_VAULT_TEMPORARY) && stralloc_cats(name, of) && stralloc_0(name);
}

static int set_mtime(int directory, char const *name, uint64_t mtime)
{
  struct timespec times[2] = { { 0, UTIME_OMIT }, { 0, 0 } };
  times[1].tv_sec = (time_t)(mtime / QQ_SECOND);
  times[1].tv_nsec = (long)(mtime % QQ_SECOND);
  return utimensat(directory, name, times, AT_SYMLINK_NOFOLLOW);
}

int qq_vault_prepare(qq_vault *v, qq_setting const *s)
{
  stralloc name = STRALLOC_ZERO;
  int r = temporary_name(&name, s->name) ? qq_replace_prepare(v->control_fd, name.s, s->content.s, s->content.len, &s->owner) : -1;
  if (r > 0 && s->mtime && set_mtime(v->control_fd, name.s, s->mtime) < 0) r = -1;
  stralloc_free(&name);
  return r;
}

/* The file as it is now. Returns 1, 0: there is none; or -1 with errno. */
static int read_now(qq_vault const *v, char const *name, stralloc *content)
{
  int const fd = openat(v->control_fd, name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
  int r;
  content->len = 0;
  if (fd < 0) return errno == ENOENT ? 0 : -1;
  r = qq_slurp(content, fd);
  close(fd);
  return r;
}

static int has_content(stralloc const *content, qq_setting const *s)
{
  return content->len == s->content.len && (!content->len || !memcmp(content->s, s->content.s, content->len));
}

/* Says whether the file in control/ is what the setting says; null: that there is none. Returns 1, 0, or -1 with errno. */
static int is_as(qq_vault const *v, char const *name, qq_setting const *s)
{
  stralloc content = STRALLOC_ZERO;
  int const there = read_now(v, name, &content);
  int const r = there < 0 ? -1 : s ? there && has_content(&content, s) : !there;
  stralloc_free(&content);
  return r;
}

/* The file as it should be takes its place. It may have done so before; and what somebody has changed since that is left alone. If what was prepared is lost it is
   prepared again. */
static int put_in_place(qq_vault *v, qq_setting const *wanted, qq_setting const *other)
{
  stralloc name = STRALLOC_ZERO;
  int r = is_as(v, wanted->name, wanted);
  if (r) return r;
  if (!temporary_name(&name, wanted->name)) r = -1;
  else r = renameat(v->control_fd, name.s, v->control_fd, wanted->name) < 0 ? -1 : 1;
  if (r < 0 && errno == ENOENT) {
    r = is_as(v, wanted->name, other);
    if (r > 0) r = qq_vault_prepare(v, wanted);
    if (r > 0) r = renameat(v->control_fd, name.s, v->control_fd, wanted->name) < 0 ? -1 : 1;
    else if (!r) r = 1;
  }
  stralloc_free(&name);
  return r;
}

/* What is there is not to be; unless somebody has changed it since. */
static int take_away(qq_vault *v, qq_setting const *other)
{
  int const r = is_as(v, other->name, other);
  if (r < 1) return r < 0 ? -1 : 1;
  return unlinkat(v->control_fd, other->name, 0) < 0 && errno != ENOENT ? -1 : 1;
}

int qq_vault_load(qq_vault const *v, char const *directory, char const *side, qq_settings *s, stralloc *why)
{
  stralloc path = STRALLOC_ZERO;
  int r = -1;
  if (qq_say(&path, "%s/qqtools/history/%s/%s", v->home, directory, side) && stralloc_0(&path)) r = qq_settings_load_copy(s, path.s, why);
  stralloc_free(&path);
  return r;
}

static int fail_on(qq_vault const *v, char const *what, char const *name, stralloc *why)
{
  stralloc path = STRALLOC_ZERO;
  int const e = errno;
  if (qq_say(&path, QQ_NAME_CONTROL "/%s", name) && stralloc_0(&path)) {
    errno = e;
    qq_vault_fail(v, what, path.s, why);
  }
  stralloc_free(&path);
  errno = e;
  return -1;
}

static int carry_out(qq_vault *v, qq_settings const *wanted, qq_settings const *others, stralloc *why)
{
  size_t i;
  for (i = 0; i < qq_settings_count(wanted); i++)
    if (put_in_place(v, qq_settings_at(wanted, i), qq_settings_find(others, qq_settings_at(wanted, i)->name)) < 0)
      return fail_on(v, _("replace"), qq_settings_at(wanted, i)->name, why);
  for (i = 0; i < qq_settings_count(others); i++) {
    char const *name = qq_settings_at(others, i)->name;
    if (!qq_settings_find(wanted, name) && take_away(v, qq_settings_at(others, i)) < 0) return fail_on(v, _("remove"), name, why);
  }
  return fsync(v->control_fd) < 0 ? qq_vault_fail(v, _("sync"), QQ_NAME_CONTROL, why) : 1;
}

int qq_vault_carry_out(qq_vault *v, char const *directory, char const *side, stralloc *why)
{
  qq_settings wanted = QQ_SETTINGS_ZERO, others = QQ_SETTINGS_ZERO;
  int r = qq_vault_load(v, directory, side, &wanted, why);
  if (r > 0) r = qq_vault_load(v, directory, !strcmp(side, QQ_VAULT_NEW) ? QQ_VAULT_OLD : QQ_VAULT_NEW, &others, why);
  if (r > 0) r = carry_out(v, &wanted, &others, why);
  qq_settings_free(&wanted);
  qq_settings_free(&others);
  return r;
}

int qq_vault_sweep(qq_vault *v)
{
  DIR *d = opendir_at(v->control_fd, ".");
  char const *name;
  int r;
  if (!d) return -1;
  while ((r = qq_listing_next(d, &name)) > 0) {
    if (strncmp(name, QQ_VAULT_TEMPORARY, strlen(QQ_VAULT_TEMPORARY))) continue;
    if (unlinkat(v->control_fd, name, 0) < 0 && errno != ENOENT) break;
  }
  dir_close(d);
  return r ? -1 : 1;
}

int qq_vault_remove(qq_vault *v, char const *directory)
{
  return qq_purge(v->history_fd, directory) < 0 || fsync(v->history_fd) < 0 ? -1 : 1;
}
