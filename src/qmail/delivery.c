/* What is being delivered, as the processes tell it. */

#include <stdlib.h>
#include <string.h>
#include <qq/id.h>
#include <qq/instance.h>
#include <qq/names.h>
#include <qq/text.h>

/* From the end: where qmail-local has its two dashes, the local part and the domain
   (qmail-lspawn.c:spawn), */
#define LOCAL_DASHES 9
#define LOCAL_PART 6
#define LOCAL_DOMAIN 3
/* and qmail-remote HOST SENDER RECIPIENT its name (qmail-rspawn.c:spawn). */
#define REMOTE_NAME 4

/* Of a text of arguments, each with its NUL, the one that is so many from the end: 1 is the last.
   Null: there are not so many. */
static char const *argument(stralloc const *words, size_t from_end)
{
  size_t at = words->len;
  for (; at; from_end--) {
    for (at--; at && words->s[at - 1]; ) at--;
    if (from_end == 1) return words->s + at;
  }
  return 0;
}

/* A wrapper has the arguments of the true one at its end; a spawn that has just forked has not. */
static int take_recipient(qq_delivery *d, qq_role role)
{
  stralloc words = STRALLOC_ZERO;
  char const *dashes, *name;
  int good = 1;
  if (qq_os_process_words(d->process.pid, &words) < 1) words.len = 0;
  if (words.len && words.s[words.len - 1]) words.len = 0;
  dashes = role == QQ_ROLE_LOCAL ? argument(&words, LOCAL_DASHES) : 0;
  name = role == QQ_ROLE_REMOTE ? argument(&words, REMOTE_NAME) : 0;
  if (dashes && !strcmp(dashes, "--"))
    good = qq_fmt(&d->recipient, "%s@%s", argument(&words, LOCAL_PART),
      argument(&words, LOCAL_DOMAIN));
  else if (name && strstr(name, QQ_NAME_QMAIL_REMOTE))
    good = qq_fmt(&d->recipient, "%s", argument(&words, 1));
  stralloc_free(&words);
  return good;
}

/* The message is its standard input (spawn.c:docmd), open as mess/SPLIT/ID. */
static void take_message(qq_delivery *d)
{
  stralloc path = STRALLOC_ZERO;
  char *id, *directory;
  size_t n;
  if (qq_os_process_input(d->process.pid, &path) > 0 && (id = strrchr(path.s, '/'))) {
    *id++ = 0;
    directory = strrchr(path.s, '/');
    if (directory) *directory = 0;
    n = strlen(path.s);
    if (directory && n > strlen("/" QQ_NAME_MESS)
      && !strcmp(path.s + n - strlen("/" QQ_NAME_MESS), "/" QQ_NAME_MESS)
      && !qq_number_scan(id, strlen(id), &d->id)) d->id = 0;
  }
  stralloc_free(&path);
}

static int take(qq_instance const *i, qq_member const *m, genalloc *all)
{
  qq_delivery d = { m->process, 0, 0, STRALLOC_ZERO };
  qq_member const *spawn = qq_instance_member(i, m->process.parent);
  if (!spawn) return 1;
  d.channel = qq_instance_channel(i, spawn);
  take_message(&d);
  if (take_recipient(&d, m->role) && genalloc_append(qq_delivery, all, &d)) return 1;
  stralloc_free(&d.recipient);
  return -1;
}

static int compare(void const *a, void const *b)
{
  qq_delivery const *x = a, *y = b;
  qq_os_process const *p = &x->process, *q = &y->process;
  if (x->channel != y->channel) return x->channel < y->channel ? -1 : 1;
  if (p->ticks != q->ticks) return p->ticks < q->ticks ? -1 : 1;
  return p->pid < q->pid ? -1 : p->pid > q->pid;
}

int qq_deliveries_find(genalloc *all, qq_instance const *i)
{
  qq_member const *m = genalloc_s(qq_member, &i->members);
  size_t const n = genalloc_len(qq_member, &i->members);
  size_t k;
  for (k = 0; k < n; k++) if (m[k].role >= QQ_ROLE_LOCAL && take(i, &m[k], all) < 0) return -1;
  if (genalloc_len(qq_delivery, all))
    qsort(all->s, genalloc_len(qq_delivery, all), sizeof(qq_delivery), compare);
  return 1;
}

void qq_deliveries_free(genalloc *all)
{
  size_t k;
  for (k = 0; k < genalloc_len(qq_delivery, all); k++)
    stralloc_free(&genalloc_s(qq_delivery, all)[k].recipient);
  genalloc_free(qq_delivery, all);
}
