#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/direntry.h>
#include <skalibs/unix-transactional.h>
#include <qq/append.h>
#include <qq/gettext.h>
#include <qq/listing.h>
#include <qq/names.h>
#include <qq/purge.h>
#include <qq/say.h>
#include "vault-private.h"

#define HISTORY_PATH QQ_VAULT_DIRECTORY "/" QQ_VAULT_HISTORY

/* Sets name to the entry of the history that ends with suffix, behind its number. Returns 1, 0:
   there is none; or -1 with errno. */
static int find_entry(qq_vault const *v, char const *suffix, stralloc *name)
{
  DIR *d = v->history_fd < 0 ? 0 : opendir_at(v->history_fd, ".");
  size_t const n = strlen(suffix);
  char const *entry;
  int r;
  if (!d) return v->history_fd < 0 ? 0 : -1;
  while ((r = qq_listing_next(d, &entry)) > 0) {
    size_t const length = strlen(entry);
    if (length >= n && !strcmp(entry + length - n, suffix)) break;
  }
  if (r > 0 && !qq_copy_string(name, entry)) r = -1;
  dir_close(d);
  return r;
}

int qq_vault_is_interrupted(qq_vault const *v)
{
  stralloc name = STRALLOC_ZERO;
  int r = qq_vault_is_busy(v);
  if (r) return r < 0 ? -1 : 0;
  r = find_entry(v, QQ_VAULT_APPLYING, &name);
  if (!r) r = find_entry(v, QQ_VAULT_UNDOING, &name);
  if (!r) r = find_entry(v, QQ_VAULT_PREPARING, &name);
  if (!r) r = qq_template_is_interrupted(v) || qq_vault_has_next_in_force(v);
  stralloc_free(&name);
  return r;
}

/* ---- the end of a change that is valid: everything here may have been done before ---- */

static int rename_and_sync(qq_vault *v, char const *from, char const *to)
{
  return renameat(v->history_fd, from, v->history_fd, to) < 0 || fsync(v->history_fd) < 0 ? -1 : 1;
}

/* The files are what they are to be: so is the template in force now, and the record gets its last
   name. */
static int end_with(qq_vault *v, char const *in_force, char const *from, char const *to,
  stralloc *why)
{
  return qq_vault_put_in_force(v, in_force) < 0 || qq_vault_sweep_files(v) < 0
    || rename_and_sync(v, from, to) < 0 ? qq_vault_fail(v, _("write"), "qqtools", "", why) : 1;
}

/* The name without the suffix is the number. */
static int end_change(qq_vault *v, qq_past const *p, char const *name, stralloc *why)
{
  stralloc number = STRALLOC_ZERO;
  int r;
  if (qq_copy(&number, name, strlen(name) - strlen(QQ_VAULT_APPLYING)) && stralloc_0(&number))
    r = end_with(v, p->after.s, name, number.s, why);
  else r = qq_vault_fail(v, _("write"), "qqtools", "", why);
  stralloc_free(&number);
  return r;
}

static int carry_out_change(qq_vault *v, qq_past const *p, char const *name, stralloc *why)
{
  return qq_vault_put_files(v, &p->new_files, &p->old_files, why) < 0 ? -1
    : end_change(v, p, name, why);
}

static int remove_prepared(qq_vault *v)
{
  return qq_purge(v->history_fd, QQ_VAULT_PREPARING) < 0 || fsync(v->history_fd) < 0 ? -1 : 1;
}

static int carry_out_undo(qq_vault *v, qq_past const *p, char const *name, stralloc *why)
{
  if (qq_vault_put_files(v, &p->old_files, &p->new_files, why) < 0
    || end_with(v, p->before.s, name, QQ_VAULT_PREPARING, why) < 0) return -1;
  return remove_prepared(v) < 0 ? qq_vault_fail(v, _("write"), "qqtools", "", why) : 1;
}

/* What is not valid yet, or not any more, goes. */
static int take_back(qq_vault *v, stralloc *why)
{
  if (qq_vault_sweep_files(v) > 0 && qq_vault_drop_in_force(v) > 0 && qq_template_sweep(v) > 0
    && remove_prepared(v) > 0) return 1;
  return qq_vault_fail(v, _("remove"), HISTORY_PATH "/", QQ_VAULT_PREPARING, why);
}

