/* What is wrong with what has one number. */

#include <qq/damage.h>
#include <qq/names.h>
#include <qq/when.h>
#include "queue-private.h"

/* All that one judgement needs. */
typedef struct judgement {
  qq_files *files;
  qq_expected const *expected;
  qq_file *mess, *info, *todo, *intd, *bounce;
  int has_recipients;
} judgement;

static void find(qq_file *f, qq_damage_kind kind)
{
  f->kinds |= UINT64_C(1) << kind;
}

static qq_file *first(qq_files *p, unsigned int tree)
{
  qq_file *s = genalloc_s(qq_file, &p->files);
  size_t i;
  for (i = 0; i < genalloc_len(qq_file, &p->files); i++) if (s[i].tree == tree) return &s[i];
  return 0;
}

static int is_channel(qq_file const *f)
{
  return f->tree >= QQ_CHANNEL;
}

/* ---- where it is ---- */

static qq_damage_kind misplaced(qq_file const *f)
{
  switch (f->tree) {
    case QQ_MESS: return QQ_DAMAGE_MESS_MISPLACED;
    case QQ_INFO: return QQ_DAMAGE_INFO_MISPLACED;
    case QQ_TODO: return QQ_DAMAGE_TODO_MISPLACED;
    case QQ_INTD: return QQ_DAMAGE_INTD_MISPLACED;
    case QQ_BOUNCE: return QQ_DAMAGE_BOUNCE_MISPLACED;
    default: return QQ_DAMAGE_RECIPIENTS_MISPLACED;
  }
}

/* ---- what it is, and whose ---- */

static int is_user(judgement const *j, qq_file const *f, qq_queue_user user)
{
  return f->st.st_uid == j->expected->uids[user];
}

static int has_one_user(judgement const *j)
{
  return j->expected->uids[QQ_USER_QMAILQ] == j->expected->uids[QQ_USER_QMAILS];
}

static int is_over(judgement const *j)
{
  return j->mess && !has_one_user(j) && is_user(j, j->mess, QQ_USER_QMAILS);
}

/* In a copy, owners other than root say nothing. */
static void judge_mess_owner(judgement const *j, qq_file *f)
{
  if (!f->st.st_uid || is_user(j, f, QQ_USER_QMAILQ) || is_user(j, f, QQ_USER_QMAILS)
    || (has_one_user(j) && !j->expected->is_known)) return;
  find(f, QQ_DAMAGE_MESS_OWNER);
}

/* qmail-remote, and the user of a mailbox, read it by its name. */
static void judge_mess(judgement const *j, qq_file *f)
{
  if (f->st.st_ino != j->files->id) find(f, QQ_DAMAGE_NUMBER);
  judge_mess_owner(j, f);
  if ((f->st.st_mode & 0444) != 0444) find(f, QQ_DAMAGE_MESS_MODE);
}

static void judge_todo(judgement const *j, qq_file *f)
{
  mode_t const mode = f->st.st_mode;
  int const reads = is_user(j, f, QQ_USER_QMAILS) ? mode & 0400
    : f->st.st_gid == j->expected->group ? mode & 0040 : mode & 0004;
  if (!reads && f->tree == QQ_TODO) find(f, QQ_DAMAGE_TODO_MODE);
  if (f->st.st_uid && !is_user(j, f, QQ_USER_QMAILQ)) find(f, QQ_DAMAGE_FILE_LOOSE);
}

static void judge_record(judgement const *j, qq_file *f)
{
  mode_t const wanted = f->tree == QQ_INFO ? 0400 : 0600;
  if (!is_user(j, f, QQ_USER_QMAILS) || (f->st.st_mode & wanted) != wanted)
    find(f, QQ_DAMAGE_RECORD_OWNER);
}

static void judge_file(judgement const *j, qq_file *f)
{
  if (!S_ISREG(f->st.st_mode)) {
    find(f, QQ_DAMAGE_FILE_TYPE);
    return;
  }
  if (f->tree == QQ_MESS) judge_mess(j, f);
  else if (f->tree == QQ_TODO || f->tree == QQ_INTD) judge_todo(j, f);
  else judge_record(j, f);
  if (f->st.st_mode & 0022) find(f, QQ_DAMAGE_FILE_LOOSE);
}

static void judge_files(judgement *j)
{
  qq_file *s = genalloc_s(qq_file, &j->files->files);
  size_t i, n = genalloc_len(qq_file, &j->files->files);
  for (i = 0; i < n; i++) {
    j->has_recipients |= is_channel(&s[i]);
    if (i && s[i - 1].tree == s[i].tree) find(&s[i], QQ_DAMAGE_TWICE);
    else {
      if (s[i].is_misplaced) find(&s[i], misplaced(&s[i]));
      judge_file(j, &s[i]);
    }
  }
}

