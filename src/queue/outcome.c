#include <errno.h>
#include <qq/change.h>

char const *qq_outcome_word(qq_outcome outcome)
{
  static char const *const words[QQ_OUTCOMES] = {
    "removed", "silenced", "held", "released", "expired", "restored",
    "requeued", "unchanged", "unmatched", "gone", "unfinished", "failed",
    "waiting"
  };
  return words[outcome];
}

qq_outcome qq_outcome_failed(qq_pin const *pin, char const *text, unsigned int tree, stralloc *why)
{
  stralloc name = STRALLOC_ZERO;
  if (qq_queue_file(&name, pin->shard->queue, tree, pin->id) && stralloc_0(&name))
    qq_unable_with(why, text, name.s);
  stralloc_free(&name);
  return QQ_OUTCOME_FAILED;
}

qq_outcome qq_outcome_missed(qq_pin const *pin, char const *text, unsigned int tree, stralloc *why)
{
  return errno == ENOENT ? QQ_OUTCOME_GONE : qq_outcome_failed(pin, text, tree, why);
}

qq_outcome qq_outcome_because(qq_outcome outcome, qq_pin const *pin, unsigned int tree,
  char const *text, stralloc *why)
{
  qq_queue_refuse(why, errno, pin->shard->queue, tree, pin->id, text);
  return outcome;
}
