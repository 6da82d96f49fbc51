/* todo.c - preprocessing: from todo/ to info/, local/ and remote/. */

#include "model.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOOK_AT_TODO 1500               /* seconds of the schedule: without a trigger */

typedef struct making {                 /* a message that is being preprocessed */
  uint64_t id, size;
  int info, fd[CHANNELS_MAX];
  unsigned channels;                    /* a bit for each that has a recipient */
  unsigned long uid, pid;
  text to[CHANNELS_MAX];
} making;

typedef struct notice {                 /* from the process for todo to qmail-send */
  uint64_t id;
  unsigned channels, stopped;
} notice;

static struct {
  DIR *dir;                             /* null: no scan is under way */
  uint64_t number;                      /* of the split directory */
  int trigger;
  int64_t next;
} scan = { .trigger = -1 };

static struct {
  pid_t pid;                            /* 0: there is none */
  int commands, notices;
} process = { 0, -1, -1 };

static int tell_main = -1;              /* in that process: where notices go */

/* ---- one message ---- */

static unsigned channel_of(char const *address)
{
  char const *at = strrchr(address, '@');
  char domain[32];
  for (unsigned c = 0; at && c < channels; c++) {
    snprintf(domain, sizeof domain, "@%s.example", channel[c]);
    if (!strcmp(at, domain)) return c;
  }
  return at ? 1 : 0;
}

