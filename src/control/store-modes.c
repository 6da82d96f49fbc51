/* HOME/qqtools has copies of control files. Who may not read control/ is not to read them there. */

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <qq/file.h>
#include "store-private.h"

/* Says whether somebody may read or search what he may not where its model is. Another group than
   the model's is nobody there. */
static int is_more_open(struct stat const *st, struct stat const *model)
{
  mode_t const group = model->st_mode & (st->st_gid == model->st_gid ? 050 : 0);
  mode_t const others = model->st_mode & 05;
  return (st->st_mode & 05 & ~others) || (st->st_mode & 050 & ~(group | others << 3));
}

/* Makes it no more open than its model, with the model's group if we may give it that. Returns 1,
   or -1 with errno. */
static int close_as(int fd, struct stat const *st, struct stat const *model)
{
  mode_t mode = st->st_mode & 07777 & (model->st_mode | 07722);
  if (st->st_gid != model->st_gid && fchown(fd, (uid_t)-1, model->st_gid) < 0) {
    if (errno != EPERM) return -1;
    mode &= (model->st_mode & 05) << 3 | 07727;
  }
  return fchmod(fd, mode) < 0 ? -1 : 1;
}

int qq_store_make_directory(qq_store const *store, int at, char const *name)
{
  struct stat st, control;
  int fd;
  if (fstat(store->control_fd, &control) < 0 || mkdirat(at, name, 0700) < 0) return -1;
  fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return -1;
  if (fstat(fd, &st) >= 0) {
    st.st_mode |= 0755;
    if (close_as(fd, &st, &control) > 0) return fd;
  }
  fd_close(fd);
  return -1;
}

int qq_store_look(qq_store const *store, char const *name, struct stat *st)
{
  if (!fstatat(store->control_fd, name, st, 0)) return 1;
  return errno == ENOENT || errno == ELOOP || errno == ENOTDIR ? 0 : -1;
}

/* A walk through the history, whose files stay as they were, or through templates. */
typedef struct walk { qq_store const *store; int is_history; } walk;

/* What an undo gives back with its mode and owner is closed with the directory that it lies in. */
static int close_file(walk const *w, int at, char const *name, struct stat const *live)
{
  struct stat st;
  int const flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  int fd, r;
  if (w->is_history)
    return fstat(at, &st) < 0 || ((st.st_mode & 077) && fchmod(at, 0700) < 0) ? -1 : 1;
  fd = openat(at, name, flags);
  if (fd < 0) return errno == ENOENT ? 1 : -1;
  r = fstat(fd, &st) < 0 ? -1 : 1;
  if (r > 0 && S_ISREG(st.st_mode) && st.st_nlink == 1) r = close_as(fd, &st, live);
  fd_close(fd);
  return r;
}

/* The live file may have become its owner's business alone since this one was copied. */
static int mend_file(walk const *w, int at, char const *name, struct stat const *st)
{
  struct stat live;
  int const r = qq_store_look(w->store, name, &live);
  if (r < 1) return r < 0 ? -1 : 1;
  return is_more_open(st, &live) ? close_file(w, at, name, &live) : 1;
}

static int mend_directory(walk const *w, int fd, unsigned int depth);

/* What is not ours is its owner's business. */
static int mend_entry(walk const *w, int at, char const *name, unsigned int depth)
{
  struct stat st;
  int const r = qq_is_there(at, name, &st);
  if (r < 1) return r < 0 ? -1 : 1;
  if (st.st_uid != geteuid()) return 1;
  if (S_ISREG(st.st_mode)) return mend_file(w, at, name, &st);
  if (!S_ISDIR(st.st_mode) || !depth) return 1;
  return mend_directory(w, openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
    depth - 1);
}

/* Takes the directory over, and goes so far below it. */
static int mend_directory(walk const *w, int fd, unsigned int depth)
{
  struct stat st, control;
  qq_directory d;
  int r = qq_directory_begin(&d, fd);
  if (r < 0) return errno == ENOENT ? 1 : -1;
  if (fstat(d.fd, &st) < 0 || fstat(w->store->control_fd, &control) < 0) r = -1;
  else if (st.st_uid == geteuid() && is_more_open(&st, &control))
    r = close_as(d.fd, &st, &control);
  while (r > 0 && (r = qq_directory_next(&d)) > 0)
    r = mend_entry(w, d.fd, d.entry->d_name, depth);
  qq_directory_end(&d);
  return r < 0 ? -1 : 1;
}

/* Files lie in HISTORY/N/old and TEMPLATES/NAME. */
int qq_store_mend_modes(qq_store const *store)
{
  walk const history = { store, 1 }, templates = { store, 0 };
  return mend_directory(&templates, qq_store_directory(store->fd, "."), 0) < 0
    || mend_directory(&history, qq_store_directory(store->history_fd, "."), 2) < 0
    || mend_directory(&templates, qq_store_directory(store->fd, QQ_STORE_TEMPLATES), 1) < 0
    ? -1 : 1;
}
