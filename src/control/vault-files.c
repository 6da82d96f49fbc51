#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <skalibs/direntry.h>
#include <skalibs/unix-transactional.h>
#include <qq/gettext.h>
#include <qq/listing.h>
#include <qq/names.h>
#include "vault-private.h"

/* What a file is prepared as, in control/. */
#define TEMPORARY ".qctl-"

static int temporary_name(stralloc *name, char const *of)
{
  name->len = 0;
  return stralloc_cats(name, TEMPORARY) && stralloc_cats(name, of) && stralloc_0(name);
}

static int prepare_file(qq_vault *v, qq_setting const *s)
{
  stralloc name = STRALLOC_ZERO;
  int const r = temporary_name(&name, s->name) ? qq_vault_write(v->control_fd, name.s, s) : -1;
  stralloc_free(&name);
  return r;
}

int qq_vault_prepare_files(qq_vault *v, qq_settings const *files)
{
  qq_setting const *s;
  size_t i;
  for (i = 0; (s = qq_settings_at(files, i)); i++) if (prepare_file(v, s) < 0) return -1;
  return fsync(v->control_fd) < 0 ? -1 : 1;
}

/* Says whether the file in control/ is what the setting says. Returns 1, 0, or -1 with errno. */
static int is_as(qq_vault const *v, char const *name, qq_setting const *s)
{
  stralloc now = STRALLOC_ZERO;
  int r = qq_vault_read(v->control_fd, name, &now);
  if (r >= 0) r = r == s->exists && now.len == s->content.len
    && (!now.len || !memcmp(now.s, s->content.s, now.len));
  stralloc_free(&now);
  return r;
}

static int rename_prepared(qq_vault *v, char const *name)
{
  stralloc from = STRALLOC_ZERO;
  int const r = temporary_name(&from, name)
    && !renameat(v->control_fd, from.s, v->control_fd, name) ? 1 : -1;
  stralloc_free(&from);
  return r;
}

/* The file as it should be takes its place. It may have done so before; and what somebody has
   changed since that is left alone. If what was prepared is lost it is prepared again. */
static int put_in_place(qq_vault *v, qq_setting const *wanted, qq_setting const *other)
{
  int r = is_as(v, wanted->name, wanted);
  if (r) return r;
  if (rename_prepared(v, wanted->name) > 0) return 1;
  if (errno != ENOENT) return -1;
  r = is_as(v, wanted->name, other);
  if (r < 1) return r < 0 ? -1 : 1;
  return prepare_file(v, wanted) < 0 ? -1 : rename_prepared(v, wanted->name);
}

/* What is there is not to be; unless somebody has changed it since. */
static int take_away(qq_vault *v, qq_setting const *other)
{
  int const r = is_as(v, other->name, other);
  if (r < 1) return r < 0 ? -1 : 1;
  return unlinkat(v->control_fd, other->name, 0) < 0 && errno != ENOENT ? -1 : 1;
}

int qq_vault_put_files(qq_vault *v, qq_settings const *wanted, qq_settings const *others,
  stralloc *why)
{
  qq_setting const *s;
  size_t i;
  for (i = 0; (s = qq_settings_at(wanted, i)); i++)
    if (put_in_place(v, s, qq_settings_get(others, s->name)) < 0)
      return qq_vault_fail(v, _("replace"), QQ_NAME_CONTROL "/", s->name, why);
  for (i = 0; (s = qq_settings_at(others, i)); i++)
    if (!qq_settings_find(wanted, s->name) && take_away(v, s) < 0)
      return qq_vault_fail(v, _("remove"), QQ_NAME_CONTROL "/", s->name, why);
  return fsync(v->control_fd) < 0 ? qq_vault_fail(v, _("sync"), QQ_NAME_CONTROL, "", why) : 1;
}

int qq_vault_sweep_files(qq_vault *v)
{
  DIR *d = opendir_at(v->control_fd, ".");
  char const *name;
  int r;
  if (!d) return -1;
  while ((r = qq_listing_next(d, &name)) > 0) {
    if (strncmp(name, TEMPORARY, strlen(TEMPORARY))) continue;
    if (unlinkat(v->control_fd, name, 0) < 0 && errno != ENOENT) break;
  }
  dir_close(d);
  return r ? -1 : 1;
}
