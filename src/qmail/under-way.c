#include <errno.h>
#include <qq/id.h>
#include <qq/instance.h>
#include <qq/when.h>

/* From a spawn's look at the owner of the mess file (spawn.c:docmd) to its fork; on a busy machine
   others run in between. */
#define MARGIN (500 * UINT64_C(1000000))

/* How long what works is waited for: a qmail-send with much to do hardly ever sleeps, but takes in
   what its spawns say each time around. */
#define PATIENCE (5 * QQ_SECOND)
#define PAUSE (2 * UINT64_C(1000000))

static void find_oldest(qq_under_way *u, qq_instance const *i)
{
  qq_member const *m = genalloc_s(qq_member, &i->members);
  size_t k;
  u->oldest = UINT64_MAX;
  for (k = 0; k < genalloc_len(qq_member, &i->members); k++) {
    uint64_t const started = qq_os_process_started(&m[k].process);
    if ((m[k].role == QQ_ROLE_LOCAL || m[k].role == QQ_ROLE_REMOTE) && started < u->oldest)
      u->oldest = started;
  }
}

static int look_at_instance(qq_instance *i, int queue_fd)
{
  int const r = qq_instance_look(i, queue_fd);
  if (r < 1 || i->is_shown) return r;
  errno = ENOSYS;
  return -1;
}

/* Waits until it has done all that came to it before, to that moment at most. Returns 1; 0: it does
   not get on; or -1 with errno. */
static int let_catch_up(pid_t pid, uint64_t end)
{
  int doing = qq_os_process_doing(pid);
  while ((doing == QQ_OS_WORKS || doing == QQ_OS_IS_STUCK) && qq_now() < end) {
    qq_sleep(PAUSE);
    doing = qq_os_process_doing(pid);
  }
  return doing < 0 ? -1 : doing != QQ_OS_IS_STUCK;
}

/* The same for all in the role. */
static int let_catch_up_all(qq_instance const *i, qq_role role, uint64_t end)
{
  qq_member const *m = genalloc_s(qq_member, &i->members);
  size_t k;
  int r = 1;
  for (k = 0; r > 0 && k < genalloc_len(qq_member, &i->members); k++)
    if (m[k].role == role) r = let_catch_up(m[k].process.pid, end);
  return r;
}

/* Of a delivery that has ended its spawn learns, and then qmail-send, which logs that before it
   marks the recipient (qmail-send.c:del_dochan). */
static int let_results_in(qq_under_way *u, qq_instance const *i)
{
  uint64_t const end = qq_now() + PATIENCE;
  int r = let_catch_up_all(i, QQ_ROLE_LSPAWN, end);
  if (r > 0) r = let_catch_up_all(i, QQ_ROLE_RSPAWN, end);
  if (r > 0) r = let_catch_up_all(i, QQ_ROLE_SEND, end);
  if (!r) u->oldest = 0;
  return r < 0 ? -1 : 1;
}

/* A spawn that is about to fork has it open, which the first look at open files sees; or it has
   forked before, and the second one sees what its child has open, or the child has ended. */
int qq_under_way_look(qq_under_way *u, int queue_fd)
{
  qq_instance i = QQ_INSTANCE_ZERO;
  struct stat st;
  int r = -1;
  genalloc_setlen(uint64_t, &u->open, 0);
  if (!fstat(queue_fd, &st) && qq_os_open_inodes(st.st_dev, &u->open) > 0
    && look_at_instance(&i, queue_fd) > 0 && qq_os_open_inodes(st.st_dev, &u->open) > 0) {
    find_oldest(u, &i);
    r = let_results_in(u, &i);
  }
  qq_instance_free(&i);
  qq_numbers_sort(&u->open, 0);
  return r;
}

int qq_under_way_has(qq_under_way const *u, struct stat const *mess)
{
  uint64_t const held = (uint64_t)mess->st_ctim.tv_sec * QQ_SECOND
    + (uint64_t)mess->st_ctim.tv_nsec;
  return u->oldest <= held + MARGIN || qq_numbers_have(&u->open, mess->st_ino);
}
