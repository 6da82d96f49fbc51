#include <errno.h>
#include <qq/id.h>
#include <qq/instance.h>
#include <qq/when.h>

/* From a spawn's look at the owner of the mess file (spawn.c:docmd) to its fork; on a busy machine
   others run in between. */
#define MARGIN (500 * UINT64_C(1000000))

static int find_oldest(qq_under_way *u, int queue_fd)
{
  qq_instance i = QQ_INSTANCE_ZERO;
  qq_member const *m;
  size_t k;
  int r = qq_instance_look(&i, queue_fd);
  if (r > 0 && !i.is_shown) {
    errno = ENOSYS;
    r = -1;
  }
  m = genalloc_s(qq_member, &i.members);
  u->oldest = UINT64_MAX;
  for (k = 0; r > 0 && k < genalloc_len(qq_member, &i.members); k++) {
    uint64_t const started = qq_os_process_started(&m[k].process);
    if ((m[k].role == QQ_ROLE_LOCAL || m[k].role == QQ_ROLE_REMOTE) && started < u->oldest)
      u->oldest = started;
  }
  qq_instance_free(&i);
  return r;
}

/* A spawn that is about to fork has it open, which the first look at open files sees; or it has
   forked before, and the second one sees what its child has open, or the child has ended. */
int qq_under_way_look(qq_under_way *u, int queue_fd)
{
  struct stat st;
  genalloc_setlen(uint64_t, &u->open, 0);
  if (fstat(queue_fd, &st) < 0 || qq_os_open_inodes(st.st_dev, &u->open) < 0
    || find_oldest(u, queue_fd) < 0 || qq_os_open_inodes(st.st_dev, &u->open) < 0) return -1;
  qq_numbers_sort(&u->open, 0);
  return 1;
}

int qq_under_way_has(qq_under_way const *u, struct stat const *mess)
{
  uint64_t const held = (uint64_t)mess->st_ctim.tv_sec * QQ_SECOND
    + (uint64_t)mess->st_ctim.tv_nsec;
  return u->oldest <= held + MARGIN || qq_numbers_have(&u->open, mess->st_ino);
}
