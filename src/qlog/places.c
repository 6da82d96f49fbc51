/* Where in its files the log is read on. A file is known by device, inode and how it begins; a
   copy, or what was compressed, by how it begins alone. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <skalibs/djbunix.h>
#include "metrics.h"

/* Files that are gone may come back: so many are remembered. */
#define GONE_MOST 1000

/* What is known of each file of the log. */
typedef struct look {
  qq_log_beginning beginning;
  qlog_place *place;            /* of the last run, or null */
  int is_done;                  /* nothing in it is new */
} look;

static look *looks;

/* Of each place of the last run: whose it is. */
enum { NOBODYS, CLAIMED, DONE };
static unsigned char *owners;

static qq_log_file *files_of(qq_log const *log, size_t *n)
{
  *n = genalloc_len(qq_log_file, &log->files);
  return genalloc_s(qq_log_file, &log->files);
}

static qlog_place *places_of(qlog_state const *state, size_t *n)
{
  *n = genalloc_len(qlog_place, &state->places);
  return genalloc_s(qlog_place, &state->places);
}

/* ---- what is the same ---- */

static int is_at(qlog_place const *p, qq_log_file const *f)
{
  return p->device == f->device && p->inode == f->inode;
}

static int begins_so(qlog_place const *p, look const *l)
{
  return p->first && l->beginning.n >= p->first
    && qq_digest_bytes(l->beginning.bytes, p->first) == p->digest;
}

static int is_same_beginning(look const *a, look const *b)
{
  qq_log_beginning const *x = &a->beginning, *y = &b->beginning;
  size_t const n = x->n < y->n ? x->n : y->n;
  return n && !memcmp(x->bytes, y->bytes, n);
}

/* ---- which place is which file's ---- */

typedef int is_its(qlog_place const *, qq_log_file const *, look const *);

/* A file that was compressed, and has been read to its end. */
static int is_unchanged(qlog_place const *p, qq_log_file const *f, look const *l)
{
  (void)l;
  return p->flags & QLOG_COMPRESSED && p->flags & QLOG_WHOLE && is_at(p, f)
    && p->size == f->size && p->mtime == f->mtime;
}

static int is_known(qlog_place const *p, qq_log_file const *f, look const *l)
{
  return is_at(p, f) && begins_so(p, l);
}

static int is_like(qlog_place const *p, qq_log_file const *f, look const *l)
{
  (void)f;
  return begins_so(p, l);
}

/* There was nothing in it. */
static int was_empty(qlog_place const *p, qq_log_file const *f, look const *l)
{
  (void)l;
  return !p->first && is_at(p, f);
}

static void claim_by(is_its *its, qlog_state *state, qq_log const *log)
{
  size_t n, count, i, k;
  qq_log_file const *f = files_of(log, &n);
  qlog_place *p = places_of(state, &count);
  for (i = 0; i < n; i++)
    for (k = 0; k < count && !looks[i].place; k++) {
      if (owners[k] != NOBODYS || !its(&p[k], &f[i], &looks[i])) continue;
      looks[i].place = &p[k];
      looks[i].is_done = its == is_unchanged;
      owners[k] = looks[i].is_done ? DONE : CLAIMED;
    }
}

/* Reads the beginnings of all but those that are done. */
static void look_at_all(qlog_state *state, qq_log const *log)
{
  size_t n, i;
  qq_log_file const *f = files_of(log, &n);
  for (i = 0; i < n; i++) {
    int r = 1;
    if (!f[i].is_regular && !f[i].child)
      qq_die(QQ_EXIT_USAGE, _("%s is not a regular file, as --metrics needs it"), f[i].name);
    if (f[i].is_regular && !looks[i].is_done) r = qq_log_begins(&f[i], &looks[i].beginning);
    if (r < 0 && errno != EINVAL) qq_die_unable(_("unable to read %s"), f[i].name);
  }
  claim_by(is_known, state, log);
}

/* ---- copies ---- */

/* Says whether another file has what this one has, or a place that is claimed. Of two files that
   nothing is known of, the younger one is read. */
static int is_copy(qlog_state const *state, qq_log const *log, size_t file)
{
  size_t n, count, i, k;
  qq_log_file const *f = files_of(log, &n);
  qlog_place const *p = places_of(state, &count);
  if (looks[file].place) return 0;
  for (k = 0; k < count; k++) if (owners[k] != NOBODYS && begins_so(&p[k], &looks[file])) return 1;
  for (i = 0; i < n; i++)
    if (i != file && f[i].set_number == f[file].set_number && (looks[i].place || i > file)
      && is_same_beginning(&looks[i], &looks[file])) return 1;
  return 0;
}

/* What need not be read is closed. */
static void drop(qlog_state const *state, qq_log *log)
{
  size_t n, i, kept = 0;
  qq_log_file *f = files_of(log, &n);
  char *is_dropped = calloc(n + 1, 1);
  qq_demand_memory(is_dropped != 0);
  for (i = 0; i < n; i++) is_dropped[i] = looks[i].is_done || is_copy(state, log, i);
  for (i = 0; i < n; i++) {
    if (is_dropped[i]) {
      fd_close(f[i].fd);
      continue;
    }
    f[kept] = f[i];
    looks[kept++] = looks[i];
  }
  genalloc_setlen(qq_log_file, &log->files, kept);
  free(is_dropped);
}

