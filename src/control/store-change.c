#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <qq/file.h>
#include <qq/id.h>
#include <qq/names.h>
#include <qq/text.h>
#include "store-private.h"

/* Sets name to the entry of the history that ends with suffix, behind its number. Returns 1, 0:
   there is none; or -1 with errno. */
static int find_entry(qq_store const *store, char const *suffix, stralloc *name)
{
  size_t const n = strlen(suffix);
  qq_directory d;
  int r;
  if (store->history_fd < 0) return qq_store_is_hidden(store) ? -1 : 0;
  if (qq_directory_begin(&d, qq_store_directory(store->history_fd, ".")) < 0) return -1;
  while ((r = qq_directory_next(&d)) > 0) {
    size_t const length = strlen(d.entry->d_name);
    if (length >= n && !strcmp(d.entry->d_name + length - n, suffix)) break;
  }
  if (r > 0 && !qq_copy_string(name, d.entry->d_name)) r = -1;
  qq_directory_end(&d);
  return r;
}

int qq_store_is_interrupted(qq_store const *store)
{
  static char const *const suffixes[] = {
    QQ_STORE_APPLYING, QQ_STORE_UNDOING, QQ_STORE_UNDONE, QQ_STORE_PREPARING
  };
  stralloc name = STRALLOC_ZERO;
  size_t i;
  int r = qq_store_is_busy(store);
  if (r) return r < 0 ? -1 : 0;
  for (i = 0; !r && i < sizeof suffixes / sizeof *suffixes; i++)
    r = find_entry(store, suffixes[i], &name);
  if (!r) r = qq_template_is_interrupted(store);
  if (!r) r = qq_store_has_next_in_force(store);
  stralloc_free(&name);
  return r;
}

/* ---- the end of a change that is valid: everything here may have been done before ---- */

static int rename_and_sync(qq_store *store, char const *from, char const *to)
{
  int const fd = store->history_fd;
  return renameat(fd, from, fd, to) < 0 || fsync(fd) < 0 ? -1 : 1;
}

/* The length of what is before the suffix: the number of the change. */
static size_t number_in(char const *name, char const *suffix)
{
  return strlen(name) - strlen(suffix);
}

/* The files are what they are to be: so is the template in force now, and the record gets another
   suffix. */
static int end_with(qq_store *store, char const *in_force, char const *name, char const *suffix,
  char const *next, stralloc *why)
{
  stralloc to = STRALLOC_ZERO;
  int r = qq_fmt(&to, "%.*s%s", (int)number_in(name, suffix), name, next) && stralloc_0(&to)
    ? qq_store_put_in_force(store, in_force) : -1;
  if (r > 0) r = qq_store_sweep_files(store);
  if (r > 0) r = rename_and_sync(store, name, to.s);
  if (r < 0) qq_unable(why, _("unable to write %s/%s"), store->home, QQ_NAME_QQTOOLS);
  stralloc_free(&to);
  return r;
}

static int end_change(qq_store *store, qq_record const *record, char const *name, stralloc *why)
{
  return end_with(store, record->after.s, name, QQ_STORE_APPLYING, "", why);
}

static int carry_out_change(qq_store *store, qq_record const *record, char const *name,
  stralloc *why)
{
  return qq_store_put_files(store, &record->new_files, &record->old_files, why) < 0 ? -1
    : end_change(store, record, name, why);
}

static int carry_out_undo(qq_store *store, qq_record const *record, char const *name, stralloc *why)
{
  return qq_store_put_files(store, &record->old_files, &record->new_files, why) < 0 ? -1
    : end_with(store, record->before.s, name, QQ_STORE_UNDOING, QQ_STORE_UNDONE, why);
}

static int remove_prepared(qq_store *store)
{
  int const fd = store->history_fd;
  return qq_purge(fd, QQ_STORE_PREPARING, 0) < 0 || fsync(fd) < 0 ? -1 : 1;
}

/* What is not valid yet goes. */
static int take_back(qq_store *store)
{
  return qq_store_sweep_files(store) < 0 || qq_store_drop_in_force(store) < 0
    || qq_template_sweep(store) < 0 || remove_prepared(store) < 0 ? -1 : 1;
}

/* Reads what has that suffix. Returns 1, 0: there is none; or -1 with errno and why. */
static int read_entry(qq_store *store, char const *suffix, stralloc *name, qq_record *record,
  stralloc *why)
{
  int const r = find_entry(store, suffix, name);
  if (r < 0) return qq_unable(why, _("unable to read %s/%s"), store->home, QQ_NAME_HISTORY);
  if (!r) return 0;
  qq_number_scan(name->s, number_in(name->s, suffix), &record->number);
  return qq_record_read(store, name->s, record, why);
}

