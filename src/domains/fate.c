#include <skalibs/bytestr.h>
#include <qq/domains.h>
#include <qq/dotqmail.h>
#include <qq/text.h>

/* So many forwards one after the other are a circle: qmail-local finds its own Delivered-To. */
#define FORWARDS_MAX 20

/* What is the same all the way. */
typedef struct way {
  qq_settings const *all;
  qq_users const *users;
  qq_built const *built;
  stralloc *last, *why;
} way;

static int follow(way const *, char const *address, unsigned int forwards);

/* Of what one line after the other comes to: the worst of it, unless that is just not known. */
static qq_fate fate_of(qq_verdict_kind kind)
{
  if (QQ_VERDICT_IS_UNKNOWN(kind)) return QQ_FATE_UNKNOWN;
  if (!QQ_VERDICT_FAILS(kind)) return QQ_FATE_ACCEPTED;
  return kind < QQ_VERDICT_HOMELESS ? QQ_FATE_BOUNCES : QQ_FATE_DEFERRED;
}

qq_fate qq_fate_of_delivery(qq_dotqmail const *q)
{
  qq_verdict const *v = genalloc_s(qq_verdict, &q->verdicts);
  size_t const n = genalloc_len(qq_verdict, &q->verdicts);
  qq_fate fate = QQ_FATE_ACCEPTED;
  size_t i;
  for (i = 0; i < n && fate == QQ_FATE_ACCEPTED; i++) fate = fate_of(v[i].kind);
  return fate;
}

static int follow_forward(way const *w, qq_piece const *address, unsigned int forwards)
{
  stralloc copy = STRALLOC_ZERO;
  int r = -1;
  if (qq_copy(&copy, address->s, address->n) && stralloc_0(&copy))
    r = follow(w, copy.s, forwards + 1);
  else qq_unable(w->why, "%s", _("unable to follow a forward"));
  stralloc_free(&copy);
  return r;
}

/* The delivery itself, and if nothing is wrong with that, where it forwards to. */
static int judge(way const *w, qq_piece const *fields, unsigned int forwards)
{
  int fate;
  qq_dotqmail q;
  size_t i, n;
  qq_verdict const *v;
  if (!qq_dotqmail_judge(&q, fields, w->built->patrn))
    return qq_unable(w->why, "%s", _("unable to look at a home"));
  v = genalloc_s(qq_verdict, &q.verdicts);
  n = genalloc_len(qq_verdict, &q.verdicts);
  fate = (int)qq_fate_of_delivery(&q);
  for (i = 0; i < n && fate == QQ_FATE_ACCEPTED; i++)
    if (v[i].kind == QQ_VERDICT_FORWARD) fate = follow_forward(w, &v[i].what, forwards);
  qq_dotqmail_free(&q);
  return fate;
}

static int deliver(way const *w, stralloc const *recipient, unsigned int forwards)
{
  size_t const n = byte_rchr(recipient->s, recipient->len, '@');
  qq_taker t = QQ_TAKER_ZERO;
  int r = qq_taker_find(&t, w->users, w->built, recipient->s, n, w->why);
  /* qmail-lspawn does not deliver as root */
  if (r > 0) r = t.kind == QQ_TAKER_NOBODY || !qq_assign_id(&t.fields[QQ_ASSIGN_UID])
    ? QQ_FATE_DEFERRED : judge(w, t.fields, forwards);
  qq_taker_free(&t);
  return r;
}

static int follow(way const *w, char const *address, unsigned int forwards)
{
  qq_route route = QQ_ROUTE_ZERO;
  int r = -1;
  if (!qq_copy_string(w->last, address) || qq_route_find(&route, w->all, address) < 0)
    qq_unable(w->why, _("unable to find the route of %s"), address);
  else if (forwards == FORWARDS_MAX) r = QQ_FATE_BOUNCES;
  else r = qq_route_is_here(&route)
    ? deliver(w, &route.recipient, forwards) : QQ_FATE_ACCEPTED;
  qq_route_free(&route);
  return r;
}

int qq_fate_find(stralloc *last, qq_settings const *all, qq_users const *users,
  qq_built const *built, char const *address, stralloc *why)
{
  way const w = { all, users, built, last, why };
  return follow(&w, address, 0);
}
