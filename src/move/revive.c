#include <string.h>
#include <skalibs/bytestr.h>
#include <qq/domains.h>
#include <qq/move.h>
#include <qq/qsbmf.h>

/* qmail-send.c:addbounce ends each paragraph with an empty line, and leaves none in it. */
static qq_piece take_paragraph(qq_piece *rest)
{
  static char const end[] = "\n\n";
  qq_piece paragraph = *rest;
  size_t const n = byte_search(rest->s, rest->n, end, 2);
  if (n + 2 <= rest->n) paragraph.n = n + 2;
  qq_piece_skip(rest, paragraph.n);
  return paragraph;
}

/* The recipient that the paragraph tells of. Returns 1; 0: it tells of none; or -1. */
static int read_recipient(qq_qsbmf *q, qq_piece text)
{
  int r;
  qq_qsbmf_start_file(q);
  r = qq_qsbmf_feed(q, &text.s, &text.n);
  if (!r) r = qq_qsbmf_feed(q, &text.s, &text.n);
  return r == 2 ? 0 : r;
}

static int is_address(stralloc const *s)
{
  return s->len && s->len < QQ_ADDRESS_MAX && !memchr(s->s, 0, s->len);
}

/* Says whether an entry of virtualdomains for that single user puts something in front of it. */
static int is_of_user(qq_settings const *settings, char const *address)
{
  qq_route route = QQ_ROUTE_ZERO;
  int r = qq_route_find(&route, settings, address);
  if (r > 0) r = route.kind == QQ_ROUTE_VIRTUAL && memchr(route.entry.s, '@', route.entry.n);
  qq_route_free(&route);
  return r;
}

/* The prefix of a domain is off already (qmail-send.c:stripvdomprepend), that of a single user is
   not. */
static int add_original(stralloc *envelope, qq_settings const *settings, stralloc *failed)
{
  stralloc original = STRALLOC_ZERO;
  stralloc const *address = failed;
  int r = stralloc_0(failed) ? qq_route_original(&original, settings, failed->s, 1) : -1;
  if (r > 0) r = stralloc_0(&original) ? is_of_user(settings, original.s) : -1;
  if (r > 0) address = &original;
  if (r >= 0) r = stralloc_append(envelope, QQ_RECORD_RECIPIENT)
    && qq_append(envelope, address->s, address->len) ? 1 : -1;
  stralloc_free(&original);
  return r;
}

/* Returns 1 if it is due again; 0: it stays in the bounce; or -1. */
static int revive(qq_arrival *a, qq_settings const *settings, qq_matcher *matcher,
  qq_piece paragraph, qq_qsbmf *failure)
{
  int r = read_recipient(failure, paragraph);
  if (r > 0) r = is_address(&failure->address) ? qq_match(matcher, paragraph.s, paragraph.n) : 0;
  return r > 0 ? add_original(&a->envelope, settings, &failure->address) : r;
}

int qq_revive(qq_arrival *a, qq_settings const *settings, qq_matcher *matcher)
{
  qq_qsbmf failure = QQ_QSBMF_ZERO;
  stralloc kept = STRALLOC_ZERO;
  qq_piece rest = qq_piece_of(&a->bounce);
  int revived = 0, r = 0;
  if (a->envelope.len) a->envelope.len--;       /* the empty record comes again */
  while (rest.n && r >= 0) {
    qq_piece const paragraph = take_paragraph(&rest);
    r = revive(a, settings, matcher, paragraph, &failure);
    if (!r && !qq_append(&kept, paragraph.s, paragraph.n)) r = -1;
    revived |= r > 0;
  }
  qq_qsbmf_free(&failure);
  stralloc_free(&a->bounce);
  a->bounce = kept;
  return r >= 0 && stralloc_0(&a->envelope) ? revived : -1;
}
