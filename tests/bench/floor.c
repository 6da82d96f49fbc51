/* floor QUEUE list|grep|show|rm|fix THREADS - the system calls that a question needs, and nothing
   else.

   What the tools are measured against: the same directory entries, stats, opens and reads in the
   same order (numbers sorted within a split directory, split directories handed out to threads), 40
   bytes of output a message, and no parsing.

   list   each entry of info/ and todo/; stat of its mess file

   grep   each entry; open, read, close its info (or todo); stat of every 20th mess file: the
          matches of a search by sender

   show   each entry; mess: open, fstat, read 4 KB, close; info: the same; local, remote (suppl* are
          left out): open, read, close; bounce/ read once

   rm     each entry; mess: open, fstat, fchown, and after the unlinks of its bounce, local, remote,
          info and itself (new: todo, intd, itself) close; one syncfs at the end. DESTROYS THE
          QUEUE.

   fix    each entry of all trees: linked to the tree of another split, and the old name unlinked
          after a syncfs; one thread. DESTROYS THE QUEUE. */

#define _GNU_SOURCE

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE 40
#define FLAGS (O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)

enum question { LIST, GREP, SHOW, RM, FIX };

#define OTHER_SPLIT 31

typedef struct ids { uint64_t *s; size_t n, room; } ids;

typedef struct output { char s[65536]; size_t n; } output;

static enum question question;
static int queue, todo_split;
static unsigned split;
static ids bounces;             /* sorted */
static uid_t over;              /* the owner of info/ */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned next_unit;      /* under lock: 0..split-1 are of info/, the rest of todo/ */

static void die(char const *what)
{
  fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
  exit(111);
}

static int compare(void const *a, void const *b)
{
  uint64_t x = *(uint64_t const *)a, y = *(uint64_t const *)b;
  return (x > y) - (x < y);
}

static int open_dir(char const *name)
{
  int fd = openat(queue, name, FLAGS | O_DIRECTORY);
  if (fd < 0) die(name);
  return fd;
}

static int open_split(char const *tree, unsigned i)
{
  char name[64];
  sprintf(name, "%s/%u", tree, i);
  return open_dir(name);
}

/* Reads the numbers in a directory, sorted. Takes the descriptor. */
static void read_dir(ids *list, int fd)
{
  DIR *dir = fdopendir(fd);
  struct dirent *d;
  if (!dir) die("fdopendir");
  list->n = 0;
  while ((d = readdir(dir))) {
    if (d->d_name[0] < '0' || d->d_name[0] > '9') continue;
    if (list->n == list->room
        && !(list->s = realloc(list->s, (list->room = 2 * list->room + 1024) * sizeof *list->s)))
      die("memory");
    list->s[list->n++] = strtoull(d->d_name, 0, 10);
  }
  closedir(dir);
  qsort(list->s, list->n, sizeof *list->s, compare);
}

static void flush(output *out)
{
  for (size_t done = 0; done < out->n; ) {
    ssize_t r = write(1, out->s + done, out->n - done);
    if (r < 0) die("standard output");
    done += (size_t)r;
  }
  out->n = 0;
}

static void put(output *out)
{
  if (out->n + LINE > sizeof out->s) flush(out);
  memset(out->s + out->n, 'x', LINE);
  out->n += LINE;
}

/* Opens, reads and closes a file that need not be there; stats it where asked. */
static void slurp(int dir, char const *name, char *buffer, size_t room, int stat_too)
{
  struct stat st;
  int fd = openat(dir, name, FLAGS);
  if (fd < 0) { if (errno != ENOENT) die(name); return; }
  if ((stat_too && fstat(fd, &st) < 0) || read(fd, buffer, room) < 0) die(name);
  close(fd);
}

static void unlink_in(int dir, char const *name)
{
  if (unlinkat(dir, name, 0) < 0 && errno != ENOENT) die(name);
}

typedef struct dirs { int mess, info, local, remote, todo, intd, bounce; } dirs;

static void one(dirs const *d, uint64_t id, int is_new, unsigned turn, output *out)
{
  char name[24], buffer[4096];
  struct stat st;
  int fd;
  sprintf(name, "%llu", (unsigned long long)id);
  switch (question) {
  case LIST:
    if (fstatat(d->mess, name, &st, AT_SYMLINK_NOFOLLOW) < 0) die(name);
    break;
  case GREP:
    slurp(is_new ? d->todo : d->info, name, buffer, sizeof buffer, 0);
    if (turn % 20) return;
    if (fstatat(d->mess, name, &st, AT_SYMLINK_NOFOLLOW) < 0) die(name);
    break;
  case SHOW:
    slurp(d->mess, name, buffer, sizeof buffer, 1);
    slurp(is_new ? d->todo : d->info, name, buffer, sizeof buffer, !is_new);
    if (is_new) break;
    slurp(d->local, name, buffer, sizeof buffer, 0);
    slurp(d->remote, name, buffer, sizeof buffer, 0);
    break;
  case FIX: break;
  case RM:
    if ((fd = openat(d->mess, name, FLAGS)) < 0 || fstat(fd, &st) < 0
        || fchown(fd, over, (gid_t)-1) < 0)
      die(name);
    if (is_new) {
      unlink_in(d->todo, name);
      unlink_in(d->intd, name);
    } else {
      if (bsearch(&id, bounces.s, bounces.n, sizeof id, compare)) unlink_in(d->bounce, name);
      unlink_in(d->local, name);
      unlink_in(d->remote, name);
      unlink_in(d->info, name);
    }
    unlink_in(d->mess, name);
    close(fd);
    break;
  }
  put(out);
}

