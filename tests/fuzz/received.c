/* Received lines: an address is one; of a part of it the same is said, or nothing. */

#include <arpa/inet.h>
#include <qq/received.h>
#include "fuzz.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  fuzz_input const in = fuzz_cut(data, size);
  qq_received whole, part;
  unsigned char address[16];
  qq_received_parse(&whole, in.s, in.n);
  qq_received_parse(&part, in.s, in.cut);
  promise(memchr(whole.ip, 0, sizeof(whole.ip)) != 0, "the address ends");
  promise(!*whole.ip || whole.invoked == QQ_INVOKED_FROM_NETWORK, "an address means from network");
  promise(
      !*whole.ip || inet_pton(strchr(whole.ip, ':') ? AF_INET6 : AF_INET, whole.ip, address) == 1,
      "the address is one");
  promise(whole.invoked == QQ_INVOKED_BY_UID || !whole.uid, "a uid means by uid");
  promise(part.invoked == whole.invoked || part.invoked == QQ_INVOKED_UNKNOWN,
      "a part says the same or nothing");
  promise(!*part.ip || !strcmp(part.ip, whole.ip), "a part has the same address or none");
  return 0;
}
