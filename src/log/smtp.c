/* Which client a message is from, by the qp that qmail-smtpd, or what logs for it, tells. */

#include <stdlib.h>
#include <string.h>
#include <qq/when.h>
#include "log-private.h"

/* How long before `info msg', and how long after, the word of qmail-smtpd may stand. */
#define BEFORE (3600 * QQ_SECOND)
#define AFTER (60 * QQ_SECOND)

/* From so many on, those that are too old are looked for. */
#define LIMIT 65536

/* So many of one number and host that are near each other are kept, the youngest: a forged log may
   have any number of them. */
#define SAME_MOST 16

/* A tie that waits, by its qp; or a connection of tcpserver, by the pid of its qmail-smtpd. */
typedef struct tie {
  uint64_t number, stamp;
  size_t helo, login, host;     /* where they begin in text, which begins with the address */
  char text[];
} tie;

typedef struct ties { qq_table table; size_t limit; } ties;
struct qq_smtp {
  ties by_qp, by_pid;
  uint64_t asked;               /* the last moment that was asked for; UNKNOWN: none yet. All of the
                                   log of qmail-smtpd may come before that of qmail-send */
};

qq_smtp *qq_smtp_new(void)
{
  qq_smtp *s = calloc(1, sizeof *s);
  if (s) {
    s->by_qp.limit = s->by_pid.limit = LIMIT;
    s->asked = QQ_LOG_UNKNOWN;
  }
  return s;
}

/* Several hosts may log into one file, each with numbers of its own. */
static int is_of(tie const *v, uint64_t number, qq_piece host)
{
  char const *const own = v->text + v->host;
  return v->number == number && (!*own || !host.n || qq_piece_is(host, own));
}

static qq_slot *find(ties const *t, uint64_t number, qq_piece host)
{
  uint64_t const hash = qq_hash_numbers(number, 0);
  qq_slot *slot = 0;
  while ((slot = qq_table_next(&t->table, hash, slot)) && !is_of(slot->value, number, host)) ;
  return slot;
}

static void drop(ties *t, qq_slot *slot)
{
  free(slot->value);
  qq_table_remove(&t->table, slot);
}

static void drop_old(ties *t, uint64_t now)
{
  size_t i = 0;
  while (i < t->table.size) {
    tie const *v = t->table.slots[i].value;
    if (v && v->stamp != QQ_LOG_UNKNOWN && now != QQ_LOG_UNKNOWN && v->stamp < now
      && now - v->stamp > 24 * BEFORE) drop(t, &t->table.slots[i]);
    else i++;
  }
  t->limit = t->table.count > LIMIT / 2 ? 2 * t->table.count : LIMIT;
}

static int is_near(tie const *v, uint64_t stamp)
{
  if (v->stamp == QQ_LOG_UNKNOWN || stamp == QQ_LOG_UNKNOWN) return 1;
  return (v->stamp > stamp ? v->stamp - stamp : stamp - v->stamp) <= BEFORE + AFTER;
}

/* The first of those that may be meant in its stead goes, if there are too many. */
static void drop_first(ties *t, uint64_t number, qq_log_line const *l)
{
  uint64_t const hash = qq_hash_numbers(number, 0);
  qq_slot *first = 0, *slot = 0;
  size_t count = 0;
  while (count < SAME_MOST && (slot = qq_table_next(&t->table, hash, slot))) {
    if (!is_of(slot->value, number, l->host) || !is_near(slot->value, l->stamp)) continue;
    if (!count++) first = slot;
  }
  if (count == SAME_MOST) drop(t, first);
}

/* What is behind a NUL is not told. */
static char *put(char *to, qq_piece p)
{
  if (p.n) memcpy(to, p.s, p.n);
  to[p.n] = 0;
  return to + p.n + 1;
}

