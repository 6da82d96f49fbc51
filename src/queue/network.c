#include <arpa/inet.h>
#include <string.h>
#include <qq/select.h>

#define MAPPED_BITS 96u

static unsigned char const mapped[MAPPED_BITS / 8] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

static int is_mapped(unsigned char const *address)
{
  return !memcmp(address, mapped, sizeof mapped);
}

/* Returns how many bits the address may have behind a slash, or 0: it is none. */
static unsigned int scan_address(unsigned char *address, char const *text)
{
  if (inet_pton(AF_INET6, text, address) == 1) return 128;
  memcpy(address, mapped, sizeof mapped);
  return inet_pton(AF_INET, text, address + sizeof mapped) == 1 ? 32 : 0;
}

int qq_network_scan(qq_network *network, char const *s)
{
  char text[INET6_ADDRSTRLEN];
  size_t const n = strcspn(s, "/");
  unsigned int most;
  uint64_t bits;
  if (n >= sizeof text) return 0;
  memcpy(text, s, n);
  text[n] = 0;
  most = scan_address(network->address, text);
  bits = most;
  if (!most || (s[n] && !qq_number_scan(s + n + 1, strlen(s + n + 1), &bits)) || bits > most)
    return 0;
  network->bits = (unsigned int)bits + (most == 32 ? MAPPED_BITS : 0);
  return 1;
}

int qq_network_has(qq_network const *network, char const *ip)
{
  unsigned char address[16];
  unsigned int const whole = network->bits / 8, more = network->bits % 8;
  if (!scan_address(address, ip)) return 0;
  if (is_mapped(address) != (is_mapped(network->address) && network->bits >= MAPPED_BITS)) return 0;
  return !memcmp(address, network->address, whole)
    && (!more || !((address[whole] ^ network->address[whole]) >> (8 - more)));
}
