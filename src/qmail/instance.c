#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <qq/file.h>
#include <qq/instance.h>
#include <qq/lock.h>
#include <qq/names.h>

/* By role, up to the deliveries: their processes go by many names before and after they run
   qmail-local or qmail-remote. */
static char const *const names[] = {
  QQ_NAME_QMAIL_SEND, QQ_NAME_QMAIL_LSPAWN, QQ_NAME_QMAIL_RSPAWN, QQ_NAME_QMAIL_CLEAN,
  QQ_NAME_QMAIL_TODO, QQ_NAME_QMAIL_LOCAL, QQ_NAME_QMAIL_REMOTE
};

char const *qq_role_name(qq_role role)
{
  return names[role];
}

/* Where its processes work, and as whom. */
typedef struct queue_places {
  struct stat queue, mess;
  uid_t qmails;                 /* owner of info/ */
} queue_places;

static int find_places(queue_places *p, int queue_fd)
{
  struct stat info;
  if (fstat(queue_fd, &p->queue) < 0
    || fstatat(queue_fd, QQ_NAME_MESS, &p->mess, AT_SYMLINK_NOFOLLOW) < 0
    || fstatat(queue_fd, QQ_NAME_INFO, &info, AT_SYMLINK_NOFOLLOW) < 0) return -1;
  p->qmails = info.st_uid;
  return 1;
}

/* Says whether it is root's, or belongs to who owns mess/ or info/: qmailq and qmails. Who else
   calls himself a part of qmail is none. The user of qmail-rspawn is not to be seen from the
   queue. */
static int has_users_of(pid_t pid, int role, queue_places const *places)
{
  uid_t users[2];
  int i, r;
  if (role == QQ_ROLE_RSPAWN) return 1;
  r = qq_os_process_users(pid, users);
  if (r < 1) return r;
  for (i = 0; i < 2; i++)
    if (users[i] && users[i] != places->qmails && users[i] != places->mess.st_uid) return 0;
  return 1;
}

int qq_process_is_qmail_send(pid_t pid, int queue_fd)
{
  queue_places places;
  qq_os_process p;
  int r;
  if (pid <= 0) return 0;
  if (find_places(&places, queue_fd) < 0) return -1;
  r = qq_os_process_look(pid, &p);
  if (r != 1 || strcmp(p.name, QQ_NAME_QMAIL_SEND)) return r < 0 ? r : 0;
  r = qq_os_process_works_in(pid, places.queue.st_dev, places.queue.st_ino);
  return r > 0 ? has_users_of(pid, QQ_ROLE_SEND, &places) : r;
}

/* The role of a daemon, or -1. */
static int role_of(char const *name)
{
  int role;
  for (role = QQ_ROLE_SEND; role < QQ_ROLE_LOCAL; role++)
    if (!strcmp(names[role], name)) return role;
  return -1;
}

/* The role of what a process in that role forks, or -1. */
static int role_of_child(qq_role role)
{
  return role == QQ_ROLE_LSPAWN ? QQ_ROLE_LOCAL : role == QQ_ROLE_RSPAWN ? QQ_ROLE_REMOTE : -1;
}

/* qmail-send, qmail-clean and qmail-todo work in the queue itself, the spawns in mess/
   (spawn.c:main). */
static int works_here(qq_os_process const *p, int role, queue_places const *places)
{
  struct stat const *place = role_of_child((qq_role)role) < 0 ? &places->queue : &places->mess;
  return qq_os_process_works_in(p->pid, place->st_dev, place->st_ino);
}

/* Root without CAP_SYS_PTRACE, as in many containers, may not see where others work. */
static int belongs_to_holder(qq_os_process const *p, pid_t holder)
{
  return holder && (p->pid == holder || p->parent == holder);
}

static int add_member(qq_instance *i, qq_os_process const *p, int role)
{
  qq_member m;
  m.process = *p;
  m.role = (qq_role)role;
  return genalloc_append(qq_member, &i->members, &m) ? 1 : -1;
}

static int find_daemons(qq_instance *i, genalloc const *all, queue_places const *places)
{
  qq_os_process const *p = genalloc_s(qq_os_process, all);
  size_t const n = genalloc_len(qq_os_process, all);
  size_t k;
  for (k = 0; k < n; k++) {
    int const role = role_of(p[k].name);
    int r = 0;
    if (role < 0) continue;
    r = works_here(&p[k], role, places);
    if (r < 0 && errno == EACCES && !geteuid()) r = belongs_to_holder(&p[k], i->holder);
    if (r > 0) r = has_users_of(p[k].pid, role, places);
    if (r < 0 || (r && add_member(i, &p[k], role) < 0)) return -1;
  }
  return 1;
}

