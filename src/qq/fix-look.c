/* What qq-fix does about each number. */

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <qq/diagnostic.h>
#include <qq/message.h>
#include <qq/output.h>
#include "fix.h"

static int failed;              /* errno of what ended the look */
static stralloc *why_;

/* ---- what is said ---- */

static void put_row(stralloc *out, uint64_t id, uint64_t number, char const *word,
  stralloc const *what)
{
  qq_json j = qq_json_begin(out);
  qq_json_number(&j, "id", id);
  if (number) qq_json_number(&j, "number", number);
  else qq_json_null(&j, "number");
  qq_json_word(&j, "done", word);
  qq_json_bytes(&j, "text", what->s, what->len);
  qq_json_end(&j);
}

static void put_text(stralloc *out, uint64_t id, uint64_t number, char const *word,
  stralloc const *what)
{
  qq_must_fmt(out, "%llu", (unsigned long long)id);
  if (number && number != id) qq_must_fmt(out, " (%llu)", (unsigned long long)number);
  qq_must_fmt(out, ": %s: ", word);
  qq_demand_memory(qq_safe(out, what->s, what->len) && stralloc_append(out, '\n'));
}

void qq_fixing_say(qq_fixing *f, uint64_t id, uint64_t number, char const *word,
  stralloc const *what)
{
  stralloc line = STRALLOC_ZERO;
  size_t const before = f->report.len;
  if (!f->says) return;
  put_text(&f->report, id, number, word, what);
  if (f->rows) put_row(&line, id, number, word, what);
  else qq_demand_memory(qq_append(&line, f->report.s + before, f->report.len - before));
  qq_output(line.s, line.len);
  stralloc_free(&line);
}

static void fail(uint64_t id)
{
  if (failed) return;
  failed = errno;
  qq_refuse(why_, failed, _("message %llu: %s"), (unsigned long long)id, strerror(failed));
}

/* ---- owners of what is sound, or is no guess ---- */

/* A copy of which all is root's was restored so: then none of it is a hold. */
static int is_root_restored(qq_fixing const *f, qq_belongs b)
{
  return b == QQ_BELONGS_HELD && !f->qmailq;
}

static void own(qq_fixing *f, qq_files const *files)
{
  qq_belongs const b = qq_mend_belongs(&f->mender, files);
  if (b == QQ_BELONGS_QMAILQ) return;
  if (b != QQ_BELONGS_ROOT && b != QQ_BELONGS_NOBODY && !is_root_restored(f, b)) {
    f->kept++;
    return;
  }
  f->owned++;
  if (f->acts && qq_mend_give(&f->mender, files) < 0) fail(files->id);
}

/* ---- each number ---- */

static void count_owner(qq_fixing *f, qq_files const *files)
{
  qq_file const *mess = qq_files_in(files, QQ_MESS);
  if (mess && mess->st.st_uid == f->expected.uids[QQ_USER_QMAILQ]) f->qmailq++;
}

static void hold(qq_fixing *f, qq_files const *files)
{
  f->held++;
  if (f->acts && qq_mend_hold(&f->mender, files) < 0) fail(files->id);
}

static void number(void *p, qq_files const *files)
{
  static char const *const words[] = { [QQ_MENDED_HELD] = "held",
    [QQ_MENDED_ASIDE] = "put aside" };
  qq_fixing *f = p;
  stralloc what = STRALLOC_ZERO;
  qq_mended mended;
  if (failed) return;
  if (!f->acts) count_owner(f, files);
  if (qq_mend_plan(&f->mender, f->plan, files, &mended, &what) < 0) fail(files->id);
  if (mended == QQ_MENDED_IS_HELD) f->kept++;
  if (mended == QQ_MENDED_HELD) hold(f, files);
  if (mended == QQ_MENDED_ASIDE) f->aside++;
  if (f->acts && files->kinds && qq_mend_owners(&f->mender, files) < 0) fail(files->id);
  if (f->owners && mended == QQ_MENDED_NOT) own(f, files);
  if (words[mended])
    qq_fixing_say(f, files->id, qq_plan_number(f->plan, files->id), words[mended], &what);
  stralloc_free(&what);
}

static void report(void *p, qq_damage const *d)
{
  qq_fixing *f = p;
  switch (d->kind) {
    case QQ_DAMAGE_TREE_MISSING: case QQ_DAMAGE_DIRECTORY_MISSING: case QQ_DAMAGE_DIRECTORY_TYPE:
    case QQ_DAMAGE_DIRECTORY_SPARE: case QQ_DAMAGE_LEAVINGS:
      f->needs_rebuild = 1;
      break;
    default: break;
  }
}

static void trouble(void *p, char const *s, size_t n)
{
  (void)p;
  if (!failed) qq_refuse(why_, failed = EIO, "%.*s", (int)n, s);
}

int qq_fixing_look(qq_fixing *f, qq_plan *plan, stralloc *why)
{
  qq_look look = { .queue = &f->queue, .expected = &f->expected, .report = report,
    .number = number, .trouble = trouble, .to = f, .progress = qq_progress,
    .jobs = qq_walk_jobs(&f->queue, qq_shared_options->jobs), .is_still = f->is_closed };
  int r;
  failed = 0;
  why_ = why;
  f->plan = plan;
  f->held = f->aside = f->owned = f->kept = 0;
  if (!f->acts) f->qmailq = 0;
  f->report.len = 0;
  r = qq_look_directories(&look) > 0 && qq_look_messages(&look) > 0 ? 1 : -1;
  qq_look_free(&look);
  qq_progress_hide();
  if (r < 0 && !failed) return qq_unable(why, _("unable to look at %s"), f->queue.path);
  errno = failed;
  return failed ? -1 : 1;
}