/* ---- which files there are ---- */

/* qmail-send goes by when it was read (qmail-send.c:cleanup_do). */
static int is_old(struct stat const *st)
{
  time_t const now = (time_t)(qq_now() / QQ_SECOND);
  return now - st->st_atim.tv_sec > QQ_OSSIFIED && now - st->st_mtim.tv_sec > QQ_OSSIFIED;
}

/* What is over, or whose removal is under way, has none any more. */
static int is_ending(judgement const *j)
{
  return is_over(j) || (!j->mess->st.st_uid
    && ((j->mess->st.st_mode & 07777) == QQ_MODE_BEGUN
      || (j->mess->st.st_mode & 07777) == QQ_MODE_UNDER_WAY));
}

static void judge_new(judgement const *j)
{
  if (!j->mess) find(j->todo, QQ_DAMAGE_TODO_ALONE);
}

static void judge_preprocessed(judgement const *j)
{
  if (!j->mess)
    find(j->info, j->has_recipients || j->bounce ? QQ_DAMAGE_NO_MESS : QQ_DAMAGE_INFO_ALONE);
  else if (!j->has_recipients && !j->bounce && !is_ending(j))
    find(j->info, QQ_DAMAGE_NO_RECIPIENTS);
}

static void judge_channels(judgement const *j)
{
  qq_file *s = genalloc_s(qq_file, &j->files->files);
  size_t i;
  for (i = 0; i < genalloc_len(qq_file, &j->files->files); i++)
    if (is_channel(&s[i])) find(&s[i], QQ_DAMAGE_RECIPIENTS_ALONE);
}

static void judge_remains(judgement const *j)
{
  if (j->has_recipients && j->mess) find(j->mess, QQ_DAMAGE_NO_INFO);
  else if (j->has_recipients) judge_channels(j);
  else if (j->mess && !j->bounce && is_old(&j->mess->st)) find(j->mess, QQ_DAMAGE_OLD_REMAINS);
  else if (!j->mess && j->intd) find(j->intd, QQ_DAMAGE_INTD_ALONE);
}

static void add_up(qq_files *p)
{
  qq_file const *s = genalloc_s(qq_file, &p->files);
  size_t i;
  for (i = 0; i < genalloc_len(qq_file, &p->files); i++) p->kinds |= s[i].kinds;
}

void qq_files_judge_intd(qq_files *p, qq_expected const *e)
{
  judgement j = { .files = p, .expected = e };
  qq_file *s = genalloc_s(qq_file, &p->files), *intd = first(p, QQ_INTD);
  size_t i;
  judge_files(&j);
  for (i = 0; i < genalloc_len(qq_file, &p->files); i++) if (s[i].tree != QQ_INTD) s[i].kinds = 0;
  if (intd && !first(p, QQ_MESS) && !first(p, QQ_TODO)) find(intd, QQ_DAMAGE_INTD_ALONE);
  add_up(p);
}

/* What stands beside todo is made anew. */
static int read_all(judgement const *j, qq_shard *shard, stralloc *why)
{
  qq_file *s = genalloc_s(qq_file, &j->files->files);
  size_t i;
  int r = 1;
  for (i = 0; r > 0 && i < genalloc_len(qq_file, &j->files->files); i++) {
    int const is_read = s[i].tree == QQ_TODO
      || (!j->todo && (s[i].tree == QQ_INFO || is_channel(&s[i])));
    if (is_read && S_ISREG(s[i].st.st_mode) && !(s[i].kinds >> QQ_DAMAGE_TWICE & 1))
      r = qq_files_read(j->files, &s[i], shard, why);
  }
  return r;
}

int qq_files_judge(qq_files *p, qq_shard *shard, qq_expected const *e, stralloc *why)
{
  judgement j = { .files = p, .expected = e, .mess = first(p, QQ_MESS),
    .info = first(p, QQ_INFO), .todo = first(p, QQ_TODO), .intd = first(p, QQ_INTD),
    .bounce = first(p, QQ_BOUNCE) };
  p->is_over = is_over(&j);
  judge_files(&j);
  if (j.todo) judge_new(&j);
  else if (j.info) judge_preprocessed(&j);
  else judge_remains(&j);
  if (j.bounce && (j.todo || !j.info)) find(j.bounce, QQ_DAMAGE_BOUNCE_ALONE);
  if (read_all(&j, shard, why) < 0) return -1;
  add_up(p);
  return 1;
}