/* Ends what has that suffix. Returns 1, 0: there is none; or -1 with errno and why. */
static int recover_one(qq_store *store, char const *suffix, qq_record *record,
  int (*carry_out)(qq_store *, qq_record const *, char const *, stralloc *), stralloc *why)
{
  stralloc name = STRALLOC_ZERO;
  int r = read_entry(store, suffix, &name, record, why);
  if (r > 0) r = carry_out(store, record, name.s, why);
  stralloc_free(&name);
  return r;
}

/* The last step of an undo. As long as something of the record is there, it was interrupted. */
static int forget(qq_store *store, stralloc *why)
{
  stralloc name = STRALLOC_ZERO;
  int r = find_entry(store, QQ_STORE_UNDONE, &name);
  if (r > 0) r = qq_purge(store->history_fd, name.s, 0);
  stralloc_free(&name);
  if (r >= 0) return 1;
  return qq_unable(why, _("unable to remove %s/%s"), store->home, QQ_NAME_HISTORY "/*"
    QQ_STORE_UNDONE);
}

/* What is being forgotten, as far as it is there still. */
static void read_undone(qq_store *store, qq_record *undone)
{
  stralloc name = STRALLOC_ZERO, unused = STRALLOC_ZERO;
  if (read_entry(store, QQ_STORE_UNDONE, &name, undone, &unused) < 0) {
    qq_settings_free(&undone->old_files);
    qq_settings_free(&undone->new_files);
  }
  stralloc_free(&name);
  stralloc_free(&unused);
}

static int recover_into(qq_store *store, qq_record *undone, stralloc *why)
{
  qq_record changed = QQ_RECORD_ZERO;
  int r = recover_one(store, QQ_STORE_APPLYING, &changed, carry_out_change, why);
  qq_record_free(&changed);
  if (!r) r = recover_one(store, QQ_STORE_UNDOING, undone, carry_out_undo, why);
  if (!r) read_undone(store, undone);
  if (r < 0) return -1;
  return take_back(store) > 0 ? forget(store, why)
    : qq_unable(why, _("unable to remove %s/%s"), store->home, QQ_NAME_HISTORY "/"
      QQ_STORE_PREPARING);
}

int qq_store_recover(qq_store *store, qq_record *undone, stralloc *why)
{
  qq_record unused = QQ_RECORD_ZERO;
  int const r = recover_into(store, undone ? undone : &unused, why);
  qq_record_free(&unused);
  return r;
}

/* ---- a change ---- */

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

/* What is there must be known, to be put back. */
static int can_change_one(qq_store const *store, qq_difference const *d, stralloc *why)
{
  if (qq_store_can_put(store, d->name, d->after->exists, why) < 0) return -1;
  if (!d->before->error && !d->before->is_unread) return 1;
  errno = d->before->error ? d->before->error : EACCES;
  return qq_unable(why, _("unable to read %s/%s/%s"), store->home, QQ_NAME_CONTROL, d->name);
}

/* What differs, as it is and as it will be. Returns the number of files, or -1 and why. */
static int find_files(qq_store *store, qq_record *record, qq_settings const *live,
  qq_settings const *changes, stralloc *why)
{
  qq_difference d;
  int n = 0;
  qq_difference_begin(&d, live, changes);
  for (; qq_difference_next(&d); n++) {
    if (can_change_one(store, &d, why) < 0) return -1;
    if (d.before->exists && !add_copy(&record->old_files, d.before)) return -1;
    if (d.after->exists && add_new(&record->new_files, d.before, d.after) < 0) return -1;
  }
  return n;
}

/* What was prepared, if all of it was (r), becomes valid with the rename, whatever becomes of the
   sync. Returns 1, or -1 with errno and why: nothing has changed; or the next run ends it. */
static int make_valid(qq_store *store, int r, char const *from, char const *to, stralloc *why)
{
  if (r > 0 && renameat(store->history_fd, from, store->history_fd, to) >= 0) {
    if (fsync(store->history_fd) >= 0) return 1;
    return qq_refuse(why, errno, _("unable to sync %s/%s: %s; the next run of any qctl program "
      "completes the change"), store->home, QQ_NAME_HISTORY, strerror(errno));
  }
  qq_unable(why, _("unable to prepare a change in %s/%s"), store->home, QQ_NAME_CONTROL);
  take_back(store);
  return -1;
}

/* Some file could not take its place: all of them get back what they were, if that can be had, and
   the change is forgotten. Else the next run tries again. */
