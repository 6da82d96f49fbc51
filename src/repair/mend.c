/* What becomes of a message that is damaged. What has to be guessed is held; what cannot be, is put
   aside. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <qq/file.h>
#include <qq/message.h>
#include <qq/names.h>
#include <qq/when.h>
#include <qq/repair.h>

/* So many recipients are named of what is put aside. */
#define SAID 100

/* A message is born when it is preprocessed, a moment after it was queued; or when it was held. */
#define HELD_LATER (2 * QQ_SECOND)

/* Of a message, enough for the line of qmail-queue. */
#define HEAD 512

typedef struct mend {
  qq_mender const *mender;
  qq_plan *plan;
  qq_files const *files;
  stralloc *what;               /* is said of it */
  int error;                    /* errno; 0: none */
} mend;

/* ---- reading ---- */

static int open_directory(qq_queue const *q, qq_file const *p)
{
  return p->directory < 0 ? qq_queue_directory(q->fds[p->tree], ".")
    : qq_queue_numbered(q, p->tree, (unsigned int)p->directory);
}

/* Opens a regular file. Returns the descriptor, or -1 with errno. */
static int open_file(qq_queue const *q, uint64_t id, qq_file const *p)
{
  int const at = open_directory(q, p);
  char name[QQ_NUMBER_FMT + 1];
  struct stat st;
  int fd;
  name[qq_number_format(name, id)] = 0;
  if (at < 0) return -1;
  fd = openat(at, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  fd_close(at);
  if (fd < 0 || (!fstat(fd, &st) && S_ISREG(st.st_mode))) return fd;
  fd_close(fd);
  errno = EINVAL;
  return -1;
}

/* Appends all of the file's text; nothing of one that is not there. Returns 1; 0: it is larger than
   any, and not to be mended; or -1. */
static int read_file(mend *m, qq_file const *p, stralloc *text)
{
  int const fd = p ? open_file(m->mender->queue, m->files->id, p) : -1;
  int r;
  if (!p) return 1;
  r = fd < 0 ? -1 : qq_records_read(text, fd);
  if (fd >= 0 && r < 0 && errno == EFBIG) r = 0;
  if (r < 0) m->error = errno;
  if (fd >= 0) fd_close(fd);
  return r;
}

static qq_file const *file(mend const *m, unsigned int tree)
{
  return qq_files_in(m->files, tree);
}

static unsigned int trees(mend const *m)
{
  return QQ_CHANNEL + m->mender->queue->channels;
}

static int has(mend const *m, qq_damage_kind kind)
{
  return qq_files_have(m->files, kind);
}

/* ---- what is said ---- */

static void say(mend *m, char const *text)
{
  if (!qq_fmt(m->what, m->what->len ? " %s" : "%s", text)) m->error = errno;
}

static void say_kinds(mend *m)
{
  int kind;
  for (kind = 0; kind < QQ_DAMAGES; kind++)
    if (has(m, (qq_damage_kind)kind) && qq_damage_about((qq_damage_kind)kind)->is)
      say(m, _(qq_damage_about((qq_damage_kind)kind)->is));
}

static void say_address(mend *m, qq_piece record, unsigned int *count)
{
  int const n = (int)record.n - 1;
  int good = 1;
  if (*record.s == QQ_RECORD_SENDER) good = qq_fmt(m->what, _(" From: <%.*s>."), n, record.s + 1);
  else if (*record.s == QQ_RECORD_RECIPIENT && ++*count <= SAID)
    good = qq_fmt(m->what, _(" To: <%.*s>."), n, record.s + 1);
  if (!good) m->error = errno;
}

/* Whose it was: sender and recipients, as far as they can be read. */
static void say_envelope(mend *m)
{
  stralloc text = STRALLOC_ZERO;
  unsigned int tree, count = 0;
  int const error = m->error;
  for (tree = QQ_INFO; tree < trees(m); tree++) {
    qq_piece rest, record;
    text.len = 0;
    if (tree == QQ_BOUNCE || tree == QQ_INTD || read_file(m, file(m, tree), &text) < 1) continue;
    for (rest = qq_piece_of(&text); qq_record_next(&rest, &record) > 0;)
      if (record.n) say_address(m, record, &count);
  }
  m->error = error;
  stralloc_free(&text);
}

/* ---- changing the plan ---- */

static void lose(mend *m, unsigned int tree)
{
  qq_placing *p = qq_plan_file(m->plan, m->files->id, tree);
  if (p) p->is_lost = 1;
}

static qq_mended put_aside(mend *m)
{
  size_t count, i;
  qq_placing *p = qq_plan_find(m->plan, m->files->id, &count);
  for (i = 0; i < count; i++) p[i].is_lost = 1;
  say_envelope(m);
  return QQ_MENDED_ASIDE;
}

static int write_file(mend *m, unsigned int tree, stralloc const *text, uint64_t mtime)
{
  if (qq_plan_write(m->plan, m->files->id, tree, text, mtime) > 0) return 1;
  m->error = errno;
  return -1;
}

/* ---- envelopes ---- */

/* An address of which nothing seems to be cut off: its domain has a dot, and does not end in
   one. */
static int looks_whole(qq_piece record)
{
  qq_piece const domain = qq_address_domain(record.s, record.n);
  char const *dot = domain.n ? memchr(domain.s, '.', domain.n) : 0;
  return dot && dot > domain.s && domain.s[domain.n - 1] != '.';
}

/* Ends the last record of the text, if it may be a whole address. Returns 1; 0: it may not; or
   -1. */
static int end_record(mend *m, stralloc *text, char const *letters)
{
  size_t begin = text->len;
  qq_piece last;
  while (begin && text->s[begin - 1]) begin--;
  last.s = text->s + begin;
  last.n = text->len - begin;
  if (!last.n) return 1;
  if (!strchr(letters, *last.s) || !looks_whole(last)) return 0;
  if (!qq_fmt(m->what, _(" Taken for whole: <%.*s>."), (int)last.n - 1, last.s + 1)
    || !stralloc_0(text)) m->error = errno;
  return m->error ? -1 : 1;
}

/* qmail-send passes over what begins with u, wherever it stands (qmail-send.c:todo_do). */
static void silence_letters(stralloc *text)
{
  static char const known[] = { QQ_RECORD_UID, QQ_RECORD_PID, QQ_RECORD_SENDER,
    QQ_RECORD_RECIPIENT, 0 };
  size_t i;
  for (i = 0; i < text->len; i++)
    if (text->s[i] && (!i || !text->s[i - 1]) && !strchr(known, text->s[i]))
      text->s[i] = QQ_RECORD_UID;
}

static qq_mended mend_todo(mend *m)
{
  static char const recipient[] = { QQ_RECORD_RECIPIENT, 0 };
  stralloc text = STRALLOC_ZERO;
  qq_file const *p = file(m, QQ_TODO);
  int r = read_file(m, p, &text);
  if (r > 0) r = end_record(m, &text, recipient);
  if (r > 0) {
    silence_letters(&text);
    r = write_file(m, QQ_TODO, &text, qq_stamp(&p->st));
    lose(m, QQ_INTD);
  }
  stralloc_free(&text);
  return r > 0 ? QQ_MENDED_HELD : put_aside(m);
}

static int is_cut(stralloc const *text)
{
  return text->len && text->s[text->len - 1];
}

/* Returns 1; 0: the file cannot be mended; or -1. */
static int mend_channel(mend *m, unsigned int tree, unsigned int *sound)
{
  static char const letters[] = { QQ_RECORD_RECIPIENT, QQ_RECORD_DONE, 0 };
  stralloc text = STRALLOC_ZERO;
  qq_file const *p = file(m, tree);
  int r = read_file(m, p, &text);
  if (r > 0 && p && !text.len) lose(m, tree);
  else if (r > 0 && is_cut(&text)) {
    r = end_record(m, &text, letters);
    if (r > 0) r = write_file(m, tree, &text, qq_stamp(&p->st));
  }
  *sound += r > 0 && text.len;
  stralloc_free(&text);
  return r;
}

/* One file may be empty where another one has recipients; if none has any, qmail-send would end the
   message, held or not. */
static qq_mended mend_recipients(mend *m)
{
  unsigned int tree, sound = 0;
  int r = 1;
  for (tree = QQ_CHANNEL; r > 0 && tree < trees(m); tree++) r = mend_channel(m, tree, &sound);
  return r > 0 && sound ? QQ_MENDED_HELD : put_aside(m);
}

/* ---- a sender that is lost ---- */

/* What the log may know it by. */
static int look_at_message(mend *m, qq_lost_sender *l)
{
  qq_file const *p = file(m, QQ_MESS);
  int const fd = open_file(m->mender->queue, m->files->id, p);
  char s[HEAD];
  ssize_t n;
  qq_received r;
  if (fd < 0) return 0;
  n = fd_read(fd, s, sizeof s);
  fd_close(fd);
  if (n < 1) return 0;
  qq_received_parse(&r, s, (size_t)n, (uint64_t)p->st.st_size);
  *l = (qq_lost_sender){ m->files->id, r.qp, (uint64_t)p->st.st_size, qq_stamp(&p->st) };
  return r.qp != 0;
}

static qq_mended mend_info(mend *m)
{
  stralloc text = STRALLOC_ZERO;
  qq_lost_sender l;
  qq_mender const *mender = m->mender;
  char const letter = QQ_RECORD_SENDER;
  int r = stralloc_append(&text, letter) ? 1 : -1;
  if (r > 0) r = mender->sender && look_at_message(m, &l)
    ? mender->sender(mender->to, &l, &text) : 0;
  if (r > 0) r = stralloc_0(&text) ? write_file(m, QQ_INFO, &text, qq_now()) : -1;
  if (r > 0 && !qq_fmt(m->what, _(" The log says: from <%s>."), text.s + 1)) r = -1;
  if (r < 0) m->error = errno;
  stralloc_free(&text);
  return r > 0 ? QQ_MENDED_HELD : put_aside(m);
}

/* ---- all kinds ---- */

typedef qq_mended mend_kind(mend *);

static qq_mended lose_bounce(mend *m)
{
  lose(m, QQ_BOUNCE);
  return QQ_MENDED_ASIDE;
}

/* Its content stays: what the letter stood for nobody knows. */
static qq_mended hold(mend *m)
{
  return qq_files_is_held(m->files) ? QQ_MENDED_IS_HELD : QQ_MENDED_HELD;
}

static struct { qq_damage_kind kind; mend_kind *mend; } const table[] = {
  { QQ_DAMAGE_NO_MESS, put_aside },
  { QQ_DAMAGE_INFO_ALONE, put_aside },
  { QQ_DAMAGE_TODO_ALONE, put_aside },
  { QQ_DAMAGE_INTD_ALONE, put_aside },
  { QQ_DAMAGE_RECIPIENTS_ALONE, put_aside },
  { QQ_DAMAGE_FILE_TYPE, put_aside },
  { QQ_DAMAGE_TODO_EMPTY, put_aside },
  { QQ_DAMAGE_NO_RECIPIENTS, put_aside },
  { QQ_DAMAGE_NO_INFO, mend_info },
  { QQ_DAMAGE_INFO_BAD, mend_info },
  { QQ_DAMAGE_TODO_LETTER, mend_todo },
  { QQ_DAMAGE_TODO_CUT, mend_todo },
  { QQ_DAMAGE_RECIPIENTS_EMPTY, mend_recipients },
  { QQ_DAMAGE_RECIPIENTS_CUT, mend_recipients },
  { QQ_DAMAGE_RECIPIENTS_LETTER, hold },
  { QQ_DAMAGE_BOUNCE_ALONE, lose_bounce },
};
#define ROWS (sizeof table / sizeof *table)

/* What is over is nobody's mail any more. */
static int is_over(mend const *m)
{
  qq_file const *p = file(m, QQ_MESS);
  return p && qq_queue_is_over(m->mender->queue, p->st.st_uid);
}

/* The worst that any of its kinds asks for; nothing behind `aside' can be. */
static qq_mended mend_all(mend *m)
{
  qq_mended worst = QQ_MENDED_NOT;
  mend_kind *last = 0;
  size_t i;
  for (i = 0; i < ROWS && !m->error; i++) {
    qq_mended r;
    if (!has(m, table[i].kind) || table[i].mend == last) continue;
    last = table[i].mend;
    r = last(m);
    if (r > worst) worst = r;
    if (r == QQ_MENDED_ASIDE && last != lose_bounce) return r;
  }
  return worst;
}

int qq_mend_plan(qq_mender const *mender, qq_plan *plan, qq_files const *files, qq_mended *mended,
  stralloc *what)
{
  mend m = { mender, plan, files, what, 0 };
  *mended = QQ_MENDED_NOT;
  if (!files->kinds) return 1;
  say_kinds(&m);
  if (!is_over(&m)) *mended = mend_all(&m);
  errno = m.error;
  return m.error ? -1 : 1;
}

/* ---- owners and modes ---- */

/* Opens what is going to be changed: not what has another name, which may be anybody's file. */
static int open_to_change(qq_mender const *mender, uint64_t id, qq_file const *p)
{
  int const fd = open_file(mender->queue, id, p);
  struct stat st;
  if (fd < 0) return -1;
  if (!fstat(fd, &st)) {
    if (st.st_nlink <= (p->tree == QQ_TODO || p->tree == QQ_INTD ? 2 : 1)) return fd;
    errno = EMLINK;
  }
  fd_close(fd);
  return -1;
}

/* -1, errno: another owner, or mode, stays. */
static int set_owner(qq_mender const *mender, uint64_t id, qq_file const *p, uid_t owner,
  mode_t mode)
{
  int const fd = open_to_change(mender, id, p);
  int const r = fd >= 0 && fchown(fd, owner, (gid_t)-1) >= 0 && fchmod(fd, mode) >= 0 ? 1 : -1;
  if (fd >= 0) fd_close(fd);
  return r;
}

/* As qq-hold does it: the birth first (INTERNALS: holding). What is held already stays so, and a
   removal that has begun stays one. */
int qq_mend_hold(qq_mender const *mender, qq_files const *files)
{
  static struct timespec const now[2] = { { 0, UTIME_OMIT }, { 0, UTIME_NOW } };
  qq_file const *info = qq_files_in(files, QQ_INFO);
  int fd, r;
  if (qq_files_is_held(files)) return 1;
  fd = info ? open_to_change(mender, files->id, info) : -1;
  r = !info || (fd >= 0 && futimens(fd, now) >= 0) ? 1 : -1;
  if (fd >= 0) fd_close(fd);
  return r < 0 ? -1
    : set_owner(mender, files->id, qq_files_in(files, QQ_MESS), 0, QQ_MODE_PLAIN);
}

/* Of one file: what its kinds ask for. */
static int set_file_owner(qq_mender const *mender, uint64_t id, qq_file const *f)
{
  uint64_t const asking = UINT64_C(1) << QQ_DAMAGE_MESS_MODE | UINT64_C(1) << QQ_DAMAGE_TODO_MODE
    | UINT64_C(1) << QQ_DAMAGE_RECORD_OWNER | UINT64_C(1) << QQ_DAMAGE_FILE_LOOSE;
  uid_t const *uids = mender->expected->uids;
  if (!(f->kinds & asking) || !S_ISREG(f->st.st_mode)) return 1;
  switch (f->tree) {
    case QQ_MESS: return set_owner(mender, id, f, QQ_ANYBODY, QQ_MODE_PLAIN);
    case QQ_TODO:
    case QQ_INTD: return set_owner(mender, id, f, uids[QQ_USER_QMAILQ], QQ_MODE_PLAIN);
    default: return set_owner(mender, id, f, uids[QQ_USER_QMAILS], QQ_MODE_INFO);
  }
}

int qq_mend_owners(qq_mender const *mender, qq_files const *files)
{
  qq_file const *f = genalloc_s(qq_file, &files->files);
  size_t i;
  int r = 1;
  for (i = 0; r > 0 && i < genalloc_len(qq_file, &files->files); i++)
    r = set_file_owner(mender, files->id, &f[i]);
  return r;
}

/* ---- whose a message is ---- */

qq_belongs qq_mend_belongs(qq_mender const *mender, qq_files const *files)
{
  qq_file const *mess = qq_files_in(files, QQ_MESS), *info = qq_files_in(files, QQ_INFO);
  uid_t const qmailq = mender->expected->uids[QQ_USER_QMAILQ];
  mode_t const mode = mess ? mess->st.st_mode & 07777 : 0;
  if (!mess || !S_ISREG(mess->st.st_mode) || mess->st.st_uid == qmailq) return QQ_BELONGS_QMAILQ;
  if (qq_queue_is_over(mender->queue, mess->st.st_uid)) return QQ_BELONGS_QMAILQ;
  if (mode == QQ_MODE_BEGUN || mode == QQ_MODE_UNDER_WAY) return QQ_BELONGS_MARKED;
  if (mess->st.st_uid) return QQ_BELONGS_NOBODY;
  if (info && (info->st.st_mode & 07777) == QQ_MODE_HELD_INFO) return QQ_BELONGS_MARKED;
  return info && qq_stamp(&info->st) <= qq_stamp(&mess->st) + HELD_LATER ? QQ_BELONGS_ROOT
    : QQ_BELONGS_HELD;
}

int qq_mend_give(qq_mender const *mender, qq_files const *files)
{
  return set_owner(mender, files->id, qq_files_in(files, QQ_MESS),
    mender->expected->uids[QQ_USER_QMAILQ], QQ_MODE_PLAIN);
}
