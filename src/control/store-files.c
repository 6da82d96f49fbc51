#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <qq/file.h>
#include <qq/names.h>
#include <qq/text.h>
#include "store-private.h"

/* What a file is prepared as, in control/. */
#define TEMPORARY ".qctl-"

static int temporary_name(stralloc *name, char const *of)
{
  return qq_fmt(name, TEMPORARY "%s", of) && stralloc_0(name);
}

static int prepare_file(qq_store *store, qq_setting const *s)
{
  stralloc name = STRALLOC_ZERO;
  int const r = temporary_name(&name, s->name) ? qq_store_write(store->control_fd, name.s, s) : -1;
  stralloc_free(&name);
  return r;
}

int qq_store_prepare_files(qq_store *store, qq_settings const *files)
{
  qq_setting const *s;
  for (s = 0; (s = qq_settings_next(files, s)); ) if (prepare_file(store, s) < 0) return -1;
  return fsync(store->control_fd) < 0 ? -1 : 1;
}

/* Says whether the file in control/ is what the setting says. Returns 1, 0, or -1 with errno. */
static int is_as(qq_store const *store, char const *name, qq_setting const *s)
{
  stralloc now = STRALLOC_ZERO;
  int r = qq_store_read(store->control_fd, name, &now);
  if (r >= 0) r = r == s->exists && now.len == s->content.len
    && (!now.len || !memcmp(now.s, s->content.s, now.len));
  stralloc_free(&now);
  return r;
}

static int rename_prepared(qq_store *store, char const *name)
{
  stralloc from = STRALLOC_ZERO;
  int const r = temporary_name(&from, name)
    && !renameat(store->control_fd, from.s, store->control_fd, name) ? 1 : -1;
  stralloc_free(&from);
  return r;
}

/* The file as it should be takes its place. It may have done so before; and what somebody has
   changed since that is left alone. If what was prepared is lost it is prepared again. */
static int put_in_place(qq_store *store, qq_setting const *wanted, qq_setting const *other)
{
  int r = is_as(store, wanted->name, wanted);
  if (r) return r;
  if (rename_prepared(store, wanted->name) > 0) return 1;
  if (errno != ENOENT) return -1;
  r = is_as(store, wanted->name, other);
  if (r < 1) return r < 0 ? -1 : 1;
  return prepare_file(store, wanted) < 0 ? -1 : rename_prepared(store, wanted->name);
}

/* What is there is not to be; unless somebody has changed it since. */
static int take_away(qq_store *store, qq_setting const *other)
{
  int const r = is_as(store, other->name, other);
  if (r < 1) return r < 0 ? -1 : 1;
  return unlinkat(store->control_fd, other->name, 0) < 0 && errno != ENOENT ? -1 : 1;
}

int qq_store_put_files(qq_store *store, qq_settings const *wanted, qq_settings const *others,
  stralloc *why)
{
  qq_setting const *s;
  for (s = 0; (s = qq_settings_next(wanted, s)); )
    if (put_in_place(store, s, qq_settings_get(others, s->name)) < 0)
      return qq_unable(why, _("unable to replace %s/%s/%s"), store->home, QQ_NAME_CONTROL, s->name);
  for (s = 0; (s = qq_settings_next(others, s)); )
    if (!qq_settings_find(wanted, s->name) && take_away(store, s) < 0)
      return qq_unable(why, _("unable to remove %s/%s/%s"), store->home, QQ_NAME_CONTROL, s->name);
  return fsync(store->control_fd) >= 0 ? 1
    : qq_unable(why, _("unable to sync %s/%s"), store->home, QQ_NAME_CONTROL);
}

int qq_store_sweep_files(qq_store *store)
{
  qq_directory d;
  int r;
  if (qq_directory_begin(&d, qq_store_directory(store->control_fd, ".")) < 0) return -1;
  while ((r = qq_directory_next(&d)) > 0) {
    if (strncmp(d.entry->d_name, TEMPORARY, strlen(TEMPORARY))) continue;
    if (unlinkat(d.fd, d.entry->d_name, 0) < 0 && errno != ENOENT) break;
  }
  qq_directory_end(&d);
  return r ? -1 : 1;
}
