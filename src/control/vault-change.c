#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/direntry.h>
#include <skalibs/unix-transactional.h>
#include <qq/append.h>
#include <qq/gettext.h>
#include <qq/id.h>
#include <qq/listing.h>
#include <qq/names.h>
#include <qq/numbers.h>
#include <qq/say.h>
#include <qq/when.h>
#include "vault-private.h"

/* The change that is being prepared. */
#define PREPARING ".preparing"

int qq_vault_history(qq_vault const *v, genalloc *numbers)
{
  return v->history_fd < 0 ? 1 : qq_numbers_read(numbers, v->history_fd, 0);
}

/* Sets name to the entry of the history that ends with suffix, behind its number. Returns 1, 0: there is none; or -1 with errno. */
static int find(qq_vault const *v, char const *suffix, stralloc *name)
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
  r = find(v, QQ_VAULT_APPLYING, &name);
  if (!r) r = find(v, QQ_VAULT_UNDOING, &name);
  if (!r) r = find(v, PREPARING, &name);
  if (!r) r = qq_template_is_interrupted(v) || qq_vault_has_next_in_force(v);
  stralloc_free(&name);
  return r;
}

/* ---- the end of a change that is valid: everything here may have been done before ---- */

static int rename_and_sync(qq_vault *v, char const *from, char const *to)
{
  return renameat(v->history_fd, from, v->history_fd, to) < 0 || fsync(v->history_fd) < 0 ? -1 : 1;
}

/* From the rename on the change is valid, whatever becomes of the sync. Returns 1; 0: it is not valid; or -1: it is, but could not be synced. */
static int make_valid(qq_vault *v, char const *from, char const *to)
{
  if (renameat(v->history_fd, from, v->history_fd, to) < 0) return 0;
  return fsync(v->history_fd) < 0 ? -1 : 1;
}

/* The directory without its suffix. */
static int number_of(stralloc *number, char const *name, char const *suffix)
{
  return stralloc_catb(number, name, strlen(name) - strlen(suffix)) && stralloc_0(number);
}

/* The files are as they are to be: the record takes its place in the history. */
static int end_change(qq_vault *v, char const *name, stralloc *why)
{
  stralloc number = STRALLOC_ZERO;
  qq_past p = QQ_PAST_ZERO;
  int r;
  r = qq_vault_read_info(v, name, &p, why);
  if (r > 0 && (qq_vault_put_in_force(v, p.after.s) < 0 || qq_vault_sweep(v) < 0 || !number_of(&number, name, QQ_VAULT_APPLYING)
    || rename_and_sync(v, name, number.s) < 0)) r = qq_vault_fail(v, _("write"), "qqtools", why);
  qq_past_free(&p);
  stralloc_free(&number);
  return r;
}

static int end_undo(qq_vault *v, char const *name, stralloc *why)
{
  qq_past p = QQ_PAST_ZERO;
  int r;
  r = qq_vault_carry_out(v, name, QQ_VAULT_OLD, why);
  if (r > 0) r = qq_vault_read_info(v, name, &p, why);
  if (r > 0 && (qq_vault_put_in_force(v, p.before.s) < 0 || qq_vault_sweep(v) < 0 || rename_and_sync(v, name, PREPARING) < 0
    || qq_vault_remove(v, PREPARING) < 0)) r = qq_vault_fail(v, _("write"), "qqtools", why);
  qq_past_free(&p);
  return r;
}

static int take_back(qq_vault *v, stralloc *why)
{
  return qq_vault_sweep(v) < 0 || qq_vault_drop_in_force(v) < 0 || qq_template_sweep(v) < 0 || qq_vault_remove(v, PREPARING) < 0 ? qq_vault_fail(v, _("remove"), "qqtools/history/" PREPARING, why) : 1;
}

int qq_vault_recover(qq_vault *v, stralloc *why)
{
  stralloc name = STRALLOC_ZERO;
  int r = find(v, QQ_VAULT_APPLYING, &name);
  if (r > 0) r = qq_vault_carry_out(v, name.s, QQ_VAULT_NEW, why) < 0 ? -1 : end_change(v, name.s, why);
  else if (!r && (r = find(v, QQ_VAULT_UNDOING, &name)) > 0) r = end_undo(v, name.s, why);
  else if (r < 0) qq_vault_fail(v, _("read"), "qqtools/history", why);
  stralloc_free(&name);
  return r < 0 ? -1 : take_back(v, why);
}

/* ---- preparing a change ---- */

static int copy_to(int directory, qq_setting const *s)
{
  struct timespec times[2] = { { 0, UTIME_OMIT }, { 0, 0 } };
  if (qq_replace_prepare(directory, s->name, s->content.s, s->content.len, &s->owner) < 0) return -1;
  if (!s->mtime) return 1;
  times[1].tv_sec = (time_t)(s->mtime / QQ_SECOND);
  times[1].tv_nsec = (long)(s->mtime % QQ_SECOND);
  return utimensat(directory, s->name, times, AT_SYMLINK_NOFOLLOW) < 0 ? -1 : 1;
}