/* One split directory of info/, or one of todo/ (all of it where it is not split: then mess/ has to
   be found by name). */
static void unit(unsigned u, dirs const *shared, ids *list, output *out)
{
  int is_new = u >= split, whole = is_new && !todo_split;
  unsigned i = is_new ? u - split : u;
  dirs d = *shared;
  if (is_new) {
    d.todo = whole ? open_dir("todo") : open_split("todo", i);
    if (question == RM) d.intd = whole ? open_dir("intd") : open_split("intd", i);
  } else {
    d.info = open_split("info", i);
    if (question >= SHOW) { d.local = open_split("local", i); d.remote = open_split("remote", i); }
  }
  if (!whole) d.mess = open_split("mess", i);
  read_dir(list, dup(is_new ? d.todo : d.info));
  for (size_t k = 0; k < list->n; k++) {
    if (whole)
      d.mess = open_split(
          "mess", (unsigned)(list->s[k] % split)); /* few: what is new does not stay so */
    one(&d, list->s[k], is_new, (unsigned)k, out);
    if (whole) close(d.mess);
  }
  if (!whole) close(d.mess);
  close(is_new ? d.todo : d.info);
  if (is_new && question == RM) close(d.intd);
  if (!is_new && question >= SHOW) { close(d.local); close(d.remote); }
}

static void *work(void *shared)
{
  output *out = malloc(sizeof *out);
  ids list = { 0, 0, 0 };
  if (!out) die("memory");
  out->n = 0;
  for (;;) {
    pthread_mutex_lock(&lock);
    unsigned u = next_unit++;
    pthread_mutex_unlock(&lock);
    if (u >= split + (todo_split ? split : 1)) break;
    unit(u, shared, &list, out);
  }
  flush(out);
  free(out);
  free(list.s);
  return 0;
}

/* ---- fix ---- */

/* Links what is in the directory to those of `to', or unlinks it. */
static void relink(int fd, int const *to, unsigned count, ids *list)
{
  read_dir(list, dup(fd));
  for (size_t k = 0; k < list->n; k++) {
    char name[24];
    sprintf(name, "%llu", (unsigned long long)list->s[k]);
    if (!to) unlink_in(fd, name);
    else if (linkat(fd, name, to[list->s[k] % count], name, 0) < 0) die(name);
  }
  close(fd);
}

static void relink_tree(char const *tree, int is_split, int links)
{
  int to[OTHER_SPLIT];
  unsigned count = is_split ? OTHER_SPLIT : 1;
  ids list = { 0, 0, 0 };
  for (unsigned i = 0; links && i < count; i++) {
    char name[64];
    sprintf(name, "floor-%s-%u", tree, i);
    if (mkdirat(queue, name, 0700) < 0) die(name);
    to[i] = open_dir(name);
  }
  if (!is_split) relink(open_dir(tree), links ? to : 0, count, &list);
  for (unsigned i = 0; is_split && i < split; i++)
    relink(open_split(tree, i), links ? to : 0, count, &list);
  for (unsigned i = 0; links && i < count; i++) close(to[i]);
  free(list.s);
}

static void relink_all(void)
{
  static char const *const trees[] = { "mess", "info", "local", "remote", "todo", "intd",
    "bounce" };
  for (int links = 1; links >= 0; links--) {
    for (unsigned i = 0; i < sizeof trees / sizeof *trees; i++)
      relink_tree(trees[i], i < 4 || (i < 6 && todo_split), links);
    if (syncfs(queue) < 0) die("syncfs");
  }
}

int main(int argc, char **argv)
{
  static char const *const names[] = { "list", "grep", "show", "rm", "fix" };
  dirs shared = { -1, -1, -1, -1, -1, -1, -1 };
  pthread_t thread[256];
  struct stat st;
  ids splits = { 0, 0, 0 };
  unsigned threads = argc == 4 ? (unsigned)strtoul(argv[3], 0, 10) : 0;

  while (argc == 4 && question <= FIX && strcmp(argv[2], names[question])) question++;
  if (!threads || threads > 256 || question > FIX) {
    fputs("usage: floor QUEUE list|grep|show|rm|fix THREADS\n", stderr);
    return 100;
  }
  if ((queue = open(argv[1], O_RDONLY | O_DIRECTORY)) < 0) die(argv[1]);
  read_dir(&splits, open_dir("mess"));
  split = (unsigned)splits.n;
  todo_split = !fstatat(queue, "todo/0", &st, 0) && S_ISDIR(st.st_mode);
  if (fstatat(queue, "info", &st, 0) < 0) die("info");
  over = st.st_uid;
  if (question == FIX) {
    relink_all();
    free(splits.s);
    return 0;
  }
  if (question >= SHOW) {
    shared.bounce = open_dir("bounce");
    read_dir(&bounces, dup(shared.bounce));
  }
  for (unsigned t = 1; t < threads; t++)
    if ((errno = pthread_create(&thread[t], 0, work, &shared))) die("thread");
  work(&shared);
  for (unsigned t = 1; t < threads; t++) pthread_join(thread[t], 0);
  if (question == RM && syncfs(queue) < 0) die("syncfs");
  free(splits.s);
  free(bounces.s);
  return 0;
}
