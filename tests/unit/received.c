/* received - where a message comes from, as qmail's Received lines have it. */

#include <qq/received.h>
#include "tap.h"

#define NETWORK "Received: (qmail 1 invoked from network); 20 Nov 2026 12:38:44 -0000\n"

static struct {
  char const *text;
  qq_invoked invoked;
  unsigned long uid;
  char const *ip;
} const table[] = {
  { "", QQ_INVOKED_UNKNOWN, 0, "" },
  { "Received: (qmail 4711 invoked by uid 1000); 20 Nov 2026 12:38:44 -0000\n", QQ_INVOKED_BY_UID,
      1000, "" },
  { "Received: (qmail 4711 invoked by uid 0); 20 Nov 2026 12:38:44 -0000\nReceived: from a "
    "(1.2.3.4)\n",
      QQ_INVOKED_BY_UID, 0, "" },
  { "Received: (qmail 4711 invoked by alias); 20 Nov 2026 12:38:44 -0000\nReceived: from a "
    "(1.2.3.4)\n",
      QQ_INVOKED_BY_ALIAS, 0, "" },
  { "Received: (qmail 4711 invoked for bounce); 20 Nov 2026 12:38:44 -0000\nReceived: from a "
    "(1.2.3.4)\n",
      QQ_INVOKED_FOR_BOUNCE, 0, "" },
  { "Received: (indimail-mta 4711 invoked by uid 555); Thu, 25 Jun 2020 08:00:09 +0000\n",
      QQ_INVOKED_BY_UID, 555, "" },
  { "Received: (qmail 4711 invoked by uid 1000); 20 Nov 2026", QQ_INVOKED_UNKNOWN, 0, "" },
  { "Received: (qmail 4711 invoked by uid 99999999999999999999); x\n", QQ_INVOKED_UNKNOWN, 0, "" },
  { "Received: (qmail 4711 invoked by uid x); x\n", QQ_INVOKED_UNKNOWN, 0, "" },
  { "Received: (qmail x invoked by uid 1); x\n", QQ_INVOKED_UNKNOWN, 0, "" },
  { "Received: (qmail 1 invoked by someone); x\n", QQ_INVOKED_UNKNOWN, 0, "" },
  { "Subject: x\n" NETWORK "Received: from a (1.2.3.4)\n", QQ_INVOKED_UNKNOWN, 0, "" },
  { NETWORK
      "Received: from unknown (HELO x) (1.2.3.4)\n  by b with SMTP; 20 Nov 2026 12:38:44 -0000\n",
      QQ_INVOKED_FROM_NETWORK, 0, "1.2.3.4" },
  { NETWORK "Received: from unknown (HELO x) (user@1.2.3.4)\n  by b\n", QQ_INVOKED_FROM_NETWORK, 0,
      "1.2.3.4" },
  { NETWORK "Received: from x (a@b@[91.34.210.176])\n          (envelope-sender <x@aon.at>)\n",
      QQ_INVOKED_FROM_NETWORK, 0, "91.34.210.176" },
  { NETWORK "Received: from unknown (HELO ?82.141.7.8?) (pl@kamp.de@::ffff:82.141.7.8)\n by b\n",
      QQ_INVOKED_FROM_NETWORK, 0, "82.141.7.8" },
  { NETWORK "Received: from x (2001:0DB8:0:0:0::1)\n", QQ_INVOKED_FROM_NETWORK, 0, "2001:db8::1" },
  { NETWORK "Received: from x (HELO 1.2.3.4) (unknown)\n", QQ_INVOKED_FROM_NETWORK, 0, "" },
  { NETWORK "Received: from x (HELO y)\n  by z (1.2.3.4)\n", QQ_INVOKED_FROM_NETWORK, 0, "" },
  { NETWORK "Received: from x (1.2.3.4) (envelope-sender <a@5.6.7.8>)\n", QQ_INVOKED_FROM_NETWORK,
      0, "" },
  { NETWORK "Received: from x (1.2.3.4) y\n", QQ_INVOKED_FROM_NETWORK, 0, "" },
  { NETWORK "Received: from x 1.2.3.4)\n", QQ_INVOKED_FROM_NETWORK, 0, "" },
  { NETWORK "Received: from x@1.2.3.4)\n", QQ_INVOKED_FROM_NETWORK, 0, "" },
  { NETWORK "Received: from x (1.2.3.256)\n", QQ_INVOKED_FROM_NETWORK, 0, "" },
  { NETWORK "Received: from x ()\n", QQ_INVOKED_FROM_NETWORK, 0, "" },
  { NETWORK "Received: from x ([])\n", QQ_INVOKED_FROM_NETWORK, 0, "" },
  { NETWORK "Received: from x (1.2.3.4)", QQ_INVOKED_FROM_NETWORK, 0, "" },
  { NETWORK "Received-SPF: pass\nReceived: from x (1.2.3.4)\n", QQ_INVOKED_FROM_NETWORK, 0, "" },
  { NETWORK "Received: by simscan 1.4.0 ppid: 1, pid: 2, t: 0.1s\nReceived: from x (1.2.3.4)\n",
      QQ_INVOKED_FROM_NETWORK, 0, "" },
  { NETWORK "\nReceived: from x (1.2.3.4)\n", QQ_INVOKED_FROM_NETWORK, 0, "" },
  { NETWORK " Received: from x (1.2.3.4)\n", QQ_INVOKED_FROM_NETWORK, 0, "" },
};

int main(void)
{
  size_t i;
  qq_received r;
  for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
    qq_received_parse(&r, table[i].text, strlen(table[i].text));
    ok(r.invoked == table[i].invoked && r.uid == table[i].uid,
        table[i].text[0] ? "invoked" : "nothing");
    is_bytes(r.ip, strlen(r.ip), table[i].ip, strlen(table[i].ip), "address");
    if (tap_failures) tap_show("text", table[i].text, strlen(table[i].text));
  }
  qq_received_parse(&r, 0, 0);
  ok(r.invoked == QQ_INVOKED_UNKNOWN, "no text at all");
  qq_received_parse(&r, BYTES(NETWORK "Received: from x (1.2.3.4\0)\n"));
  is_bytes(r.ip, strlen(r.ip), "", 0, "a NUL in the address");
  return done();
}
