/* What is wrong with qmail's own programs. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <skalibs/djbunix.h>
#include <qq/file.h>
#include <qq/home.h>
#include <qq/lock.h>
#include <qq/names.h>
#include <qq/text.h>

typedef struct qmail {
  int home, bin;                /* descriptors */
  qq_owners owners;
} qmail;

/* Who may run it: all, as those do whose mail qmail-local delivers; the group of qmail-rspawn, who
   runs qmail-remote; or it is enough that somebody may. */
static int is_runnable(struct stat const *st, mode_t who)
{
  return S_ISREG(st->st_mode) && st->st_mode & who;
}

static int is_setuid(struct stat const *st, qq_owners const *o)
{
  return is_runnable(st, 0111) && st->st_uid == o->qmailq && st->st_mode & S_ISUID;
}

/* Says whether there is another one, by a name that begins so. Returns 1, 0, or -1 with errno. */
static int has_other_queue(qmail const *q)
{
  qq_directory d;
  struct stat st;
  int r = qq_directory_begin(&d, openat(q->bin, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)), has = 0;
  if (r < 0) return -1;
  while (!has && (r = qq_directory_next(&d)) > 0)
    has = !strncmp(d.entry->d_name, QQ_NAME_QMAIL_QUEUE, strlen(QQ_NAME_QMAIL_QUEUE))
      && !fstatat(d.fd, d.entry->d_name, &st, 0) && is_setuid(&st, &q->owners);
  qq_directory_end(&d);
  return has ? 1 : r;
}

/* A wrapper in the place of qmail-queue need not be setuid: it hands over to one that is. But what
   has in it what a true one writes is no wrapper. */
static int look_at_queue(stralloc *faults, qmail const *q, struct stat const *st)
{
  static char const name[] = QQ_NAME_BIN "/" QQ_NAME_QMAIL_QUEUE;
  if (is_setuid(st, &q->owners)) return 1;
  if (is_runnable(st, 0111) && !qq_home_program_has(q->home, QQ_NAME_QMAIL_QUEUE, QQ_SIGN_QUEUE)) {
    int const has = has_other_queue(q);
    if (has) return has;
  }
  return qq_fault_add(faults, name, st, S_IFREG | QQ_MODE_QMAIL_QUEUE, q->owners.qmailq,
    q->owners.qmail, _("mail is refused or, once queued, never delivered"));
}

/* What qmail-start, qmail-send and the spawns run, and who must be able to. A spawn takes it for
   good that a program cannot be run (qmail-lspawn.c:report, qmail-rspawn.c:report, error_temp.c).
   The first PROOFS of them say that this is the bin/ of a qmail. */
static struct { char const *name; mode_t who; char const *then; } const programs[] = {
  { QQ_NAME_QMAIL_LOCAL, 0001, N_("every local recipient fails for good at once") },
  { QQ_NAME_QMAIL_REMOTE, 0011, N_("every remote recipient fails for good at once") },
  { QQ_NAME_QMAIL_QUEUE, 0111, N_("no mail gets into the queue, and no bounce is sent") },
  { QQ_NAME_QMAIL_LSPAWN, 0111, N_("qmail-send does not start again") },
  { QQ_NAME_QMAIL_RSPAWN, 0111, N_("qmail-send does not start again") },
  { QQ_NAME_QMAIL_CLEAN, 0111, N_("qmail-send does not start again") },
  { QQ_NAME_QMAIL_GETPW, 0111, N_("local mail that users/cdb does not assign is deferred") },
  { QQ_NAME_QMAIL_SEND, 0111, N_("qmail-send does not start again") },
  { QQ_NAME_QMAIL_START, 0111, N_("qmail-send does not start again") },
};
#define PROOFS 6
#define PROGRAMS (sizeof programs / sizeof *programs)

static int look_at_program(stralloc *faults, qmail const *q, size_t k)
{
  struct stat st;
  stralloc name = STRALLOC_ZERO;
  int r = qq_fmt(&name, "%s/%s", QQ_NAME_BIN, programs[k].name) && stralloc_0(&name) ? 1 : -1;
  if (r > 0 && fstatat(q->bin, programs[k].name, &st, 0) < 0)
    r = qq_leads_nowhere(errno) ? qq_fault_add_missing(faults, name.s, _(programs[k].then)) : -1;
  else if (r > 0 && !strcmp(programs[k].name, QQ_NAME_QMAIL_QUEUE))
    r = look_at_queue(faults, q, &st);
  else if (r > 0 && !is_runnable(&st, programs[k].who))
    r = qq_fault_add(faults, name.s, &st, S_IFREG | QQ_MODE_PROGRAM, 0, q->owners.qmail,
      _(programs[k].then));
  stralloc_free(&name);
  return r;
}

/* A home that has none of them, as indimail's, whose programs are elsewhere, is not judged. */
static int has_programs(int bin)
{
  struct stat st;
  size_t k;
  for (k = 0; k < PROOFS; k++)
    if (qq_is_there(bin, programs[k].name, &st) == 1) return 1;
  return 0;
}

static int look_at_all(stralloc *faults, qmail const *q)
{
  struct stat st;
  size_t k;
  int r = fstat(q->bin, &st);
  if (!r) r = st.st_mode & S_IXOTH ? 1
    : qq_fault_add(faults, QQ_NAME_BIN, &st, S_IFDIR | QQ_MODE_BIN, 0, q->owners.qmail,
      _("every recipient fails for good at once"));
  for (k = 0; r > 0 && k < PROGRAMS; k++) r = look_at_program(faults, q, k);
  return r;
}

int qq_home_faults(char const *home, int queue_fd, stralloc *faults)
{
  qmail q = { -1, -1, { 0, 0, 0 } };
  int r = qq_owners_find(&q.owners, queue_fd);
  if (r > 0) q.home = open(home, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (q.home < 0) return -1;
  q.bin = openat(q.home, QQ_NAME_BIN, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (q.bin < 0) r = qq_leads_nowhere(errno) ? 1 : -1;
  else {
    if (has_programs(q.bin)) r = look_at_all(faults, &q);
    fd_close(q.bin);
  }
  fd_close(q.home);
  return r;
}