/* A spawn forks before it runs qmail-local or qmail-remote, so that a delivery may have its name
   still, and its directory; it is its child. */
static void find_forked(qq_instance *i)
{
  qq_member *m = genalloc_s(qq_member, &i->members);
  size_t const n = genalloc_len(qq_member, &i->members);
  size_t k;
  for (k = 0; k < n; k++) {
    qq_member const *parent = qq_instance_member(i, m[k].process.parent);
    int const role = parent && parent->role == m[k].role ? role_of_child(parent->role) : -1;
    if (role >= 0) m[k].role = (qq_role)role;
  }
}

static int find_deliveries(qq_instance *i, genalloc const *all)
{
  qq_os_process const *p = genalloc_s(qq_os_process, all);
  size_t const n = genalloc_len(qq_os_process, all);
  size_t k;
  find_forked(i);
  for (k = 0; k < n; k++) {
    qq_member const *parent = qq_instance_member(i, p[k].parent);
    int const role = parent ? role_of_child(parent->role) : -1;
    if (role >= 0 && !qq_instance_member(i, p[k].pid) && add_member(i, &p[k], role) < 0) return -1;
  }
  return 1;
}

/* Two of them: one is just starting, and will find that the mutex is taken. Without a holder, where
   the system shows none, one that reads the trigger has it. */
static void find_send(qq_instance *i)
{
  qq_member const *m = genalloc_s(qq_member, &i->members);
  size_t const n = genalloc_len(qq_member, &i->members);
  size_t k;
  for (k = 0; k < n; k++) {
    if (m[k].role != QQ_ROLE_SEND) continue;
    if (i->holder ? m[k].process.pid != i->holder : !i->has_reader) continue;
    i->send = m[k].process.pid;
    i->is_stopped = m[k].process.is_stopped;
  }
  i->runs = i->send != 0;
}

static int find_members(qq_instance *i, queue_places const *places)
{
  genalloc all = GENALLOC_ZERO;
  int r = qq_os_processes(&all);
  if (r > 0) r = find_daemons(i, &all, places);
  if (r > 0) r = find_deliveries(i, &all);
  genalloc_free(qq_os_process, &all);
  return r;
}

/* How somebody is found who reads the trigger: 1, 0, or -1 with errno. */
typedef int ask_for_reader(qq_instance const *, int queue_fd);

/* By opening it, which wakes him. */
static int ask_trigger(qq_instance const *i, int queue_fd)
{
  int const r = qq_trigger_has_reader(queue_fd);
  (void)i;
  return r < 0 && errno == ENOENT ? 0 : r;
}

/* By what qmail-send or its qmail-todo has open; who may not see that believes it of one that
   runs. */
static int ask_processes(qq_instance const *i, int queue_fd)
{
  qq_member const *m = genalloc_s(qq_member, &i->members);
  size_t const n = genalloc_len(qq_member, &i->members);
  struct stat st;
  size_t k;
  if (!i->is_shown) return ask_trigger(i, queue_fd);
  if (qq_stat_below(queue_fd, QQ_NAME_TRIGGER, &st) < 0) return errno == ENOENT ? 0 : -1;
  for (k = 0; k < n; k++)
    if ((m[k].role == QQ_ROLE_SEND || m[k].role == QQ_ROLE_TODO)
      && qq_os_process_has_open(m[k].process.pid, st.st_dev, st.st_ino)) return 1;
  return 0;
}

static int look(qq_instance *i, int queue_fd, ask_for_reader *ask)
{
  queue_places places;
  int r;
  genalloc_setlen(qq_member, &i->members, 0);
  i->send = i->holder = 0;
  i->runs = i->is_stopped = i->has_reader = 0;
  if (find_places(&places, queue_fd) < 0) return -1;
  i->device = places.queue.st_dev;
  i->inode = places.queue.st_ino;
  if (qq_sendmutex_holder(queue_fd, &i->holder) < 0) return -1;
  r = find_members(i, &places);
  i->is_shown = r > 0;
  if (r < 0 && errno != ENOSYS) return -1;
  i->has_reader = ask(i, queue_fd);
  if (i->has_reader < 0) return -1;
  if (i->is_shown) find_send(i);
  else i->runs = i->has_reader;
  if (i->is_shown || !i->runs) return 1;
  /* It has taken the mutex before it opened the trigger, but perhaps only since we looked. */
  if (qq_sendmutex_holder(queue_fd, &i->holder) < 0) return -1;
  i->send = i->holder;
  return 1;
}