/* now: when what is old is old. */
static int add(ties *t, uint64_t number, qq_log_line const *l, qq_piece ip, uint64_t now)
{
  tie *v = malloc(sizeof *v + ip.n + l->helo.n + l->login.n + l->host.n + 4);
  char *to;
  if (!v) return -1;
  v->number = number;
  v->stamp = l->stamp;
  to = put(v->text, ip);
  v->helo = (size_t)(to - v->text);
  to = put(to, l->helo);
  v->login = (size_t)(to - v->text);
  to = put(to, l->login);
  v->host = (size_t)(to - v->text);
  put(to, l->host);
  drop_first(t, number, l);
  if (t->table.count >= t->limit) drop_old(t, now);
  if (qq_table_add(&t->table, qq_hash_numbers(number, 0), v)) return 1;
  free(v);
  return -1;
}

int qq_smtp_take(qq_smtp *s, qq_log_line const *l)
{
  qq_slot *session = l->pid == QQ_LOG_UNKNOWN ? 0 : find(&s->by_pid, l->pid, l->host);
  qq_piece ip = l->ip;
  if (l->qp == QQ_LOG_UNKNOWN) {
    if (session) drop(&s->by_pid, session);
    return ip.n ? add(&s->by_pid, l->pid, l, ip, l->stamp) : 1;
  }
  if (!ip.n && session) {
    ip.s = ((tie *)session->value)->text;
    ip.n = strlen(ip.s);
  }
  return ip.n ? add(&s->by_qp, l->qp, l, ip, s->asked) : 1;
}

/* How far off it is; UNKNOWN: too far. */
static uint64_t distance(tie const *v, uint64_t moment)
{
  if (v->stamp == QQ_LOG_UNKNOWN || moment == QQ_LOG_UNKNOWN) return 0;
  if (v->stamp > moment) return v->stamp - moment <= AFTER ? v->stamp - moment : QQ_LOG_UNKNOWN;
  return moment - v->stamp <= BEFORE ? moment - v->stamp : QQ_LOG_UNKNOWN;
}

/* Numbers of processes are used again: the nearest. */
static qq_slot *find_near(ties const *t, uint64_t number, qq_piece host, uint64_t moment)
{
  uint64_t const hash = qq_hash_numbers(number, 0);
  uint64_t least = QQ_LOG_UNKNOWN;
  qq_slot *slot = 0, *nearest = 0;
  while ((slot = qq_table_next(&t->table, hash, slot))) {
    tie const *v = slot->value;
    uint64_t const d = is_of(v, number, host) ? distance(v, moment) : QQ_LOG_UNKNOWN;
    if (d >= least) continue;
    least = d;
    nearest = slot;
  }
  return nearest;
}

/* One piece of memory, with the strings behind the pointers. */
static qq_login *copy(tie const *v)
{
  size_t const n = v->login + strlen(v->text + v->login) + 1;
  qq_login *login = malloc(sizeof *login + n);
  char *text;
  if (!login) return 0;
  text = (char *)(login + 1);
  memcpy(text, v->text, n);
  login->ip = text;
  login->helo = text[v->helo] ? text + v->helo : 0;
  login->login = text[v->login] ? text + v->login : 0;
  return login;
}

int qq_smtp_find(qq_smtp *s, uint32_t qp, qq_piece host, uint64_t moment, qq_login **login)
{
  qq_slot *slot = find_near(&s->by_qp, qp, host, moment);
  if (moment != QQ_LOG_UNKNOWN) s->asked = moment;
  if (!slot) return 0;
  *login = copy(slot->value);
  drop(&s->by_qp, slot);
  return *login ? 1 : -1;
}

static void free_ties(ties *t)
{
  size_t i;
  for (i = 0; i < t->table.size; i++) free(t->table.slots[i].value);
  qq_table_free(&t->table);
}

void qq_smtp_free(qq_smtp *s)
{
  free_ties(&s->by_qp);
  free_ties(&s->by_pid);
  free(s);
}
