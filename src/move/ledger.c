#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <qq/move.h>
#include <qq/names.h>
#include <qq/os.h>

/* Lines: `placing ORIGIN TOKEN DIGEST NEW-TOKEN SECONDS', later `placed ORIGIN TOKEN'. One that a
   crash has cut off says nothing: what it would have said was not done yet. */

#define NAME (&QQ_NAME_LEDGER[sizeof QQ_NAME_QQTOOLS])
#define DIGEST QQ_DIGEST

/* In bytes: of millions of messages. */
#define MOST ((size_t)1 << 31)

/* Behind what a crash has left of a line. */
#define CUT_OFF " cut off\n"

/* ---- finding ---- */

static int compare(void const *a, void const *b)
{
  qq_id const *x = &((qq_ledger_entry const *)a)->source;
  qq_id const *y = &((qq_ledger_entry const *)b)->source;
  if (x->id != y->id) return x->id < y->id ? -1 : 1;
  return x->stamp < y->stamp ? -1 : x->stamp > y->stamp;
}

/* The lines about one message stay in their order. */
static int compare_lines(void const *a, void const *b)
{
  size_t const x = ((qq_ledger_entry const *)a)->line, y = ((qq_ledger_entry const *)b)->line;
  int const r = compare(a, b);
  return r ? r : x < y ? -1 : x > y;
}

static qq_ledger_entry *entry_at(qq_ledger const *l, size_t i)
{
  return genalloc_s(qq_ledger_entry, &l->entries) + i;
}

static void sort_entries(qq_ledger *l)
{
  size_t const n = genalloc_len(qq_ledger_entry, &l->entries);
  if (l->sorted < n) qsort(entry_at(l, 0), n, sizeof(qq_ledger_entry), compare_lines);
  l->sorted = n;
}

static qq_ledger_entry *look_up(qq_ledger const *l, qq_id const *source)
{
  size_t const n = genalloc_len(qq_ledger_entry, &l->entries);
  qq_ledger_entry key, *found = 0;
  size_t i;
  key.source = *source;
  if (l->sorted) found = bsearch(&key, entry_at(l, 0), l->sorted, sizeof key, compare);
  for (i = l->sorted; !found && i < n; i++)
    if (!compare(&key, entry_at(l, i))) found = entry_at(l, i);
  return found;
}

qq_ledger_entry *qq_ledger_find(qq_ledger *l, qq_id const *source)
{
  qq_ledger_entry *const found = look_up(l, source);
  return found && !found->is_void ? found : 0;
}

/* Sets the entry of its source. Returns 1, or 0 with errno ENOMEM. */
static int put(qq_ledger *l, qq_ledger_entry const *e)
{
  qq_ledger_entry *const known = look_up(l, &e->source);
  qq_ledger_entry *const reborn = l->is_own ? look_up(l, &e->id) : 0;
  if (reborn) reborn->is_void = 1;
  if (known) *known = *e;
  return known || genalloc_append(qq_ledger_entry, &l->entries, e);
}

/* ---- reading ---- */

static int scan_id(qq_piece word, qq_id *id)
{
  return qq_id_scan(word.s, word.n, id) && id->stamp != QQ_UNSTAMPED;
}

static int scan_placing(qq_piece *line, qq_ledger_entry *e)
{
  qq_piece const digest = qq_piece_word(line), id = qq_piece_word(line), when = qq_piece_word(line);
  if (digest.n != DIGEST || !scan_id(id, &e->id) || !qq_number_scan(when.s, when.n, &e->when)
    || line->n) return 0;
  memcpy(e->digest, digest.s, DIGEST);
  e->digest[DIGEST] = 0;
  return 1;
}

/* An entry for each line; that of `placed' has no digest. Returns 1, or 0 with errno ENOMEM. */
static int take_line(qq_ledger *l, qq_piece line)
{
  qq_piece const what = qq_piece_word(&line), origin = qq_piece_word(&line);
  qq_piece const source = qq_piece_word(&line);
  qq_ledger_entry e;
  memset(&e, 0, sizeof e);
  e.line = genalloc_len(qq_ledger_entry, &l->entries);
  if (!qq_piece_is(origin, l->origin) || !scan_id(source, &e.source)) return 1;
  e.is_placed = qq_piece_is(what, "placed") && !line.n;
  if (!e.is_placed && !(qq_piece_is(what, "placing") && scan_placing(&line, &e))) return 1;
  return genalloc_append(qq_ledger_entry, &l->entries, &e);
}

/* A token that was given away again was free by then. */
static void void_reborn(qq_ledger *l)
{
  size_t i;
  for (i = 0; i < l->sorted; i++) {
    qq_ledger_entry const *const e = entry_at(l, i);
    qq_ledger_entry *const reborn = look_up(l, &e->id);
    if (reborn && reborn->line < e->line) reborn->is_void = 1;
  }
}

