/* Senders that only the log knows any more. */

#include <stdlib.h>
#include <string.h>
#include <qq/diagnostic.h>
#include "fix.h"

/* A message of which the sender is lost, and what is known of it. */
typedef struct asked {
  qq_lost_sender message;
  char *sender;                 /* null: not found */
  uint64_t distance;            /* between its stamp and the life that it is taken from */
} asked;

static genalloc paths = GENALLOC_ZERO;  /* of char const * */
static genalloc all = GENALLOC_ZERO;    /* of asked */

void qq_fixing_take_log(qq_option const *o, char const *value)
{
  if (!strcmp(value, "-")) qq_die_usage(_("option --%s: \"%s\" given, expected a file or a "
    "directory"), o->name, value);
  qq_demand_memory(genalloc_append(char const *, &paths, &value));
}

static asked *find(qq_lost_sender const *l)
{
  size_t i;
  asked *s = genalloc_s(asked, &all);
  for (i = 0; i < genalloc_len(asked, &all); i++)
    if (s[i].message.id == l->id && s[i].message.qp == l->qp) return &s[i];
  return 0;
}

int qq_fixing_sender(void *p, qq_lost_sender const *l, stralloc *sender)
{
  asked const new = { *l, 0, UINT64_MAX };
  asked const *a = find(l);
  ((qq_fixing *)p)->has_lost_senders = 1;
  if (!a) {
    if (!genalloc_append(asked, &all, &new)) return -1;
    return 0;
  }
  if (!a->sender) return 0;
  return qq_append(sender, a->sender, strlen(a->sender)) ? 1 : -1;
}

/* Of lives with that qp and that many bytes the one that begins nearest to the stamp: pids come
   again. */
static void take_life(qq_life const *l)
{
  asked *s = genalloc_s(asked, &all);
  size_t i;
  if (!l->from || l->qp == UINT32_MAX || memchr(l->from, 0, l->from_length)) return;
  for (i = 0; i < genalloc_len(asked, &all); i++) {
    uint64_t const stamp = s[i].message.stamp;
    uint64_t const distance = l->begun == QQ_LOG_UNKNOWN ? UINT64_MAX - 1
      : l->begun > stamp ? l->begun - stamp : stamp - l->begun;
    if (l->qp != s[i].message.qp || l->size != s[i].message.size || distance >= s[i].distance)
      continue;
    free(s[i].sender);
    s[i].sender = strndup(l->from, l->from_length);
    qq_demand_memory(s[i].sender != 0);
    s[i].distance = distance;
  }
}

static void take_lives(qq_lives *lives)
{
  qq_life *l;
  while ((l = qq_lives_next(lives))) take_life(l);
}

static void read_all(qq_log *log, stralloc *why)
{
  qq_lives lives = { .since = 0, .until = QQ_LOG_UNKNOWN };
  qq_log_line const *line;
  int r;
  qq_demand_memory(qq_lives_init(&lives) > 0);
  while ((r = qq_log_next(log, &line, why)) > 0) {
    qq_demand_memory(qq_lives_take(&lives, line) > 0);
    take_lives(&lives);
  }
  qq_demand(r, why);
  qq_demand_memory(qq_lives_finish(&lives) > 0);
  take_lives(&lives);
  qq_lives_free(&lives);
}

void qq_fixing_read_log(qq_fixing *f)
{
  stralloc why = STRALLOC_ZERO;
  qq_log log = QQ_LOG_ZERO;
  char const *end = 0;
  if (!f->has_lost_senders || !genalloc_len(char const *, &paths)) return;
  qq_demand_memory(genalloc_append(char const *, &paths, &end));
  qq_demand(qq_log_add(&log, genalloc_s(char const *, &paths), &why), &why);
  read_all(&log, &why);
  stralloc_free(&why);
}