static void roll_back(qq_store *store, qq_record const *record, char const *name)
{
  stralloc unused = STRALLOC_ZERO;
  if (qq_store_prepare_files(store, &record->old_files) > 0
    && qq_store_put_files(store, &record->old_files, &record->new_files, &unused) > 0
    && rename_and_sync(store, name, QQ_STORE_PREPARING) > 0) take_back(store);
  stralloc_free(&unused);
}

static int set_name(stralloc *name, uint64_t number, char const *suffix)
{
  return qq_fmt(name, "%llu%s", (unsigned long long)number, suffix) && stralloc_0(name) ? 1 : -1;
}

static int make_change(qq_store *store, qq_record *record, char const *what, char const *in_force,
  stralloc *why)
{
  stralloc name = STRALLOC_ZERO;
  genalloc numbers = GENALLOC_ZERO;     /* of uint64_t */
  int r = qq_store_history(store, &numbers);
  size_t const n = genalloc_len(uint64_t, &numbers);
  record->number = n ? genalloc_s(uint64_t, &numbers)[n - 1] + 1 : 1;
  if (!qq_copy_string(&record->what, what) || !qq_copy_string(&record->after, in_force)) r = -1;
  if (r > 0) r = qq_store_in_force(store, &record->before);
  if (r > 0) r = qq_record_write(store, record);
  if (r > 0) r = qq_store_prepare_files(store, &record->new_files);
  if (r > 0) r = qq_store_prepare_in_force(store, in_force);
  if (r > 0) r = set_name(&name, record->number, QQ_STORE_APPLYING);
  r = make_valid(store, r, QQ_STORE_PREPARING, name.s, why);
  if (r > 0) {
    r = qq_store_put_files(store, &record->new_files, &record->old_files, why);
    if (r > 0) r = end_change(store, record, name.s, why);
    else roll_back(store, record, name.s);
  }
  genalloc_free(uint64_t, &numbers);
  stralloc_free(&name);
  return r;
}

int qq_store_can_change(qq_store const *store, qq_settings const *live, qq_settings const *changes,
  stralloc *why)
{
  qq_difference d;
  qq_difference_begin(&d, live, changes);
  while (qq_difference_next(&d)) if (can_change_one(store, &d, why) < 0) return -1;
  return 1;
}

int qq_store_change(qq_store *store, qq_settings const *live, qq_settings const *changes,
  char const *what, char const *in_force, stralloc *why)
{
  qq_record record = QQ_RECORD_ZERO;
  int n = find_files(store, &record, live, changes, why);
  if (n > 0 && make_change(store, &record, what, in_force, why) < 0) n = -1;
  if (!n && qq_store_set_in_force(store, in_force) < 0)
    n = qq_unable(why, _("unable to write %s/%s"), store->home, QQ_NAME_QQTOOLS "/in-force");
  qq_record_free(&record);
  return n;
}

static int make_undo(qq_store *store, qq_record const *record, char const *from, char const *to,
  stralloc *why)
{
  /* says that there may be something to sweep */
  int r = mkdirat(store->history_fd, QQ_STORE_PREPARING, 0700) < 0 ? -1 : 1;
  if (r > 0) r = qq_store_prepare_files(store, &record->old_files);
  if (r > 0) r = qq_store_prepare_in_force(store, record->before.s);
  r = make_valid(store, r, from, to, why);
  if (r > 0) r = carry_out_undo(store, record, to, why);
  if (r > 0 && remove_prepared(store) < 0)
    r = qq_unable(why, _("unable to write %s/%s"), store->home, QQ_NAME_QQTOOLS);
  return r > 0 ? forget(store, why) : r;
}

/* What was there before, and what was not. */
static int check_places(qq_store const *store, qq_record const *record, stralloc *why)
{
  qq_setting const *s;
  for (s = 0; (s = qq_settings_next(&record->old_files, s)); )
    if (qq_store_can_put(store, s->name, 1, why) < 0) return -1;
  for (s = 0; (s = qq_settings_next(&record->new_files, s)); )
    if (!qq_settings_find(&record->old_files, s->name)
      && qq_store_can_put(store, s->name, 0, why) < 0) return -1;
  return 1;
}

int qq_store_undo(qq_store *store, qq_record const *record, stralloc *why)
{
  stralloc from = STRALLOC_ZERO, to = STRALLOC_ZERO;
  int r;
  if (check_places(store, record, why) < 0) return -1;
  r = set_name(&from, record->number, "") > 0
    && set_name(&to, record->number, QQ_STORE_UNDOING) > 0
    ? make_undo(store, record, from.s, to.s, why)
    : qq_unable(why, _("unable to prepare a change in %s/%s"), store->home, QQ_NAME_CONTROL);
  stralloc_free(&from);
  stralloc_free(&to);
  return r;
}
