#include <pthread.h>
#include <stdlib.h>
#include <qq/child.h>

/* musl gives a thread 128 KB; libc's regular expressions want more. */
#define STACK 1048576

typedef struct one {
  pthread_t thread;
  void (*work)(void *);
  void *element;
} one;

static void *start(void *p)
{
  one const *o = p;
  o->work(o->element);
  return 0;
}

/* Returns how many were started: those from 1 on, up to the first that was not. */
static size_t start_all(one *o, size_t count)
{
  pthread_attr_t attributes;
  size_t i = 1;
  if (pthread_attr_init(&attributes)) return i;
  pthread_attr_setstacksize(&attributes, STACK);
  while (i < count && !pthread_create(&o[i].thread, &attributes, start, &o[i])) i++;
  pthread_attr_destroy(&attributes);
  return i;
}

void qq_threads_run(void *elements, size_t count, size_t size, void (*work)(void *))
{
  one *o = calloc(count, sizeof *o);
  size_t started = 1, i;
  for (i = 0; o && i < count; i++) {
    o[i].work = work;
    o[i].element = (char *)elements + i * size;
  }
  if (o) started = start_all(o, count);
  if (count) work(elements);
  for (i = started; i < count; i++) work((char *)elements + i * size);
  for (i = 1; i < started; i++) pthread_join(o[i].thread, 0);
  free(o);
}