static int copy_all(int at, char const *side, qq_settings const *files)
{
  int fd, r = 1;
  size_t i;
  if (mkdirat(at, side, 0755) < 0) return -1;
  fd = qq_vault_directory(at, side);
  if (fd < 0) return -1;
  if (fchmod(fd, 0755) < 0) r = -1;
  for (i = 0; r > 0 && i < qq_settings_count(files); i++) {
    qq_setting const *s = qq_settings_at(files, i);
    if (s->exists) r = copy_to(fd, s);
  }
  if (r > 0 && fsync(fd) < 0) r = -1;
  close(fd);
  return r;
}

/* Names of users and templates have no newlines; what a person said may. */
static int say_line(stralloc *text, char const *word, char const *value)
{
  return qq_say(text, "%s ", word) && qq_safe(text, value, strlen(value)) && stralloc_append(text, '\n');
}

static int write_info(int at, char const *what, char const *before, char const *after)
{
  uid_t const uid = getuid();
  struct passwd const *user = getpwuid(uid);
  stralloc text = STRALLOC_ZERO;
  qq_owner owner;
  int r = -1;
  owner.uid = geteuid();
  owner.gid = getegid();
  owner.mode = 0644;
  if (qq_say(&text, "when %llu\nuid %lu\n", (unsigned long long)qq_now(), (unsigned long)uid) && say_line(&text, "user", user ? user->pw_name : "")
    && say_line(&text, "what", what) && say_line(&text, "before", before) && say_line(&text, "after", after))
    r = qq_replace_prepare(at, QQ_VAULT_INFO, text.s, text.len, &owner);
  stralloc_free(&text);
  return r;
}

static int prepare_record(qq_vault *v, qq_settings const *old_files, qq_settings const *new_files, char const *what, char const *in_force)
{
  stralloc before = STRALLOC_ZERO;
  int fd, r;
  if (mkdirat(v->history_fd, PREPARING, 0755) < 0) return -1;
  fd = qq_vault_directory(v->history_fd, PREPARING);
  if (fd < 0) return -1;
  r = fchmod(fd, 0755) < 0 ? -1 : qq_vault_in_force(v, &before);
  if (r > 0) r = copy_all(fd, QQ_VAULT_OLD, old_files);
  if (r > 0) r = copy_all(fd, QQ_VAULT_NEW, new_files);
  if (r > 0) r = write_info(fd, what, before.s, in_force);
  if (r > 0 && fsync(fd) < 0) r = -1;
  close(fd);
  stralloc_free(&before);
  return r;
}

static int prepare_files(qq_vault *v, qq_settings const *files)
{
  size_t i;
  for (i = 0; i < qq_settings_count(files); i++) {
    qq_setting const *s = qq_settings_at(files, i);
    if (s->exists && qq_vault_prepare(v, s) < 0) return -1;
  }
  return fsync(v->control_fd) < 0 ? -1 : 1;
}

static int add_copy(qq_settings *to, qq_setting const *s)
{
  qq_setting *copy = qq_settings_put(to, s->name, s->exists, s->content.s, s->content.len);
  if (!copy) return -1;
  copy->owner = s->owner;
  copy->mtime = s->mtime;
  return 1;
}

/* A file keeps its owner and mode; a new one is root's and everybody's to read. */
static int add_new(qq_settings *to, qq_setting const *now, qq_setting const *wanted)
{
  qq_setting *added = qq_settings_put(to, wanted->name, wanted->exists, wanted->content.s, wanted->content.len);
  if (!added) return -1;
  added->owner.uid = geteuid();
  added->owner.gid = getegid();
  added->owner.mode = 0644;
  if (wanted->owner.mode) added->owner.mode = (wanted->owner.mode & 0644) | 0400;
  if (now->exists) added->owner = now->owner;
  return 1;
}

