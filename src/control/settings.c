#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <skalibs/djbunix.h>
#include <qq/file.h>
#include <qq/id.h>
#include <qq/settings.h>
#include <qq/text.h>

static qq_setting *setting_at(qq_settings const *s, size_t i)
{
  return &genalloc_s(qq_setting, &s->list)[i];
}

static size_t count_of(qq_settings const *s)
{
  return genalloc_len(qq_setting, &s->list);
}

/* The position of the name, or where it belongs. */
static size_t position_of(qq_settings const *s, char const *name)
{
  size_t low = 0, high = count_of(s);
  while (low < high) {
    size_t const middle = low + (high - low) / 2;
    if (strcmp(setting_at(s, middle)->name, name) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

qq_setting const *qq_settings_next(qq_settings const *s, qq_setting const *last)
{
  size_t const i = last ? (size_t)(last - setting_at(s, 0)) + 1 : 0;
  return i < count_of(s) ? setting_at(s, i) : 0;
}

/* The one of that name at its position, or null. */
static qq_setting *setting_named(qq_settings const *s, size_t i, char const *name)
{
  return i < count_of(s) && !strcmp(setting_at(s, i)->name, name) ? setting_at(s, i) : 0;
}

qq_setting const *qq_settings_find(qq_settings const *s, char const *name)
{
  return setting_named(s, position_of(s, name), name);
}

qq_setting const *qq_settings_get(qq_settings const *s, char const *name)
{
  static qq_setting const absent = { 0, 0, STRALLOC_ZERO, { 0, 0, 0 }, 0, 0, 0 };
  qq_setting const *found = qq_settings_find(s, name);
  return found ? found : &absent;
}

static qq_setting *insert_setting(qq_settings *s, size_t i, char const *name)
{
  size_t const n = count_of(s);
  qq_setting added = { strdup(name), 0, STRALLOC_ZERO, { 0, 0, 0644 }, 0, 0, 0 };
  if (!added.name) return 0;
  if (!genalloc_append(qq_setting, &s->list, &added)) {
    free(added.name);
    return 0;
  }
  memmove(setting_at(s, i) + 1, setting_at(s, i), (n - i) * sizeof added);
  *setting_at(s, i) = added;
  return setting_at(s, i);
}

qq_setting *qq_settings_put(qq_settings *s, char const *name, int exists, char const *text,
  size_t n)
{
  size_t const i = position_of(s, name);
  qq_setting *found = setting_named(s, i, name);
  if (!found) found = insert_setting(s, i, name);
  if (!found) return 0;
  found->exists = exists;
  found->content.len = 0;
  return qq_append(&found->content, text, n) ? found : 0;
}

int qq_settings_overlay(qq_settings *s, qq_settings const *changes)
{
  qq_setting const *c;
  for (c = 0; (c = qq_settings_next(changes, c)); ) {
    qq_setting *put = qq_settings_put(s, c->name, c->exists, c->content.s, c->content.len);
    if (!put) return -1;
    put->error = c->error;
    put->is_unread = c->is_unread;
  }
  return 1;
}

/* An empty text and one of a single newline are the same. */
static size_t length_of(stralloc const *content)
{
  return content->len == 1 && *content->s == '\n' ? 0 : content->len;
}

int qq_setting_equal(qq_setting const *a, qq_setting const *b)
{
  size_t const n = length_of(&b->content);
  if (!a->exists || !b->exists) return a->exists == b->exists;
  return length_of(&a->content) == n && (!n || !memcmp(a->content.s, b->content.s, n));
}

void qq_settings_free(qq_settings *s)
{
  size_t i;
  for (i = 0; i < count_of(s); i++) {
    free(setting_at(s, i)->name);
    stralloc_free(&setting_at(s, i)->content);
  }
  genalloc_free(qq_setting, &s->list);
}

/* A directory that is being read. */
typedef struct source {
  char const *path;
  int fd;
  qq_settings const *whole;     /* of a live directory; null: of another one */
  int is_template;
  int is_ours;                  /* nobody but us can have put anything there */
  size_t left;                  /* bytes that may still be read */
} source;

/* Of what is opaque, that it is there is mostly enough. */
static int wants_content(source const *from, char const *name)
{
  qq_control const *c = qq_control_find(name);
  return !from->whole || !qq_control_is_opaque(c) || qq_settings_find(from->whole, name);
}

/* Returns null for want of memory. */
static qq_setting *add(qq_settings *s, char const *name, stralloc const *content,
  struct stat const *st)
{
  qq_owner const owner = { st->st_uid, st->st_gid, st->st_mode & 07777 };
  qq_setting *added = qq_settings_put(s, name, 1, content->s, content->len);
  if (!added) return 0;
  added->owner = owner;
  added->mtime = qq_stamp(st);
  return added;
}

/* A live file may be a link if nobody else can have made it: who puts links, also hard ones, into a
   directory of his own borrows the reader's eyes. */
static int open_one(source const *from, char const *name, struct stat *st)
{
  int const follow = from->whole && from->is_ours ? 0 : O_NOFOLLOW;
  int const fd = openat(from->fd, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | follow);
  if (fd < 0) return -1;
  if (fstat(fd, st) >= 0) {
    if (!S_ISREG(st->st_mode) || st->st_nlink < 2 || from->is_ours) return fd;
    errno = EMLINK;
  }
  fd_close(fd);
  return -1;
}

/* Returns 1; 0: it is not a regular file; or -1 with errno. */
static int read_content(qq_settings *s, source *from, char const *name)
{
  int const is_wanted = wants_content(from, name);
  stralloc content = STRALLOC_ZERO;
  qq_setting *added = 0;
  struct stat st;
  int const fd = open_one(from, name, &st);
  int r = fd < 0 ? -1 : S_ISREG(st.st_mode);
  if (r > 0 && is_wanted)
    r = qq_slurp_regular(&content, fd, from->left < QQ_SETTING_MAX ? from->left : QQ_SETTING_MAX);
  if (r > 0) added = add(s, name, &content, &st);
  if (added) added->is_unread = !is_wanted;
  else if (r > 0) r = -1;
  from->left -= added ? content.len : 0;
  if (fd >= 0) fd_close(fd);
  stralloc_free(&content);
  return r;
}

/* A live file that cannot be read is there all the same. Returns 1; 0: it is none, or has vanished;
   or -1 with errno. */
static int add_unreadable(qq_settings *s, source const *from, char const *name, int error)
{
  static stralloc const nothing = STRALLOC_ZERO;
  qq_setting *added;
  struct stat st;
  int const r = fstatat(from->fd, name, &st, 0) < 0 ? qq_is_there(from->fd, name, &st)
    : S_ISREG(st.st_mode);
  if (r < 1) return r;
  added = add(s, name, &nothing, &st);
  if (!added) return -1;
  added->error = error;
  return 1;
}

/* Returns 1; 0: it is no file of interest; or -1 and why. */
static int read_one(qq_settings *s, source *from, char const *name, stralloc *why)
{
  int r = read_content(s, from, name);
  if (from->is_template && (!r || (r < 0 && errno == ELOOP)))
    return qq_refuse(why, EINVAL, _("%s/%s: is not a regular file, as those of a template are"),
      from->path, name);
  if (r < 0 && from->whole && errno != ENOMEM) r = add_unreadable(s, from, name, errno);
  return r >= 0 ? r : qq_refuse(why, errno, "%s/%s: %s", from->path, name, strerror(errno));
}

static int load_files(qq_settings *s, int fd, source *from, stralloc *why)
{
  qq_directory d;
  struct stat st;
  int r = qq_directory_begin(&d, fd);
  if (r > 0) {
    from->fd = d.fd;
    from->left = QQ_SETTINGS_MAX;
    r = fstat(d.fd, &st);
    if (!r) from->is_ours = qq_is_ours_alone(&st);
    while (!r && (r = qq_directory_next(&d)) > 0)
      r = *d.entry->d_name != '.' && read_one(s, from, d.entry->d_name, why) < 0;
    qq_directory_end(&d);
  }
  return !r ? 1 : r > 0 ? -1 : qq_refuse(why, errno, "%s: %s", from->path, strerror(errno));
}

int qq_settings_load(qq_settings *s, int fd, char const *path, qq_settings const *whole,
  stralloc *why)
{
  static qq_settings const none = QQ_SETTINGS_ZERO;
  source from = { .path = path, .whole = whole ? whole : &none };
  return load_files(s, fd, &from, why);
}

int qq_settings_load_copy(qq_settings *s, int fd, char const *path, stralloc *why)
{
  source from = { .path = path };
  return load_files(s, fd, &from, why);
}

int qq_settings_load_template(qq_settings *s, int fd, char const *path, stralloc *why)
{
  source from = { .path = path, .is_template = 1 };
  size_t i;
  if (load_files(s, fd, &from, why) < 0) return -1;
  for (i = 0; i < count_of(s); i++) {
    qq_setting *one = setting_at(s, i);
    one->exists = one->content.len > 0;
    one->content.len = length_of(&one->content);
  }
  return 1;
}
