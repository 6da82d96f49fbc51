/* Lives from any lines: what is said of them agrees with itself, each is over once, and none is
   lost. */

#include <qq/log.h>
#include <qq/qsbmf.h>
#include "fuzz.h"

static void check_served(qq_served const *r, qq_life const *l)
{
  qq_reply reply;
  qq_piece const reason = { r->reason ? r->reason : "", r->reason_length };
  promise(r->life == l, "a recipient is its life's");
  promise(r->attempts > 0 && r->result < QQ_RESULTS, "a recipient was tried");
  promise(r->deferrals <= r->attempts, "no more deferrals than attempts");
  promise(l->end == QQ_END_OPEN || l->end == QQ_END_VANISHED || l->end == QQ_END_UNKNOWN
    || (r->result != QQ_RESULT_UNDER_WAY && r->result != QQ_RESULT_DEFERRED), "at the end");
  promise(r->result != QQ_RESULT_DELIVERED || r->reason, "a result has its text");
  qq_reply_scan(&reply, reason);
  promise(reply.host.n + reply.code.n + reply.enhanced.n <= 3 * reason.n, "a reply is of its text");
  qq_served_child(r);
}

static void check_lives(qq_lives *lives, unsigned char *seen, size_t most)
{
  qq_life *l;
  while ((l = qq_lives_next(lives))) {
    qq_served const *r;
    size_t n = 0;
    promise(l->serial < lives->serial && l->serial < most && !seen[l->serial], "over once");
    seen[l->serial] = 1;
    for (r = l->recipients; r; r = r->next, n++) check_served(r, l);
    promise(n == l->count, "as many as there are");
    promise(qq_life_stream(lives, l)[0] == 's', "a stream has a name");
  }
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  qq_piece text = { (char const *)data, size }, line;
  qq_log_clock clock = { .newest = UINT64_C(1795000000000000000) };
  qq_log_line l;
  qq_lives lives;
  unsigned char *seen = calloc(1, size + 2);
  size_t i;
  promise(seen && qq_lives_init(&lives) > 0, "memory");
  l.set = "set";
  l.set_number = 0;
  while (qq_piece_line(&text, &line)) {
    l.raw = line;
    if (qq_log_line_scan(&l, &clock) != 1) continue;
    promise(qq_lives_take(&lives, &l) > 0, "memory");
    check_lives(&lives, seen, size + 2);
  }
  promise(qq_lives_finish(&lives) > 0, "memory");
  check_lives(&lives, seen, size + 2);
  for (i = 0; i < genalloc_len(uint64_t, &lives.aliases); i += 2)
    seen[genalloc_s(uint64_t, &lives.aliases)[i]] = 1;
  for (i = 0; i < lives.serial; i++) promise(seen[i], "none is lost");
  qq_lives_free(&lives);
  stralloc_free(&clock.decoded);
  free(seen);
  return 0;
}