/* What is in the way of a file in control/: a directory, a pipe, a link. A change would replace it. Returns 1: nothing; or -1 and why. */
static int check_name(qq_vault const *v, char const *name, stralloc *why)
{
  struct stat st;
  if (fstatat(v->control_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || S_ISREG(st.st_mode)) return 1;
  errno = EINVAL;
  if (S_ISLNK(st.st_mode)) qq_say(why, _("%s/control/%s is a symbolic link, which a change would replace: change the file that it leads to"), v->home, name);
  else qq_say(why, _("%s/control/%s is no regular file, and is not replaced"), v->home, name);
  return -1;
}

static int check_all(qq_vault const *v, qq_past const *p, stralloc *why)
{
  size_t i;
  for (i = 0; i < qq_settings_count(&p->old_files); i++) if (check_name(v, qq_settings_at(&p->old_files, i)->name, why) < 0) return -1;
  for (i = 0; i < qq_settings_count(&p->new_files); i++) if (check_name(v, qq_settings_at(&p->new_files, i)->name, why) < 0) return -1;
  return 1;
}

/* What differs, as it is and as it will be. Returns the number of files, or -1 and why. */
static int differing(qq_vault *v, qq_settings const *live, qq_settings const *changes, qq_settings *old_files, qq_settings *new_files, stralloc *why)
{
  qq_difference d;
  int n = 0;
  qq_difference_begin(&d, live, changes);
  while (qq_difference_next(&d)) {
    if (check_name(v, d.name, why) < 0) return -1;
    if (d.before->is_unreadable || d.before->is_unread) {
      errno = EACCES;
      qq_say(why, _("unable to read %s/control/%s: Permission denied (run it as root)"), v->home,
        d.name);
      return -1;
    }
    if ((d.was_mentioned && add_copy(old_files, d.before) < 0)
      || add_new(new_files, d.before, d.after) < 0) return -1;
    n++;
  }
  return n;
}

static int not_begun(qq_vault *v, stralloc *why)
{
  stralloc unused = STRALLOC_ZERO;
  qq_vault_fail(v, _("prepare a change in"), QQ_NAME_CONTROL, why);
  take_back(v, &unused);
  stralloc_free(&unused);
  return -1;
}

static int to_be_ended(qq_vault *v, stralloc *why)
{
  qq_vault_fail(v, _("sync"), "qqtools/history", why);
  qq_say(why, "; %s", _("the next run of any qctl program ends the change"));
  return -1;
}

/* Some file could not take its place: all of them get back what they were, if that can be had, and the change is forgotten. Else the next run tries again. */
static void roll_back(qq_vault *v, char const *name, qq_settings const *old_files)
{
  stralloc unused = STRALLOC_ZERO;
  if (prepare_files(v, old_files) > 0 && qq_vault_carry_out(v, name, QQ_VAULT_OLD, &unused) > 0 && rename_and_sync(v, name, PREPARING) > 0)
    take_back(v, &unused);
  stralloc_free(&unused);
}

static int change(qq_vault *v, qq_settings const *old_files, qq_settings const *new_files, char const *what, char const *in_force, stralloc *why)
{
  stralloc applying = STRALLOC_ZERO;
  genalloc numbers = GENALLOC_ZERO;
  uint64_t number = 1;
  int valid, r = qq_vault_history(v, &numbers);
  if (r > 0 && genalloc_len(uint64_t, &numbers)) number = genalloc_s(uint64_t, &numbers)[genalloc_len(uint64_t, &numbers) - 1] + 1;
  if (r > 0) r = prepare_record(v, old_files, new_files, what, in_force);
  if (r > 0) r = prepare_files(v, new_files);
  if (r > 0) r = qq_vault_prepare_in_force(v, in_force);
  if (r > 0) r = qq_say(&applying, "%llu" QQ_VAULT_APPLYING, (unsigned long long)number) && stralloc_0(&applying) ? 1 : -1;
  valid = r > 0 ? make_valid(v, PREPARING, applying.s) : 0;
  if (!valid) r = not_begun(v, why);
  else if (valid < 0) r = to_be_ended(v, why);
  else {
    r = qq_vault_carry_out(v, applying.s, QQ_VAULT_NEW, why);
    if (r > 0) r = end_change(v, applying.s, why);
    else roll_back(v, applying.s, old_files);
  }
  genalloc_free(uint64_t, &numbers);
  stralloc_free(&applying);
  return r;
}

int qq_vault_change(qq_vault *v, qq_settings const *live, qq_settings const *changes, char const *what, char const *in_force, stralloc *why)
{
  qq_settings old_files = QQ_SETTINGS_ZERO, new_files = QQ_SETTINGS_ZERO;
  int n = differing(v, live, changes, &old_files, &new_files, why);
  if (n > 0 && change(v, &old_files, &new_files, what, in_force, why) < 0) n = -1;
  if (!n && qq_vault_set_in_force(v, in_force) < 0) n = qq_vault_fail(v, _("write"), "qqtools/in-force", why);
  qq_settings_free(&old_files);
  qq_settings_free(&new_files);
  return n;
}

int qq_vault_undo(qq_vault *v, qq_past const *p, stralloc *why)
{
  stralloc from = STRALLOC_ZERO, to = STRALLOC_ZERO;
  int valid, r = check_all(v, p, why);
  if (r < 0) return -1;
  r = mkdirat(v->history_fd, PREPARING, 0755) < 0 ? -1 : 1;        /* says that there may be something to sweep */
  if (r > 0) r = prepare_files(v, &p->old_files);
  if (r > 0) r = qq_vault_prepare_in_force(v, p->before.s);
  if (r > 0) r = qq_say(&from, "%llu", (unsigned long long)p->number) && stralloc_0(&from)
    && qq_say(&to, "%llu" QQ_VAULT_UNDOING, (unsigned long long)p->number) && stralloc_0(&to) ? 1 : -1;
  valid = r > 0 ? make_valid(v, from.s, to.s) : 0;
  if (!valid) r = not_begun(v, why);
  else r = valid < 0 ? to_be_ended(v, why) : end_undo(v, to.s, why);
  stralloc_free(&from);
  stralloc_free(&to);
  return r;
}