static int sort_recipient(making *m, text const *record)
{
  unsigned c = channel_of(record->s);
  if (!(m->channels >> c & 1)) {
    m->fd[c] = open_file(path(channel[c], m->id), O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (m->fd[c] < 0)
      return trouble("warning: unable to create %s: %s", path(channel[c], m->id), strerror(errno)),
             -1;
    m->channels |= 1u << c;
  }
  add(&m->to[c], record->s, record->len);
  return 0;
}

static int sort_record(making *m, text const *record)
{
  switch (*record->s) {
  case 'u': m->uid = strtoul(record->s + 1, 0, 10); return 0;
  case 'p': m->pid = strtoul(record->s + 1, 0, 10); return 0;
  case 'T': return sort_recipient(m, record);
  case 'F':
    say("info msg %" PRIu64 ": bytes %" PRIu64 " from <%s> qp %lu uid %lu", m->id, m->size,
        shown(record->s + 1), m->pid, m->uid);
    return put(m->info, record) < 0 ? trouble("warning: trouble writing %s", path("info", m->id)),
           -1                       : 0;
  default: return trouble("warning: unknown record type in %s", path("todo", m->id)), -1;
  }
}

static int sort_records(making *m, int todo)
{
  static reader in;
  text record = { 0, 0, 0 };
  int r, ok;
  read_from(&in, todo, TODO_BUFFER);
  while ((r = next_record(&in, &record)) > 0) if (sort_record(m, &record) < 0) break;
  if (r < 0) trouble("warning: trouble reading %s", path("todo", m->id));
  free(record.s);
  if (r) return 0;
  linger();
  ok = !sync_and_close(m->info);
  m->info = -1;
  for (unsigned c = 0; c < channels; c++) {
    if (m->fd[c] < 0) continue;
    if (put(m->fd[c], &m->to[c]) < 0 || sync_and_close(m->fd[c]) < 0) ok = 0;
    m->fd[c] = -1;
  }
  if (!ok) trouble("warning: trouble writing what was made of %s", path("todo", m->id));
  return ok;
}

/* What stands here by now is left of an attempt that did not succeed. */
static int make_files(making *m, int todo)
{
  struct stat st;
  if (look_at(path("mess", m->id), &st) <= 0)
    return trouble("warning: unable to stat %s", path("mess", m->id)), 0;
  m->size = (uint64_t)st.st_size;
  for (unsigned c = 0; c <= channels; c++) {
    char const *file = path(c < channels ? channel[c] : "info", m->id);
    if (discard(file) < 0 && errno != ENOENT)
      return trouble("warning: unable to unlink %s", file), 0;
  }
  m->info = open_file(path("info", m->id), O_WRONLY | O_CREAT | O_EXCL, 0600);
  if (m->info < 0)
    return trouble("warning: unable to create %s: %s", path("info", m->id), strerror(errno)), 0;
  say("new msg %" PRIu64, m->id);
  return sort_records(m, todo);
}

static void preprocess(uint64_t id)
{
  making m = { .id = id, .info = -1 };
  int todo = open_file(path("todo", id), O_RDONLY, 0);
  if (todo < 0) { trouble("warning: unable to open %s", path("todo", id)); return; }
  for (unsigned c = 0; c < channels; c++) m.fd[c] = -1;
  int ok = make_files(&m, todo);
  close(todo);
  if (m.info >= 0) close(m.info);
  for (unsigned c = 0; c < channels; c++) {
    if (m.fd[c] >= 0) close(m.fd[c]);
    free(m.to[c].s);
  }
  if (!ok) return;
  linger();
  if (!clean(id, "todo")) return;
  linger();
  notice n = { id, m.channels, 0 };
  if (tell_main < 0) remember_preprocessed(id, m.channels);
  else if (write(tell_main, &n, sizeof n) < 0)
    _exit(troubled ? TROUBLED : 0); /* qmail-send was killed */
}

/* ---- one name in todo/ after the other ---- */

void set_trigger(void)
{
  if (scan.trigger >= 0) close(scan.trigger);
  if (set.deaf) rest(set.deaf * 1000);
  scan.trigger = open_file("lock/trigger", O_RDONLY | O_NONBLOCK, 0);
  if (scan.trigger >= 0) return;
  say("alert: unable to open lock/trigger");
  exit(UNABLE);
}

static void next_name(int is_pulled)
{
  if (!scan.dir) {
    if (!is_pulled && !is_due(scan.next)) return;
    set_trigger();
    scan.next = now + units(LOOK_AT_TODO);
    scan.dir = open_dir("todo", todo_split, scan.number = 0);
  }
  struct dirent const *e = readdir(scan.dir);
  uint64_t id = e ? number_of(e->d_name) : 0;
  if (id) preprocess(id);
  wake = now;
  if (e) return;
  closedir(scan.dir);
  scan.dir = todo_split && ++scan.number < split ? open_dir("todo", 1, scan.number) : 0;
}

/* ---- the process ---- */

/* It does not notice that qmail-send is gone until it has something to say. */
static void be_todo(int commands)
{
  char c;
  stream = ~stream;
  for (;;) {
    int fds[2] = { scan.dir ? -1 : scan.trigger, commands }, ready[2];
    wait_for(fds, ready, 2);
    if (ready[1] && read(commands, &c, 1) == 1) break;
    if (ready[1]) commands = -1;
    next_name(ready[0]);
  }
  notice n = { 0, 0, 1 };
  _exit(write(tell_main, &n, sizeof n) < 0 || troubled ? TROUBLED : 0);
}

void start_todo_process(int mutex)
{
  int commands[2], notices[2];
  if (pipe(commands) < 0 || pipe(notices) < 0 || (process.pid = fork()) < 0)
    die("unable to start another process");
  if (!process.pid) {
    close(mutex);
    leave_processes(1);
    if (set.processes) be_named("qmail-todo");
    close(commands[1]);
    close(notices[0]);
    signal(SIGTERM, SIG_DFL);
    signal(SIGALRM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    tell_main = notices[1];
    be_todo(commands[0]);
  }
  leave_processes(0);
  close(commands[0]);
  close(notices[1]);
  close(scan.trigger);
  process.commands = commands[1];
  process.notices = notices[0];
}

static void hear_process(void)
{
  notice n;
  int status;
  wake = now;
  ssize_t r = read(process.notices, &n, sizeof n);
  if (r == (ssize_t)sizeof n && !n.stopped) {
    if (!told_to_stop) remember_preprocessed(n.id, n.channels);
    return;
  }
  if (r <= 0) trouble("alert: lost the process for todo");
  if (waitpid(process.pid, &status, 0) != process.pid || status) troubled = 1;
  process.pid = 0;
  told_to_stop = 1;
}

int has_todo_process(void) { return process.pid != 0; }
int todo_fd(void)
{
  return process.pid ? process.notices : scan.dir || told_to_stop ? -1 : scan.trigger;
}

void stop_todo(void)
{
  if (process.pid && write(process.commands, "X", 1) != 1) troubled = 1;
}

void work_todo(int is_ready)
{
  if (process.pid) { if (is_ready) hear_process(); }
  else if (!told_to_stop) next_name(is_ready);
}
