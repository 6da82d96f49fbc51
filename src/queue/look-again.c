/* What is not as it should be, and may be a message on its way: looked at until it has stayed so.
   What each kind rests on is in INTERNALS (damage). */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <qq/when.h>
#include "queue-private.h"

/* What changes at each of so many looks is what it was at all of them. */
#define ROUNDS 20
/* Between two looks at what is waited for. */
#define LONG_PAUSE (QQ_SECOND / 5)
/* How long nothing that is waited for may have changed; and how old is old enough. */
#define PATIENCE (10 * QQ_SECOND)
#define LONG_AGO (60 * QQ_SECOND)

/* These are how a message looks between two steps of qmail-send, which may be busy with others. */
#define IS_WAITED_FOR \
  (UINT64_C(1) << QQ_DAMAGE_NO_RECIPIENTS | UINT64_C(1) << QQ_DAMAGE_OLD_REMAINS)

int qq_look_suspect(qq_look *l, uint64_t id)
{
  qq_suspect const s = { id, 0, UINT64_MAX, (unsigned int)(id % l->queue->split) };
  int good;
  pthread_mutex_lock(&l->mutex);
  good = genalloc_append(qq_suspect, &l->suspects, &s);
  pthread_mutex_unlock(&l->mutex);
  return good ? 1 : -1;
}

/* ---- in the order of the directories ---- */

static int compare(void const *a, void const *b)
{
  qq_suspect const *x = a, *y = b;
  if (x->directory != y->directory) return x->directory < y->directory ? -1 : 1;
  return x->id < y->id ? -1 : x->id > y->id;
}

/* ---- has it changed ---- */

static uint64_t ctime_of(struct stat const *st)
{
  return (uint64_t)st->st_ctim.tv_sec * QQ_SECOND + (uint64_t)st->st_ctim.tv_nsec;
}

static uint64_t mix(uint64_t h, uint64_t u)
{
  return (h ^ u) * UINT64_C(0x9e3779b97f4a7c15) ^ h >> 29;
}

/* 0: some file is so young that another one could have its inode and its time. */
static uint64_t fingerprint(qq_files const *p, uint64_t now)
{
  qq_file const *f = genalloc_s(qq_file, &p->files);
  uint64_t h = 1;
  size_t i;
  for (i = 0; i < genalloc_len(qq_file, &p->files); i++) {
    uint64_t const changed = ctime_of(&f[i].st);
    if (changed <= now && now - changed < QQ_LOOK_PAUSE) return 0;
    h = mix(mix(h, f[i].tree), (uint64_t)f[i].directory);
    h = mix(mix(mix(h, f[i].st.st_ino), changed), (uint64_t)f[i].st.st_size);
  }
  return h ? h : 1;
}

/* Whether nothing has come or gone for long where the message was, and is. */
static int is_quiet(qq_shard *shard, uint64_t id, uint64_t now)
{
  unsigned int tree;
  struct stat st;
  for (tree = QQ_INFO; tree < QQ_CHANNEL + shard->queue->channels; tree++) {
    int const fd = tree == QQ_INTD || tree == QQ_BOUNCE ? -1
      : qq_shard_directory_of(shard, tree, id);
    if (fd < 0) continue;
    if (fstat(fd, &st) < 0 || ctime_of(&st) + LONG_AGO > now) return 0;
  }
  return 1;
}

/* ---- rounds ---- */

typedef struct rounds {
  qq_look *look;
  qq_look_judge *judge;
  uint64_t trees;
  qq_shard shard;
  qq_files files;
  stralloc why;
  unsigned int round;
  uint64_t now, changed;        /* when something that is waited for did something */
} rounds;

static int has_directories(qq_shard *shard, uint64_t id, unsigned int first, unsigned int last)
{
  for (; first <= last; first++)
    if (qq_shard_directory_of(shard, first, id) < 0 && qq_queue_is_absent(errno)) return 0;
  return 1;
}

/* Says whether a file is missed whose directory is missing: that has its own line, one for all. */
static int is_of_directory(rounds *r, qq_damage_kind kind)
{
  uint64_t const id = r->files.id;
  switch (kind) {
    case QQ_DAMAGE_NO_MESS: case QQ_DAMAGE_INFO_ALONE: case QQ_DAMAGE_TODO_ALONE:
      return !has_directories(&r->shard, id, QQ_MESS, QQ_MESS);
    case QQ_DAMAGE_NO_INFO: case QQ_DAMAGE_BOUNCE_ALONE:
      return !has_directories(&r->shard, id, QQ_INFO, QQ_INFO);
    case QQ_DAMAGE_RECIPIENTS_ALONE:
      return !has_directories(&r->shard, id, QQ_MESS, QQ_INFO);
    case QQ_DAMAGE_NO_RECIPIENTS:
      return !has_directories(&r->shard, id, QQ_CHANNEL,
        QQ_CHANNEL + r->shard.queue->channels - 1);
    default: return 0;
  }
}