/* What failed leaves what was. */
static int look_again(qq_instance *i, int queue_fd, ask_for_reader *ask)
{
  pid_t const send = i->send;
  int const runs = i->runs;
  if (look(i, queue_fd, ask) > 0) return 1;
  i->send = send;
  i->runs = runs;
  return -1;
}

int qq_instance_look(qq_instance *i, int queue_fd)
{
  return look_again(i, queue_fd, ask_trigger);
}

/* A moment in which nobody reads the trigger, as there is one before each look at todo, may take
   its time on a loaded machine. */
#define WATCH_TIMES 11
#define WATCH_PAUSE 100000000

int qq_instance_watch(qq_instance *i, int queue_fd)
{
  static struct timespec const pause = { 0, WATCH_PAUSE };
  int n, r = look_again(i, queue_fd, ask_processes);
  for (n = 1; n < WATCH_TIMES && r > 0 && i->runs && !i->is_stopped && !i->has_reader; n++) {
    nanosleep(&pause, 0);
    r = look_again(i, queue_fd, ask_processes);
  }
  return r;
}

int qq_instance_seems_up(int queue_fd)
{
  struct stat st;
  qq_os_process p;
  pid_t holder;
  int r;
  if (qq_stat_below(queue_fd, QQ_NAME_SENDMUTEX, &st) < 0) return errno == ENOENT ? 0 : -1;
  holder = qq_os_lock_holder(st.st_dev, st.st_ino);
  r = holder ? qq_os_process_look(holder, &p) : 0;
  return r > 0 ? !strcmp(p.name, QQ_NAME_QMAIL_SEND) : r;
}

void qq_instance_free(qq_instance *i)
{
  genalloc_free(qq_member, &i->members);
}

size_t qq_instance_count(qq_instance const *i, qq_role role)
{
  qq_member const *m = genalloc_s(qq_member, &i->members);
  size_t const n = genalloc_len(qq_member, &i->members);
  size_t k, count = 0;
  for (k = 0; k < n; k++) count += m[k].role == role;
  return count;
}

size_t qq_instance_deliveries(qq_instance const *i)
{
  return qq_instance_count(i, QQ_ROLE_LOCAL) + qq_instance_count(i, QQ_ROLE_REMOTE);
}

qq_member const *qq_instance_member(qq_instance const *i, pid_t pid)
{
  qq_member const *m = genalloc_s(qq_member, &i->members);
  size_t const n = genalloc_len(qq_member, &i->members);
  size_t k;
  for (k = 0; k < n; k++) if (m[k].process.pid == pid) return &m[k];
  return 0;
}

/* qmail-start forks the spawn of remote, then those of suppl0, suppl1 ... (qmail-start.c:main of
   the patch), so the order in which they began tells which is which. */
unsigned int qq_instance_channel(qq_instance const *i, qq_member const *spawn)
{
  qq_member const *m = genalloc_s(qq_member, &i->members);
  size_t const n = genalloc_len(qq_member, &i->members);
  unsigned int channel = spawn->role == QQ_ROLE_RSPAWN;
  size_t k;
  for (k = 0; channel && k < n; k++) {
    qq_os_process const *a = &m[k].process, *b = &spawn->process;
    if (m[k].role != spawn->role || a->parent != b->parent) continue;
    channel += a->ticks < b->ticks || (a->ticks == b->ticks && a->pid < b->pid);
  }
  return channel;
}

size_t qq_instance_in_channel(qq_instance const *i, unsigned int channel)
{
  qq_member const *m = genalloc_s(qq_member, &i->members);
  size_t const n = genalloc_len(qq_member, &i->members);
  size_t k, count = 0;
  for (k = 0; k < n; k++) {
    qq_member const *spawn = qq_instance_member(i, m[k].process.parent);
    if (m[k].role >= QQ_ROLE_LOCAL && spawn) count += qq_instance_channel(i, spawn) == channel;
  }
  return count;
}

/* A qmail-send that is starting is qmail-start at first, and not in the queue yet. */
static int may_be_qmail_send(pid_t pid)
{
  qq_os_process p;
  return qq_os_process_look(pid, &p) > 0
    && (!strcmp(p.name, QQ_NAME_QMAIL_START) || !strcmp(p.name, QQ_NAME_QMAIL_SEND));
}

int qq_instance_is_stray(qq_instance const *i, qq_member const *m)
{
  qq_member const *parent = qq_instance_member(i, m->process.parent);
  return m->role == QQ_ROLE_TODO && (!parent || parent->role != QQ_ROLE_SEND)
    && !may_be_qmail_send(m->process.parent);
}
