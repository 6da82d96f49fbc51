/* inject.c - qmail-queue, for --inject. */

#include "model.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What stands behind the letter, and the NUL. */
static void add_record(text *t, char letter, char const *s)
{
  add(t, &letter, 1);
  add(t, s, strlen(s) + 1);
}

static void add_number(text *t, char letter, unsigned long n)
{
  char digits[32];
  sprintf(digits, "%lu", n);
  add_record(t, letter, digits);
}

static void add_received(text *t)
{
  char line[128], date[64];
  time_t today = time(0);
  struct tm tm;
  gmtime_r(&today, &tm);
  strftime(date, sizeof date, "%d %b %Y %H:%M:%S -0000", &tm);
  add(t, line,
      (size_t)sprintf(line, "Received: (qmail %ld invoked %s); %s\n", (long)getpid(),
          set.bounce ? "for bounce" : "by uid 0", date));
}

static void write_text(int fd, text const *t)
{
  pause_maybe();
  if (put(fd, t) < 0 || fsync(fd) < 0) die("write");
}

static void link_or_die(char const *old, char const *name)
{
  pause_maybe();
  if (link(old, name) < 0) die(name);
}

static int create(char const *name)
{
  int fd = open_file(name, O_WRONLY | O_CREAT | O_EXCL, 0644);
  if (fd < 0) die(name);
  return fd;
}

/* to: addresses, each with its NUL; body: the message as it comes, with its header */
static void enqueue(char const *sender, text const *to, text const *body, struct stat *st)
{
  static unsigned long sequence;
  char temporary[64];
  text mess = { 0, 0, 0 }, envelope = { 0, 0, 0 };
  add_received(&mess);
  add(&mess, body->s, body->len);
  add_number(&envelope, 'u', set.bounce ? qmails : 0);
  add_number(&envelope, 'p', (unsigned long)getpid());
  add_record(&envelope, 'F', sender);
  for (char const *a = to->s; a < to->s + to->len; a += strlen(a) + 1)
    add_record(&envelope, 'T', a);

  sprintf(temporary, "pid/%ld.%ld.%lu", (long)getpid(), (long)time(0), ++sequence);
  int fd = create(temporary);
  if (fstat(fd, st) < 0) die(temporary);
  link_or_die(temporary, path("mess", st->st_ino));
  if (discard(temporary) < 0) die(temporary);
  write_text(fd, &mess);
  int intd = create(path("intd", st->st_ino));
  write_text(intd, &envelope);
  link_or_die(path("intd", st->st_ino), path("todo", st->st_ino));
  if (fstat(fd, st) < 0) die("fstat");
  close(intd);
  close(fd);
  pull_trigger();
  free(mess.s);
  free(envelope.s);
}

static void inject_line(char *line)
{
  static char const end[] = "\n\nWritten by the model.\n";
  text to = { 0, 0, 0 }, body = { 0, 0, 0 };
  struct stat st;
  char *copy = strdup(line), *sender = strtok(line, " ");
  if (!copy || !sender) die("no sender");
  if (!strcmp(sender, "<>")) *sender = 0;
  for (char const *a; (a = strtok(0, " ")); ) add(&to, a, strlen(a) + 1);
  add(&body, "Subject: ", 9);
  add(&body, copy, strlen(copy));
  add(&body, end, sizeof end - 1);
  enqueue(sender, &to, &body, &st);
  printf("%" PRIu64 "@%" PRIu64 " %s\n", (uint64_t)st.st_ino, stamp_of(&st), copy);
  if (fflush(stdout)) die("standard output");
  free(to.s);
  free(body.s);
  free(copy);
}

int inject_lines(void)
{
  char *line = 0;
  size_t room = 0;
  umask(033);
  become(qmailq);
  for (ssize_t n; (n = getline(&line, &room, stdin)) > 0; ) {
    if (line[n - 1] == '\n') line[n - 1] = 0;
    inject_line(line);
    rest(below(1000 * set.every));
  }
  free(line);
  return 0;
}

int inject_bounce(char const *sender, char const *recipient)
{
  static char const head[] = "Subject: failure notice\n\nHere is the model.\n\n";
  text to = { 0, 0, 0 }, body = { 0, 0, 0 };
  struct stat st;
  char bytes[4096];
  umask(033);
  become(qmailq);
  add(&to, recipient, strlen(recipient) + 1);
  add(&body, head, sizeof head - 1);
  for (ssize_t n; (n = read(0, bytes, sizeof bytes)) > 0; ) add(&body, bytes, (size_t)n);
  enqueue(sender, &to, &body, &st);
  return 0;
}

static void copy_file(int from, int to)
{
  char bytes[4096];
  for (ssize_t n; (n = read(from, bytes, sizeof bytes)) > 0;)
    if (write(to, bytes, (size_t)n) != n) return;
}

/* A process of its own, as qmail-send has it, that like there inherits the mutex and the trigger.
 */
int send_letter(char const *sender, char const *recipient, int failures, int mess)
{
  int p[2], status;
  if (pipe(p) < 0) die("pipe");
  pid_t pid = fork();
  if (!pid) {
    dup2(p[0], 0);
    close(p[1]);
    set.bounce = 1;
    _exit(inject_bounce(sender, recipient));
  }
  close(p[0]);
  copy_file(failures, p[1]);
  copy_file(mess, p[1]);
  close(p[1]);
  return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && !WEXITSTATUS(status);
}