/* ---- gaps ---- */

static int is_there(qq_log const *log, qlog_place const *p)
{
  size_t n, i;
  qq_log_file const *f = files_of(log, &n);
  for (i = 0; i < n; i++) if (is_at(p, &f[i])) return 1;
  return 0;
}

/* Says whether a file that nothing is known of stands in front of one that is: what was renamed is
   known, so it is a copy, and what was copied was cut off then. */
static int appeared_in_front(qq_log const *log, size_t file)
{
  size_t n, i;
  qq_log_file const *f = files_of(log, &n);
  if (looks[file].place) return 0;
  for (i = file + 1; i < n && f[i].set_number == f[file].set_number; i++)
    if (looks[i].place) return 1;
  return 0;
}

/* Says whether the file has what another had that is still there: what was copied is cut off then,
   and what was written between is lost. Only what is written to is cut off; the inode of an elder
   that was compressed may have been given again. */
static int was_cut_off(qq_log const *log, qlog_place const *p, qq_log_file const *f)
{
  return p->flags & QLOG_YOUNGEST && !(p->flags & QLOG_GONE) && !is_at(p, f) && is_there(log, p);
}

/* Sets from of each file. */
static void go_on(qlog_state *state, qq_log *log)
{
  size_t n, i;
  qq_log_file *f = files_of(log, &n);
  for (i = 0; i < n; i++) {
    qlog_place const *p = looks[i].place;
    f[i].from = p ? p->taken : 0;
    state->counters.gaps += (uint64_t)appeared_in_front(log, i);
    if (!p) continue;
    if (was_cut_off(log, p, &f[i])) state->counters.gaps++;
    if (looks[i].beginning.is_compressed || f[i].from <= f[i].size) continue;
    f[i].from = f[i].size;
    state->counters.gaps++;
  }
}

void qlog_places_begin(qlog_state *state, qq_log *log)
{
  size_t n, count;
  files_of(log, &n);
  places_of(state, &count);
  looks = calloc(n + 1, sizeof *looks);
  owners = calloc(count + 1, 1);
  qq_demand_memory(looks && owners);
  claim_by(is_unchanged, state, log);
  look_at_all(state, log);
  claim_by(is_like, state, log);
  drop(state, log);
  claim_by(was_empty, state, log);
  go_on(state, log);
}

/* ---- the next run ---- */

static void add(genalloc *to, qlog_place const *p)
{
  qq_demand_memory(genalloc_append(qlog_place, to, p));
}

/* Those that are gone; the last ones, if there are too many. */
static void keep_gone(qlog_state *state, genalloc *to)
{
  size_t n, i, kept;
  qlog_place *p = places_of(state, &n);
  for (i = 0; i < n; i++) {
    if (owners[i] != NOBODYS) continue;
    if (!(p[i].flags & QLOG_GONE) && (p[i].flags & QLOG_YOUNGEST || !(p[i].flags & QLOG_WHOLE)))
      state->counters.gaps++;
    p[i].flags |= QLOG_GONE;
    if (p[i].first) add(to, &p[i]);
  }
  kept = genalloc_len(qlog_place, to);
  if (kept <= GONE_MOST) return;
  memmove(to->s, genalloc_s(qlog_place, to) + kept - GONE_MOST, GONE_MOST * sizeof *p);
  genalloc_setlen(qlog_place, to, GONE_MOST);
}

static uint64_t flags_of(qq_log const *log, size_t file)
{
  size_t n;
  qq_log_file const *f = files_of(log, &n) + file;
  int const is_compressed = looks[file].beginning.is_compressed;
  int const is_last = file + 1 == n || f[1].set_number != f->set_number;
  int const is_whole = f->taken == f->length && (f->length || !is_compressed);
  return (is_whole ? QLOG_WHOLE : 0u) | (is_last && !is_compressed ? QLOG_YOUNGEST : 0u)
    | (is_compressed ? QLOG_COMPRESSED : 0u);
}

void qlog_places_end(qlog_state *state, qq_log const *log)
{
  size_t n, count, i;
  qq_log_file const *f = files_of(log, &n);
  qlog_place const *old = places_of(state, &count);
  genalloc next = GENALLOC_ZERO;        /* of qlog_place */
  keep_gone(state, &next);
  for (i = 0; i < count; i++) if (owners[i] == DONE) add(&next, &old[i]);
  for (i = 0; i < n; i++) {
    qq_log_beginning const *b = &looks[i].beginning;
    qlog_place const p = { f[i].device, f[i].inode, f[i].size, f[i].mtime, b->n,
      qq_digest_bytes(b->bytes, b->n), f[i].taken, flags_of(log, i) };
    if (f[i].is_regular) add(&next, &p);
  }
  genalloc_free(qlog_place, &state->places);
  state->places = next;
}
