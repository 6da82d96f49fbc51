#include <errno.h>
#include <string.h>
#include <qq/change.h>
#include <qq/text.h>

char const *qq_outcome_word(qq_outcome outcome)
{
  static char const *const words[QQ_OUTCOMES] = {
    N_("removed"), N_("silenced"), N_("held"), N_("released"), N_("expired"), N_("restored"), N_("unchanged"), N_("gone"), N_("unfinished"),
    N_("failed"), N_("waiting")
  };
  return words[outcome];
}

qq_outcome qq_outcome_failed(qq_shard const *shard, char const *what, unsigned int tree, uint64_t id, stralloc *why)
{
  if (qq_say(why, _("unable to %s "), what) && qq_queue_file(why, shard->queue, tree, id)) qq_unable(why, "%s", "");
  return QQ_OUTCOME_FAILED;
}

void qq_outcome_why(qq_shard const *shard, unsigned int tree, uint64_t id, char const *text, stralloc *why)
{
  int const e = errno;
  if (qq_queue_file(why, shard->queue, tree, id)) qq_say(why, ": %s", text);
  errno = e;
}