/* Of the lines about a message makes one entry: the last word counts. */
static void join_lines(qq_ledger *l)
{
  size_t const n = genalloc_len(qq_ledger_entry, &l->entries);
  size_t i, kept = 0;
  sort_entries(l);
  for (i = 0; i < n; i++) {
    qq_ledger_entry const *const e = entry_at(l, i);
    qq_ledger_entry *const known = kept && !compare(entry_at(l, kept - 1), e)
      ? entry_at(l, kept - 1) : 0;
    if (known && !*e->digest) known->is_placed = 1;
    else if (known) *known = *e;
    else if (*e->digest) *entry_at(l, kept++) = *e;
  }
  genalloc_setlen(qq_ledger_entry, &l->entries, kept);
  l->sorted = kept;
  if (l->is_own) void_reborn(l);
}

/* A line that was cut off is ended by a word that no whole line has, so that it says nothing, and
   the next is one of its own. */
static int read_lines(qq_ledger *l)
{
  stralloc text = STRALLOC_ZERO;
  qq_piece rest, line;
  int r = qq_slurp_regular(&text, l->fd, MOST);
  rest.s = text.s;
  rest.n = text.len;
  if (r > 0 && text.len && text.s[text.len - 1] != '\n' && !qq_fmt(&l->text, CUT_OFF)) r = -1;
  while (rest.n && rest.s[rest.n - 1] != '\n') rest.n--;
  while (r > 0 && qq_piece_line(&rest, &line)) if (!take_line(l, line)) r = -1;
  if (r > 0) join_lines(l);
  stralloc_free(&text);
  return r;
}

/* ---- opening, writing ---- */

static int open_file(int directory)
{
  int const flags = O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  return openat(directory, NAME, flags, 0600);
}

static void close_ledger(qq_ledger *l)
{
  if (l->fd >= 0) fd_close(l->fd);
  l->fd = -1;
  genalloc_free(qq_ledger_entry, &l->entries);
  stralloc_free(&l->text);
}

static int refuse_other(qq_ledger const *l, stralloc *why)
{
  struct stat st;
  pid_t const holder = fstat(l->fd, &st) < 0 ? 0 : qq_os_lock_holder(st.st_dev, st.st_ino);
  return qq_refuse(why, EBUSY, holder > 0
    ? _("%s is locked by process %ld: another program is moving mail")
    : _("%s is locked: another program is moving mail"), QQ_NAME_LEDGER, (long)holder);
}

int qq_ledger_open(qq_ledger *l, int directory, char const *origin, int is_own, stralloc *why)
{
  static qq_ledger const fresh = { -1, 0, 0, GENALLOC_ZERO, 0, STRALLOC_ZERO };
  int r;
  *l = fresh;
  l->origin = origin;
  l->is_own = is_own;
  l->fd = open_file(directory);
  r = l->fd < 0 ? -1 : qq_os_flock(l->fd);
  if (!r) {
    refuse_other(l, why);
    close_ledger(l);
    errno = EBUSY;
    return -1;
  }
  if (r > 0) r = read_lines(l);
  if (r > 0) r = fsync(directory) < 0 ? -1 : 1;
  if (r > 0) return 1;
  if (errno == EINVAL || errno == EISDIR || errno == ELOOP || errno == ENXIO)
    qq_refuse(why, errno, _("%s is not a regular file"), QQ_NAME_LEDGER);
  else qq_unable(why, _("unable to read %s"), QQ_NAME_LEDGER);
  close_ledger(l);
  return -1;
}

static int format_line(qq_ledger *l, char const *what, qq_id const *source)
{
  char token[QQ_ID_FMT];
  token[qq_id_format(token, source)] = 0;
  return qq_fmt(&l->text, "%s %s %s", what, l->origin, token);
}

int qq_ledger_add(qq_ledger *l, qq_ledger_entry const *e)
{
  char token[QQ_ID_FMT];
  token[qq_id_format(token, &e->id)] = 0;
  return put(l, e) && format_line(l, "placing", &e->source)
    && qq_fmt(&l->text, " %s %s %llu\n", e->digest, token, (unsigned long long)e->when);
}

int qq_ledger_placed(qq_ledger *l, qq_ledger_entry *e)
{
  e->is_placed = 1;
  return format_line(l, "placed", &e->source) && qq_append(&l->text, "\n", 1);
}

int qq_ledger_write(qq_ledger *l)
{
  if (l->text.len && allwrite(l->fd, l->text.s, l->text.len) != l->text.len) return -1;
  if (l->text.len && fdatasync(l->fd) < 0) return -1;
  l->text.len = 0;
  sort_entries(l);
  return 1;
}
