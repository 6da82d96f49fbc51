/* Received lines: an address is one; of a part of it the same is said, or nothing. */

#include <arpa/inet.h>
#include <qq/header.h>
#include "fuzz.h"

static void keeps_promises(qq_origin const *o, fuzz_input const *in)
{
  unsigned char address[16];
  promise(memchr(o->ip, 0, sizeof(o->ip)) != 0, "the address ends");
  promise(!*o->ip || inet_pton(strchr(o->ip, ':') ? AF_INET6 : AF_INET, o->ip, address) == 1,
      "the address is one");
  promise(!o->login.n
          || (o->login.s >= in->s && o->login.n <= (size_t)(in->s + in->n - o->login.s)),
      "the login is in the text");
  promise(!o->login.n || !memchr(o->login.s, '\n', o->login.n), "the login is in one line");
}

static int is_same(qq_origin const *a, qq_origin const *b)
{
  return !strcmp(a->ip, b->ip) && a->login.n == b->login.n
    && (!a->login.n || a->login.s == b->login.s);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  fuzz_input const in = fuzz_cut(data, size);
  qq_received whole, part;
  promise(qq_received_parse(&whole, in.s, in.n, in.n), "the whole text decides");
  keeps_promises(&whole.origin, &in);
  keeps_promises(&whole.claimed, &in);
  promise(!*whole.claimed.ip, "an address is claimed only by who is not believed");
  promise(!*whole.origin.ip || whole.invoked == QQ_INVOKED_FROM_NETWORK
          || whole.invoked == QQ_INVOKED_BY_UID,
      "an address means from network, or by uid");
  promise(whole.invoked == QQ_INVOKED_BY_UID || !whole.uid, "a uid means by uid");
  if (qq_received_parse(&part, in.s, in.cut, in.n))
    promise(part.invoked == whole.invoked && part.uid == whole.uid
            && is_same(&part.origin, &whole.origin) && is_same(&part.claimed, &whole.claimed),
        "a part that decides says the same");
  qq_received_disbelieve(&whole);
  promise(!*whole.origin.ip && !whole.origin.login.n, "nothing is believed");
  keeps_promises(&whole.claimed, &in);
  return 0;
}
