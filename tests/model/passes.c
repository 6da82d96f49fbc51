/* passes.c - which message is tried when, and the recipients of it. */

#include "model.h"
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct entry {
  uint64_t id;
  int64_t due;
} entry;

typedef struct list {
  entry *e;
  size_t n, room;
} list;

typedef struct pass {                   /* the open recipient file of a channel */
  job *j;                               /* null: none is open */
  off_t at;
  reader in;
} pass;

static list waiting[CHANNELS_MAX];      /* messages with recipients, until their next attempt */
static list done;                       /* messages without any that are left */
static pass passes[CHANNELS_MAX];
static job *jobs;

/* ---- what it remembers ---- */

void make_room(void)
{
  if (!(jobs = calloc(channels * set.concurrency, sizeof *jobs))) die("memory");
  make_slots();
}

static void remember(list *l, uint64_t id, int64_t due)
{
  if (l->n == l->room) l->e = resized(l->e, (l->room = 2 * l->room + 64) * sizeof *l->e);
  l->e[l->n++] = (entry){ id, due };
}

static int forget_earliest(list *l, entry *e)
{
  size_t first = 0;
  if (!l->n) return 0;
  for (size_t i = 1; i < l->n; i++) if (l->e[i].due < l->e[first].due) first = i;
  *e = l->e[first];
  l->e[first] = l->e[--l->n];
  return 1;
}

static int next_due(list *l, entry *e)
{
  if (!forget_earliest(l, e)) return 0;
  if (is_due(e->due)) return 1;
  remember(l, e->id, e->due);
  return 0;
}

void remember_preprocessed(uint64_t id, unsigned channels_used)
{
  for (unsigned c = 0; c < channels; c++)
    if (channels_used >> c & 1) remember(&waiting[c], id, now);
  if (!channels_used) remember(&done, id, now);
}

/* At the start. What is in todo/ is no business of this, nor is what has vanished. */
void remember_from_disk(uint64_t id)
{
  struct stat st[CHANNELS_MAX];
  int r = is_there(path("info", id)), there[CHANNELS_MAX], any = 0;
  if (!r) return;
  if (r > 0 && (r = is_there(path("todo", id))) > 0) return;
  for (unsigned c = 0; r >= 0 && c < channels; c++)
    any |= r = there[c] = look_at(path(channel[c], id), &st[c]);
  if (r < 0) { trouble("warning: unable to stat the files of message %" PRIu64, id); return; }
  for (unsigned c = 0; c < channels; c++)
    if (there[c]) remember(&waiting[c], id, (int64_t)(stamp_of(&st[c]) / 1000));
  if (!any) remember(&done, id, now);
}

void run_all(void)
{
  for (unsigned c = 0; c < channels; c++)
    for (size_t i = 0; i < waiting[c].n; i++) waiting[c].e[i].due = now;
}

void write_due_times(void)
{
  entry e;
  for (unsigned c = 0; c < channels; c++)
    while (forget_earliest(&waiting[c], &e)) {
      struct timespec due = { (time_t)(e.due / 1000000), (long)(e.due % 1000000) * 1000 },
                      times[2] = { due, due };
      pause_maybe();
      if (utimensat(AT_FDCWD, path(channel[c], e.id), times, 0) < 0)
        trouble("warning: unable to utime %s", path(channel[c], e.id));
    }
}

/* ---- jobs and passes ---- */

static job *free_job(void)
{
  for (size_t i = 0; i < channels * set.concurrency; i++) if (!jobs[i].users) return &jobs[i];
  return 0;
}

/* The attempt after this one: birth and the square of ten seconds, or twenty, more than a whole
   root of the age. */
static int64_t next_attempt(int64_t birth, unsigned c)
{
  int64_t age = (now - birth) / (int64_t)set.unit,
          n = (age > 0 ? (int64_t)sqrt((double)age) : 0) + (c ? 20 : 10);
  return birth + n * n * (int64_t)set.unit;
}

void leave_job(job *j)
{
  if (--j->users) return;
  if (!j->read_whole || j->waiting) { remember(&waiting[j->channel], j->id, j->retry); return; }
  if (discard(path(channel[j->channel], j->id)) < 0) {
    trouble("warning: unable to unlink %s: %s", path(channel[j->channel], j->id), strerror(errno));
    remember(&waiting[j->channel], j->id, now + units(PUT_OFF));
    return;
  }
  linger();
  for (unsigned c = 0; c < channels; c++) {
    int r = c == j->channel ? 0 : is_there(path(channel[c], j->id));
    if (r > 0) return;
    if (r < 0) { trouble("warning: unable to stat %s", path(channel[c], j->id)); break; }
  }
  remember(&done, j->id, now);
}

static void open_pass(pass *p, unsigned c, job *j)
{
  entry e;
  int64_t birth;
  if (!next_due(&waiting[c], &e)) return;
  char const *missing = path(channel[c], e.id);
  int fd = open_file(missing, O_RDONLY, 0);
  linger();
  if (fd < 0 || !read_info(e.id, &j->sender, &birth)) {
    trouble("warning: trouble opening %s", fd < 0 ? missing : path("info", e.id));
    if (fd >= 0) close(fd);
    remember(&waiting[c], e.id, now + units(PUT_OFF));
  } else {
    *j = (job){ .users = 1, .channel = c, .id = e.id, .sender = j->sender };
    j->retry = next_attempt(birth, c);
    j->dying = now > birth + units(set.lifetime);
    p->j = j;
    p->at = 0;
    read_from(&p->in, fd, PASS_BUFFER);
  }
}

static void close_pass(pass *p, int read_whole)
{
  close(p->in.fd);
  p->j->read_whole = read_whole;
  leave_job(p->j);
  p->j = 0;
}

void work_pass(unsigned c)
{
  static text record;
  pass *p = &passes[c];
  job *j = p->j ? p->j : free_job();
  if (!p->j && j) open_pass(p, c, j);
  if (!p->j || !has_free_slot(c)) return;
  wake = now;
  int r = next_record(&p->in, &record);
  if (r < 0) trouble("warning: trouble reading %s", path(channel[c], j->id));
  if (r > 0 && *record.s != 'T' && *record.s != 'D') {
    trouble("warning: unknown record type in %s", path(channel[c], j->id));
    r = -1;
  }
  if (r <= 0) { close_pass(p, !r); return; }
  if (*record.s == 'T') {
    j->waiting++;
    start_delivery(j, p->at, &record);
  }
  p->at += (off_t)record.len;
}

void work_done(void)
{
  entry e;
  if (!next_due(&done, &e)) return;
  if (!end_message(e.id)) remember(&done, e.id, now + units(PUT_OFF));
  wake = now;
}
