#include <errno.h>
#include <fcntl.h>
#include <qq/names.h>
#include <qq/site.h>
#include <qq/text.h>

int qq_site_open(qq_site *site, stralloc *why)
{
  if (!*site->home.s)
    return qq_refuse(why, EINVAL, _("the home of the queue %s is not known: its parent has "
      "no control/; give both --queue and --home"), site->queue.s);
  if (!qq_fmt(&site->control, "%s/" QQ_NAME_CONTROL, site->home.s) || !stralloc_0(&site->control)
    || qq_site_find_shipped(site) < 0)
    return qq_unable(why, _("unable to open %s"), site->home.s);
  return qq_store_open(&site->store, site->home.s, why);
}

int qq_site_begin(qq_site *site, char const *queue, char const *home, stralloc *why)
{
  if (qq_site_find(site, queue, home) < 0) return qq_refuse(why, ENOMEM, "%s", _("out of memory"));
  return qq_site_open(site, why);
}

int qq_site_lock(qq_site *site, stralloc *why)
{
  stralloc reason = STRALLOC_ZERO;
  int r = qq_store_lock(&site->store, why);
  if (r > 0 && qq_store_recover(&site->store, &site->undone, &reason) < 0)
    r = qq_refuse(why, errno, _("a change was interrupted, and cannot be completed: %.*s"),
      (int)reason.len, reason.s);
  stralloc_free(&reason);
  return r;
}

int qq_site_load(qq_site *site, qq_settings const *whole, stralloc *why)
{
  int const fd = openat(site->store.control_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return qq_settings_load(&site->live, fd, site->control.s, whole, why);
}

int qq_site_can_read(qq_site const *site, char const *name, stralloc *why)
{
  qq_setting const *s = qq_value_file(name, &site->live);
  if (!s->error) return 1;
  errno = s->error;
  return qq_unable(why, _("unable to read %s/%s"), site->control.s, s->name);
}

static void end_interrupted(qq_store *store, stralloc *why)
{
  stralloc reason = STRALLOC_ZERO;
  if (qq_store_recover(store, 0, &reason) < 0)
    qq_fmt(why, _("a change of the control files was interrupted, and cannot be completed: %.*s"),
      (int)reason.len, reason.s);
  else
    qq_fmt(why, "%s", _("a change of the control files was interrupted; it has been completed now, "
      "or undone if it had not begun (qctl-undo --list)"));
  stralloc_free(&reason);
}

int qq_site_recover(qq_site *site, stralloc *why)
{
  qq_store *store = &site->store;
  stralloc reason = STRALLOC_ZERO;
  if (qq_store_is_interrupted(store) < 1) return 1;
  if (qq_store_lock(store, &reason) > 0) {
    /* whose it was may have ended it meanwhile */
    if (qq_store_is_interrupted(store) == 1) end_interrupted(store, why);
  }
  else if (errno != EBUSY)
    qq_fmt(why, "%s", _("a change of the control files was interrupted: run any qctl program as "
      "root to complete it"));
  stralloc_free(&reason);
  return !why->len;
}
