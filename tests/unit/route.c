/* route.c - what recipients in the queue were before qmail-send rewrote them: sent again, they
   become the same, by the same channel. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <qq/domains.h>
#include <qq/settings.h>
#include "tap.h"

static qq_settings settings = QQ_SETTINGS_ZERO;

static void put(char const *name, char const *text)
{
  if (!qq_settings_put(&settings, name, 1, text, strlen(text))) exit(111);
}

static void was(char const *stored, int is_local, char const *expected, char const *why)
{
  stralloc out = STRALLOC_ZERO;
  int const r = qq_route_original(&out, &settings, stored, is_local);
  if (!expected) ok(!r && !out.len, why);
  else if (!ok(r == 1, why)) printf("# returned %d\n", r);
  else is_bytes(out.s, out.len, expected, strlen(expected), "");
  stralloc_free(&out);
}

/* Every address that is sent becomes something that is an original of itself. */
static void round_trip(char const *address)
{
  qq_route a = QQ_ROUTE_ZERO, b = QQ_ROUTE_ZERO;
  stralloc original = STRALLOC_ZERO;
  int is_local, r;
  if (qq_route_find(&a, &settings, address) < 0 || !stralloc_0(&a.recipient)) exit(111);
  is_local = a.kind == QQ_ROUTE_LOCAL || a.kind == QQ_ROUTE_VIRTUAL;
  r = qq_route_original(&original, &settings, a.recipient.s, is_local);
  if (r < 0 || !stralloc_0(&original) || qq_route_find(&b, &settings, original.s) < 0
    || !stralloc_0(&b.recipient)) exit(111);
  if (!ok(r == 1 && !strcmp(a.recipient.s, b.recipient.s) && a.kind == b.kind, address))
    printf("# %s, from %s\n", a.recipient.s, original.s);
  stralloc_free(&original);
  qq_route_free(&a);
  qq_route_free(&b);
}

int main(void)
{
  static char const *const sent[] = { "x", "x@local.test", "x@virtual.test", "x@sub.wild.test",
    "bob@far.test", "ann@far.test", "a%virtual.test@hack.test", "a%b%far.test@hack.test", "x@",
    "@virtual.test", "john-x@virtual.test", "x@out.wild.test", "a-b-c@nested.test", "X@LOCAL.test",
    "x@Virtual.TEST" };
  size_t i;
  put("me", "local.test\n");
  put("locals", "local.test\n");
  put("envnoathost", "local.test\n");
  put("percenthack", "hack.test\n");
  put("virtualdomains", "virtual.test:john\n.wild.test:wild\nout.wild.test:\n"
    "bob@far.test:alias-bob\nnested.test:a-b\n");

  was("ann@local.test", 1, "ann@local.test", "a local one is itself");
  was("ann@far.test", 0, "ann@far.test", "a remote one is itself");
  was("john-x@virtual.test", 1, "x@virtual.test", "a virtual domain");
  was("john-john-x@virtual.test", 1, "john-x@virtual.test", "one that looks like it");
  was("wild-x@sub.wild.test", 1, "x@sub.wild.test", "a domain below one");
  was("alias-bob-bob@far.test", 1, "bob@far.test", "a virtual user");
  was("a-b-a-b@nested.test", 1, "a-b@nested.test", "a prefix with a dash");
  was("x@out.wild.test", 0, "x@out.wild.test", "an exception is remote");
  was("ann@far.test", 1, 0, "a remote one was never local");
  was("ann@local.test", 0, 0, "nor a local one remote");
  was("jim-x@virtual.test", 1, 0, "another prefix");
  was("x@virtual.test", 0, 0, "its domain is virtual now");
  was("a%far.test@hack.test", 0, 0, "it would be hacked again");
  for (i = 0; i < sizeof sent / sizeof *sent; i++) round_trip(sent[i]);
  qq_settings_free(&settings);
  return done();
}
