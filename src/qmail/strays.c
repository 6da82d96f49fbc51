#include <signal.h>
#include <qq/instance.h>
#include <qq/when.h>

/* A qmail-send that finds the mutex taken is gone by then, and its qmail-todo without it. */
#define PAUSE UINT64_C(20000000)
#define PATIENCE QQ_SECOND

/* Tells those that are left over to end. Returns how many there are, also of those that are not. */
static size_t end_each(qq_instance const *i, pid_t *told)
{
  qq_member const *m = genalloc_s(qq_member, &i->members);
  size_t const n = genalloc_len(qq_member, &i->members);
  size_t k;
  for (k = 0; k < n; k++)
    if (qq_instance_is_stray(i, &m[k]) && !kill(m[k].process.pid, SIGTERM))
      *told = m[k].process.pid;
  return qq_instance_count(i, QQ_ROLE_TODO);
}

pid_t qq_instance_end_strays(int queue_fd)
{
  uint64_t const end = qq_now() + PATIENCE;
  qq_instance i = QQ_INSTANCE_ZERO;
  pid_t told = 0;
  while (qq_instance_watch(&i, queue_fd) > 0 && end_each(&i, &told) && qq_now() < end)
    qq_sleep(PAUSE);
  qq_instance_free(&i);
  return told;
}