static void report_file(rounds *r, qq_file const *f)
{
  qq_look *l = r->look;
  qq_files const *p = &r->files;
  stralloc path = STRALLOC_ZERO, is = STRALLOC_ZERO;
  unsigned int kind;
  int const good = qq_file_path(&path, l->queue, f, p->id) && stralloc_0(&path);
  for (kind = 0; good && kind < QQ_DAMAGES; kind++) {
    if (!(f->kinds >> kind & 1) || is_of_directory(r, (qq_damage_kind)kind)) continue;
    is.len = 0;
    if (!qq_damage_about((qq_damage_kind)kind)->is && !qq_look_say_file(&is, l, f)) break;
    qq_look_report(l, (qq_damage_kind)kind, path.s, is.len ? is.s : 0, p);
  }
  stralloc_free(&path);
  stralloc_free(&is);
}

static void report(rounds *r, uint64_t kinds)
{
  qq_file *f = genalloc_s(qq_file, &r->files.files);
  size_t i;
  r->files.kinds &= kinds;
  for (i = 0; i < genalloc_len(qq_file, &r->files.files); i++) {
    f[i].kinds &= kinds;
    if (f[i].kinds) report_file(r, &f[i]);
  }
  qq_look_number(r->look, &r->files);
}

static int is_waited_for(rounds *r, uint64_t id)
{
  return r->look->is_watched && r->files.kinds & IS_WAITED_FOR
    && r->now < r->changed + PATIENCE && !is_quiet(&r->shard, id, r->now);
}

/* Says whether it is to be looked at once more; or -1 with errno. */
static int ask(rounds *r, qq_suspect *s)
{
  qq_look *l = r->look;
  uint64_t seen, before = s->fingerprint;
  int there = qq_files_look(&r->files, &r->shard, &l->strays, s->id, r->trees, &r->why);
  if (there > 0 && r->judge(l, &r->files, &r->shard, &r->why) < 0) there = -1;
  if (there < 0) {
    if (errno == ENOMEM) return -1;
    qq_look_trouble(l, &r->why);
    r->why.len = 0;
    return 0;
  }
  if (!there || !r->files.kinds) {
    if (s->kinds & IS_WAITED_FOR) r->changed = r->now;
    if (there) qq_look_number(l, &r->files);
    return 0;
  }
  seen = fingerprint(&r->files, r->now);
  s->fingerprint = seen;
  s->kinds = s->kinds & r->files.kinds ? s->kinds & r->files.kinds : r->files.kinds;
  if (!l->is_still && (!seen || seen != before) && r->round < ROUNDS) return 1;
  if (!l->is_still && is_waited_for(r, s->id)) return 1;
  report(r, s->kinds);
  return 0;
}

static int ask_all(rounds *r)
{
  qq_suspect *s = genalloc_s(qq_suspect, &r->look->suspects);
  size_t const n = genalloc_len(qq_suspect, &r->look->suspects);
  size_t i, kept = 0;
  int again = 0;
  r->now = qq_now();
  for (i = 0; again >= 0 && i < n; i++) {
    if (i && s[i].id == s[i - 1].id && !r->round) continue;
    again = ask(r, &s[i]);
    if (again > 0) s[kept++] = s[i];
    if (r->look->progress && !(i % 256))
      r->look->progress(i, n, r->look->messages);
  }
  genalloc_setlen(qq_suspect, &r->look->suspects, kept);
  return again < 0 ? -1 : 1;
}

int qq_look_again(qq_look *l, uint64_t trees, qq_look_judge *judge)
{
  rounds r = { .look = l, .judge = judge, .trees = trees, .changed = qq_now() };
  int good = 1;
  if (!genalloc_len(qq_suspect, &l->suspects)) return 1;
  qsort(genalloc_s(qq_suspect, &l->suspects), genalloc_len(qq_suspect, &l->suspects),
    sizeof(qq_suspect), compare);
  if (qq_shard_init(&r.shard, l->queue) < 0) return -1;
  while ((good = ask_all(&r)) > 0 && genalloc_len(qq_suspect, &l->suspects))
    qq_sleep(r.round++ < ROUNDS ? QQ_LOOK_PAUSE : LONG_PAUSE);
  qq_shard_free(&r.shard);
  qq_files_free(&r.files);
  stralloc_free(&r.why);
  return good;
}
