/* nearest - which name somebody meant who mistyped one. */

#include <qq/text.h>
#include "tap.h"

static char const *const names[] = { "from", "from-list", "to", "top", "older", "concurrencylocal",
  "concurrencyremote", "subject", "status", "start" };

static struct { char const *name, *given, *nearest; } const table[] = {
  { "two letters exchanged", "form", "from" }, { "one left out", "sbject", "subject" },
  { "one too many", "ollder", "older" }, { "another one", "suvject", "subject" },
  { "two slips in a long name", "concurencyremot", "concurrencyremote" },
  { "the nearer of two", "concurrencylocl", "concurrencylocal" },
  { "a beginning", "stat", "status" }, { "a beginning, too short to be one", "st", 0 },
  { "something else", "nonsense", 0 }, { "nothing", "", 0 }, { "all letters wrong", "xy", 0 },
  { "too long for any",
    "0123456789012345678901234567890123456789012345678901234567890123456789", 0 },
};

int main(void)
{
  size_t i, j;
  for (i = 0; i < sizeof table / sizeof *table; i++) {
    qq_nearest p = QQ_NEAREST(table[i].given, strlen(table[i].given));
    char const *expected = table[i].nearest ? table[i].nearest : "nobody";
    for (j = 0; j < sizeof names / sizeof *names; j++) qq_nearest_look(&p, names[j]);
    ok(!strcmp(p.nearest ? p.nearest : "nobody", expected), table[i].name);
  }
  return done();
}
