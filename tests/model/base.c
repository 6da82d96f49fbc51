/* base.c - time, chance, memory and the log. */

#include "model.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

settings set = { .seed = 1,
  .unit = 2500,
  .lifetime = 604800,
  .concurrency = 5,
  .delivery = 20,
  .good = 70,
  .fail = 10,
  .pauses = 5,
  .at_most = 600,
  .slow_while = -1 };
char const *model_program;
int log_fd = 2, troubled;
uint64_t stream;
int64_t now, wake;

void die(char const *what)
{
  fprintf(stderr, "model: %s: %s\n", what, strerror(errno));
  exit(UNABLE);
}

static uint64_t draw(void)              /* splitmix64: every seed is a good one */
{
  uint64_t z = stream += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

unsigned long below(unsigned long n) { return n ? (unsigned long)(draw() % n) : 0; }
int percent(unsigned long p) { return below(100) < p; }

int64_t clock_now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t units(unsigned long seconds) { return (int64_t)seconds * (int64_t)set.unit; }

void rest(unsigned long microseconds)
{
  struct timespec t = { (time_t)(microseconds / 1000000), (long)(microseconds % 1000000) * 1000 };
  nanosleep(&t, 0);
}

void pause_maybe(void)
{
  if (percent(set.pauses)) rest(below(percent(10) ? 10000 : 300));
}

void linger(void)
{
  if (set.linger && percent(30)) rest(below(1000 * set.linger));
}

int is_due(int64_t when)
{
  if (when <= now) return 1;
  if (when < wake) wake = when;
  return 0;
}

void *resized(void *old, size_t n)
{
  void *p = realloc(old, n);
  if (!p) die("memory");
  return p;
}

void add(text *t, char const *s, size_t n)
{
  if (t->len + n > t->room) t->s = resized(t->s, t->room = 2 * (t->len + n) + 256);
  if (n) memcpy(t->s + t->len, s, n);
  t->len += n;
}

char const *shown(char const *s)
{
  static text line[2];
  static unsigned turn;
  text *t = &line[turn = !turn];
  t->len = 0;
  add(t, s, strlen(s) + 1);
  for (char *p = t->s; *p; p++) *p = *p == '\n' ? '/' : *p < 33 || *p > 126 || *p == '%' ? '_' : *p;
  return t->s;
}

void say_at(int64_t when, char const *format, ...)
{
  char line[4096];
  va_list args;
  int n = sprintf(line, "%" PRId64 ".%06d ", when / 1000000, (int)(when % 1000000));
  va_start(args, format);
  n += vsnprintf(line + n, sizeof line - (size_t)n, format, args);
  va_end(args);
  if (n > (int)sizeof line - 1) n = sizeof line - 1;
  line[n++] = '\n';
  if (write(log_fd, line, (size_t)n) != n) _exit(UNABLE);
}

void be_troubled(void)
{
  troubled = 1;
  if (set.strict) _exit(TROUBLED);
}