/* Ends what has that suffix. Returns 1, 0: there is none; or -1 with errno and why. */
static int recover_one(qq_vault *v, char const *suffix,
  int (*carry_out)(qq_vault *, qq_past const *, char const *, stralloc *), stralloc *why)
{
  stralloc name = STRALLOC_ZERO;
  qq_past p = QQ_PAST_ZERO;
  int r = find_entry(v, suffix, &name);
  if (r < 0) qq_vault_fail(v, _("read"), HISTORY_PATH, "", why);
  if (r > 0) r = qq_past_read(v, name.s, &p, why) < 0 ? -1 : carry_out(v, &p, name.s, why);
  qq_past_free(&p);
  stralloc_free(&name);
  return r;
}

int qq_vault_recover(qq_vault *v, stralloc *why)
{
  int r = recover_one(v, QQ_VAULT_APPLYING, carry_out_change, why);
  if (!r) r = recover_one(v, QQ_VAULT_UNDOING, carry_out_undo, why);
  return r < 0 ? -1 : take_back(v, why);
}

/* ---- a change ---- */

/* What is in the way of a file in control/: a directory, a pipe, a link. A change would replace it.
   Returns 1: nothing; or -1 and why. */
static int check_name(qq_vault const *v, char const *name, stralloc *why)
{
  struct stat st;
  if (fstatat(v->control_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || S_ISREG(st.st_mode)) return 1;
  errno = EINVAL;
  qq_say(why, S_ISLNK(st.st_mode) ? _("%s/control/%s is a symbolic link, which a change would "
    "replace: change the file that it leads to")
    : _("%s/control/%s is no regular file, and is not replaced"), v->home, name);
  return -1;
}

static int check_names(qq_vault const *v, qq_settings const *files, stralloc *why)
{
  size_t i;
  for (i = 0; i < qq_settings_count(files); i++)
    if (check_name(v, qq_settings_at(files, i)->name, why) < 0) return -1;
  return 1;
}

static qq_setting *add_copy(qq_settings *to, qq_setting const *s)
{
  qq_setting *copy = qq_settings_put(to, s->name, 1, s->content.s, s->content.len);
  if (!copy) return 0;
  copy->owner = s->owner;
  copy->mtime = s->mtime;
  return copy;
}

/* A file keeps its owner and mode; a new one is root's and everybody's to read. */
static int add_new(qq_settings *to, qq_setting const *now, qq_setting const *wanted)
{
  mode_t const mode = wanted->owner.mode;
  qq_setting *added = add_copy(to, wanted);
  if (!added) return -1;
  added->owner = now->exists ? now->owner : qq_owner_self(mode ? (mode & 0644) | 0400 : 0644);
  added->mtime = 0;
  return 1;
}

/* What differs, as it is and as it will be. Returns the number of files, or -1 and why. */
static int find_files(qq_vault *v, qq_past *p, qq_settings const *live,
  qq_settings const *changes, stralloc *why)
{
  qq_difference d;
  int n = 0;
  qq_difference_begin(&d, live, changes);
  for (; qq_difference_next(&d); n++) {
    if (check_name(v, d.name, why) < 0) return -1;
    if (d.before->is_unreadable || d.before->is_unread) {
      errno = EACCES;
      return qq_vault_fail(v, _("read"), QQ_NAME_CONTROL "/", d.name, why);
    }
    if (d.before->exists && !add_copy(&p->old_files, d.before)) return -1;
    if (d.after->exists && add_new(&p->new_files, d.before, d.after) < 0) return -1;
  }
  return n;
}

/* What was prepared, if all of it was (r), becomes valid with the rename, whatever becomes of the
   sync. Returns 1, or -1 with errno and why: nothing has changed; or the next run ends it. */
static int make_valid(qq_vault *v, int r, char const *from, char const *to, stralloc *why)
{
  stralloc unused = STRALLOC_ZERO;
  if (r > 0 && renameat(v->history_fd, from, v->history_fd, to) >= 0) {
    if (fsync(v->history_fd) >= 0) return 1;
    qq_vault_fail(v, _("sync"), HISTORY_PATH, "", why);
    qq_say(why, "; %s", _("the next run of any qctl program ends the change"));
    return -1;
  }
  qq_vault_fail(v, _("prepare a change in"), QQ_NAME_CONTROL, "", why);
  take_back(v, &unused);
  stralloc_free(&unused);
  return -1;
}

/* Some file could not take its place: all of them get back what they were, if that can be had, and
   the change is forgotten. Else the next run tries again. */
static void roll_back(qq_vault *v, qq_past const *p, char const *name)
{
  stralloc unused = STRALLOC_ZERO;
  if (qq_vault_prepare_files(v, &p->old_files) > 0
    && qq_vault_put_files(v, &p->old_files, &p->new_files, &unused) > 0
    && rename_and_sync(v, name, QQ_VAULT_PREPARING) > 0) take_back(v, &unused);
  stralloc_free(&unused);
}

static int set_name(stralloc *name, uint64_t number, char const *suffix)
{
  return qq_say(name, "%llu%s", (unsigned long long)number, suffix) && stralloc_0(name) ? 1 : -1;
}

static int make_change(qq_vault *v, qq_past *p, char const *what, char const *in_force,
  stralloc *why)
{
  stralloc name = STRALLOC_ZERO;
  genalloc numbers = GENALLOC_ZERO;     /* of uint64_t */
  int r = qq_vault_history(v, &numbers);
  size_t const n = genalloc_len(uint64_t, &numbers);
  p->number = n ? genalloc_s(uint64_t, &numbers)[n - 1] + 1 : 1;
  if (!qq_copy_string(&p->what, what) || !qq_copy_string(&p->after, in_force)) r = -1;
  if (r > 0) r = qq_vault_in_force(v, &p->before);
  if (r > 0) r = qq_past_write(v, p);
  if (r > 0) r = qq_vault_prepare_files(v, &p->new_files);
  if (r > 0) r = qq_vault_prepare_in_force(v, in_force);
  if (r > 0) r = set_name(&name, p->number, QQ_VAULT_APPLYING);
  r = make_valid(v, r, QQ_VAULT_PREPARING, name.s, why);
  if (r > 0) {
    r = qq_vault_put_files(v, &p->new_files, &p->old_files, why);
    if (r > 0) r = end_change(v, p, name.s, why);
    else roll_back(v, p, name.s);
  }
  genalloc_free(uint64_t, &numbers);
  stralloc_free(&name);
  return r;
}

int qq_vault_change(qq_vault *v, qq_settings const *live, qq_settings const *changes,
  char const *what, char const *in_force, stralloc *why)
{
  qq_past p = QQ_PAST_ZERO;
  int n = find_files(v, &p, live, changes, why);
  if (n > 0 && make_change(v, &p, what, in_force, why) < 0) n = -1;
  if (!n && qq_vault_set_in_force(v, in_force) < 0)
    n = qq_vault_fail(v, _("write"), "qqtools/in-force", "", why);
  qq_past_free(&p);
  return n;
}

int qq_vault_undo(qq_vault *v, qq_past const *p, stralloc *why)
{
  stralloc from = STRALLOC_ZERO, to = STRALLOC_ZERO;
  int r;
  if (check_names(v, &p->old_files, why) < 0 || check_names(v, &p->new_files, why) < 0) return -1;
  /* says that there may be something to sweep */
  r = mkdirat(v->history_fd, QQ_VAULT_PREPARING, 0755) < 0 ? -1 : 1;
  if (r > 0) r = qq_vault_prepare_files(v, &p->old_files);
  if (r > 0) r = qq_vault_prepare_in_force(v, p->before.s);
  if (r > 0) r = set_name(&from, p->number, "");
  if (r > 0) r = set_name(&to, p->number, QQ_VAULT_UNDOING);
  r = make_valid(v, r, from.s, to.s, why);
  if (r > 0) r = carry_out_undo(v, p, to.s, why);
  stralloc_free(&from);
  stralloc_free(&to);
  return r;
}
