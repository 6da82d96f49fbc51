/* A log as it is read, with lines put together that splogger has cut: a piece of exactly 799 bytes
   may go on in the next line of the same host and tag, with the same stamp and a plus behind it. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <skalibs/djbunix.h>
#include <qq/child.h>
#include "log-private.h"

static qq_parked **all(qq_log_reader const *r)
{
  return genalloc_s(qq_parked *, &r->parked);
}

static size_t count(qq_log_reader const *r)
{
  return genalloc_len(qq_parked *, &r->parked);
}

/* So many streams at most wait for more of a line: what a line was cut off of comes at once. */
#define PARKED_MOST 256

/* No line is longer (qmail-send.c:REPORTMAX, and what stands in front of a report); a forged one
   goes on without end. */
#define JOINED_MOST 65536

/* Which of those that are parked is of the line's stream; the count: none. */
static size_t find(qq_log_reader const *r, qq_log_line const *line)
{
  size_t i;
  for (i = 0; i < count(r); i++) {
    qq_log_line const *head = &all(r)[i]->line;
    if (head->set_number == line->set_number && qq_piece_same(head->host, line->host)
      && qq_piece_same(head->tag, line->tag)) break;
  }
  return i;
}

static void free_parked(qq_parked *p)
{
  if (!p) return;
  stralloc_free(&p->text);
  stralloc_free(&p->raw);
  stralloc_free(&p->names);
  genalloc_free(qq_log_place, &p->places);
  free(p);
}

/* Its pieces become those of names. */
static int copy_names(qq_parked *p)
{
  qq_piece *pieces[] = { &p->line.host, &p->line.tag, &p->line.unit };
  size_t i, at = 0;
  for (i = 0; i < 3; i++) if (!stralloc_catb(&p->names, pieces[i]->s, pieces[i]->n)) return 0;
  if (!qq_room(&p->names, 1)) return 0;
  for (i = 0; i < 3; at += pieces[i++]->n) pieces[i]->s = p->names.s + at;
  return 1;
}

static int append(qq_log_reader const *r, qq_parked *p, qq_log_line const *line)
{
  qq_log_place const place = { qq_reader_place(r, line->raw.s), line->raw.n, p->whole };
  p->last = line->text.n;
  return qq_append(&p->text, line->text.s, line->text.n)
    && qq_append(&p->raw, line->raw.s, line->raw.n)
    && genalloc_append(qq_log_place, &p->places, &place);
}

static int park(qq_log_reader *r, qq_log_line const *line)
{
  qq_parked *p = calloc(1, sizeof *p);
  if (!p) return 0;
  p->line = *line;
  p->whole = ++r->wholes;
  if (copy_names(p) && append(r, p, line) && genalloc_append(qq_parked *, &r->parked, &p)) return 1;
  free_parked(p);
  return 0;
}

/* It is whole now. */
static int give(qq_log_reader *r, size_t which)
{
  qq_parked *p = all(r)[which];
  size_t const n = count(r) - 1;
  memmove(&all(r)[which], &all(r)[which] + 1, (n - which) * sizeof(qq_parked *));
  genalloc_setlen(qq_parked *, &r->parked, n);
  free_parked(r->given);
  r->given = p;
  r->line = p->line;
  r->line.text = qq_piece_of(&p->text);
  r->line.raw = qq_piece_of(&p->raw);
  qq_log_event_scan(&r->line);
  return 1;
}

/* The line that was held back. */
static int take_held(qq_log_reader *r)
{
  r->has_held = 0;
  r->line = r->held;
  return r->held_result;
}

static void hold(qq_log_reader *r, int result)
{
  r->has_held = 1;
  r->held = r->line;
  r->held_result = result;
}

/* Returns 1: the line is to be given; 0: there is more to come; -1: out of memory. */
static int join(qq_log_reader *r, int result)
{
  qq_log_line const *line = &r->line;
  size_t const which = find(r, line);
  qq_parked *p = which < count(r) ? all(r)[which] : 0;
  if (p && result == 2 && p->line.stamp == line->stamp) {
    if (!append(r, p, line)) return -1;
    return p->last == QQ_LOG_SPLOGGER_CHUNK && p->text.len < JOINED_MOST ? 0 : give(r, which);
  }
  if (p) {
    hold(r, result);
    return give(r, which);
  }
  if (result == 2) return 0;
  if (!line->is_cut) return 1;
  if (!park(r, line)) return -1;
  return count(r) > PARKED_MOST ? give(r, 0) : 0;
}

static int next_joined(qq_log *log, stralloc *why)
{
  qq_log_reader *r = log->reader;
  for (;;) {
    int result = r->has_held ? take_held(r) : qq_reader_next(log, why);
    if (result < 0) return -1;
    if (!r->parked.len && (!result || (result == 1 && !r->line.is_cut))) return result;
    if (!result) return give(r, 0);
    result = join(r, result);
    if (result < 0) return qq_log_no_memory(why);
    if (result) return 1;
  }
}

int qq_log_next_joined(qq_log *log, stralloc *why)
{
  int const result = next_joined(log, why);
  qq_log_reader *r = log->reader;
  r->is_alike = 0;
  r->may_be_alike = r->front.length && !r->parked.len && !r->has_held;
  return result;
}

/* ---- a log's beginning and end ---- */

static void free_reader(qq_log_reader *r)
{
  size_t i;
  for (i = 0; i < count(r); i++) free_parked(all(r)[i]);
  genalloc_free(qq_parked *, &r->parked);
  free_parked(r->given);
  stralloc_free(&r->clock.decoded);
  free(r->buf);
  free(r);
}

/* What was read of a file that was not read to its end is all that there is from now on. */
static void end_early(qq_log *log, qq_log_reader *r)
{
  qq_log_file *f = genalloc_s(qq_log_file, &log->files) + r->file;
  if (r->fd < 0) return;
  f->length = r->offset;
  if (!r->is_own) return;
  fd_close(r->fd);
  qq_child_wait(r->child);
}

int qq_log_rewind(qq_log *log, stralloc *why)
{
  qq_log_reader *old = log->reader;
  qq_log_reader *r = calloc(1, sizeof *r);
  if (!r) return qq_log_no_memory(why);
  r->fd = -1;
  r->text_at = 1;
  if (old) {
    r->is_again = 1;
    end_early(log, old);
    free_reader(old);
  }
  log->reader = r;
  return 1;
}

void qq_log_progress(qq_log const *log, uint64_t *done, uint64_t *whole)
{
  qq_log_file const *f = genalloc_s(qq_log_file, &log->files);
  size_t i;
  *whole = 0;
  *done = log->reader ? log->reader->done : 0;
  for (i = 0; i < genalloc_len(qq_log_file, &log->files); i++) *whole += f[i].size;
}
