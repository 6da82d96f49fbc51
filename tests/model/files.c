/* files.c - the names of the queue, reading and writing them as qmail-send does. */

#include "model.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int todo_split;
uint64_t split;
unsigned channels;
char channel[CHANNELS_MAX][16];
uid_t qmailq, qmails;
static int am_root;

/* An injector is the qmail-queue that root has called; else the rights are those of qmail-send. */
void look_around(void)
{
  struct stat mess, info;
  char name[32];
  if (stat("mess", &mess) < 0 || stat("info", &info) < 0) die("no queue");
  while (sprintf(name, "mess/%" PRIu64, split), is_there(name) > 0) split++;
  todo_split = is_there("todo/0") > 0;
  for (; channels < CHANNELS_MAX; channels++) {
    char *c = channel[channels];
    if (channels < 2) strcpy(c, channels ? "remote" : "local");
    else sprintf(c, "suppl%u", channels - 2);
    if (is_there(c) <= 0) break;
  }
  if (!split || channels < 2) die("no queue");
  qmailq = mess.st_uid;
  qmails = info.st_uid;
  am_root = !geteuid();
  if (am_root && !set.inject && (setgroups(1, &info.st_gid) < 0 || setegid(info.st_gid) < 0))
    die("unable to change the group");
  become(qmails);
}

void become(uid_t who)
{
  if (am_root && (seteuid(0) < 0 || seteuid(who) < 0)) die("unable to become another user");
}

char const *path(char const *tree, uint64_t id)
{
  static char name[4][64];
  static unsigned turn;
  char *p = name[turn = (turn + 1) % 4];
  int is_split =
      !strcmp(tree, "todo") || !strcmp(tree, "intd") ? todo_split : strcmp(tree, "bounce");
  if (is_split) snprintf(p, sizeof *name, "%s/%" PRIu64 "/%" PRIu64, tree, id % split, id);
  else snprintf(p, sizeof *name, "%s/%" PRIu64, tree, id);
  return p;
}

uint64_t number_of(char const *name)
{
  char *end;
  uint64_t n = strtoull(name, &end, 10);
  return *name >= '1' && *name <= '9' && !*end ? n : 0;
}

int open_file(char const *name, int flags, mode_t mode)
{
  pause_maybe();
  return open(name, flags | O_CLOEXEC, mode);
}

int discard(char const *name)
{
  pause_maybe();
  return unlink(name);
}

int look_at(char const *name, struct stat *st)
{
  pause_maybe();
  return !stat(name, st) ? 1 : errno == ENOENT ? 0 : -1;
}

int is_there(char const *name)
{
  struct stat st;
  return look_at(name, &st);
}

int put(int fd, text const *t)
{
  pause_maybe();
  return write(fd, t->s, t->len) == (ssize_t)t->len ? 0 : -1;
}

int sync_and_close(int fd)
{
  pause_maybe();
  int r = fsync(fd);
  return close(fd) < 0 ? -1 : r;
}

uint64_t stamp_of(struct stat const *st)
{
  return (uint64_t)st->st_mtim.tv_sec * 1000000000u + (uint64_t)st->st_mtim.tv_nsec;
}

uint64_t stamp(uint64_t id)
{
  struct stat st;
  return look_at(path("mess", id), &st) > 0 ? stamp_of(&st) : 0;
}

void read_from(reader *r, int fd, size_t buffer)
{
  r->fd = fd;
  r->size = buffer;
  r->at = r->end = 0;
}

int next_record(reader *r, text *record)
{
  record->len = 0;
  for (;;) {
    if (r->at == r->end) {
      pause_maybe();
      ssize_t n = read(r->fd, r->bytes, r->size);
      if (n <= 0) return n < 0 ? -1 : 0;
      r->at = 0;
      r->end = (size_t)n;
    }
    char const *from = r->bytes + r->at, *nul = memchr(from, 0, r->end - r->at);
    size_t n = nul ? (size_t)(nul - from) + 1 : r->end - r->at;
    add(record, from, n);
    r->at += n;
    if (nul) return 1;
  }
}

int read_info(uint64_t id, text *sender, int64_t *birth)
{
  static reader r;
  struct stat st;
  int fd = open_file(path("info", id), O_RDONLY, 0);
  if (fd < 0) return 0;
  read_from(&r, fd, PASS_BUFFER);
  int ok = !fstat(fd, &st) && next_record(&r, sender) > 0 && *sender->s == 'F';
  close(fd);
  if (ok) *birth = (int64_t)(stamp_of(&st) / 1000);
  return ok;
}

DIR *open_dir(char const *tree, int is_split, uint64_t number)
{
  char name[64];
  if (is_split) snprintf(name, sizeof name, "%s/%" PRIu64, tree, number);
  DIR *dir = opendir(is_split ? name : tree);
  if (dir) return dir;
  say("alert: unable to open %s", is_split ? name : tree);
  exit(UNABLE);
}

size_t each(char const *tree, int is_split, void (*f)(uint64_t))
{
  size_t count = 0;
  for (uint64_t i = 0; i < (is_split ? split : 1); i++) {
    DIR *dir = open_dir(tree, is_split, i);
    for (struct dirent const *e; (e = readdir(dir)); ) {
      uint64_t id = number_of(e->d_name);
      count += id != 0;
      if (id && f) f(id);
    }
    closedir(dir);
  }
  return count;
}

int clean(uint64_t id, char const *tree)
{
  become(qmailq);
  int ok = (!discard(path("intd", id)) || errno == ENOENT)
      && (!discard(path(tree, id)) || errno == ENOENT);
  become(qmails);
  if (!ok) trouble("warning: %s could not be cleaned up", path(tree, id));
  return ok;
}

void pull_trigger(void)
{
  int fd = open_file("lock/trigger", O_WRONLY | O_NONBLOCK, 0);
  if (fd < 0) return;
  ssize_t r =
      write(fd, "", 1); /* it may have lost its reader by now, who is about to look anyway */
  (void)r;
  close(fd);
}
