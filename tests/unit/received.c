/* received - where a message comes from, as qmail's Received lines have it. */

#include <qq/header.h>
#include "tap.h"

#define NETWORK "Received: (qmail 1 invoked from network); 20 Nov 2026 12:38:44 -0000\n"
#define INDIMAIL "Received: (indimail-mta 1 invoked "
#define TODAY "Received: indimail-mta queue 1"
/* What is found if what is above it does not end the search. */
#define BELOW "Received: from x (HELO y) (u@d@1.2.3.4)\n  by z with ESMTPA; x\n"
#define SENT(field, ip, login, claimed) \
  { NETWORK "Received: " field, QQ_INVOKED_FROM_NETWORK, 0, ip, login, claimed },

static struct {
  char const *text;
  qq_invoked invoked;
  unsigned long uid;
  char const *ip, *login, *claimed;     /* the last two: null for none */
} const table[] = {
  { "", QQ_INVOKED_UNKNOWN, 0, "", 0, 0 },
  { "Received: (qmail 4711 invoked by uid 1000); 20 Nov 2026 12:38:44 -0000\n", QQ_INVOKED_BY_UID,
      1000, "", 0, 0 },
  { "Received: (qmail 4711 invoked by uid 0); 20 Nov 2026 12:38:44 -0000\nReceived: from a "
    "(1.2.3.4)\n",
      QQ_INVOKED_BY_UID, 0, "1.2.3.4", 0, 0 },
  { "Received: (qmail 4711 invoked by alias); 20 Nov 2026 12:38:44 -0000\nReceived: from a "
    "(1.2.3.4)\n",
      QQ_INVOKED_BY_ALIAS, 0, "", 0, 0 },
  { "Received: (qmail 4711 invoked for bounce); 20 Nov 2026 12:38:44 -0000\nReceived: from a "
    "(1.2.3.4)\n",
      QQ_INVOKED_FOR_BOUNCE, 0, "", 0, 0 },
  { "Received: (indimail-mta 4711 invoked by uid 555); Thu, 25 Jun 2020 08:00:09 +0000\n",
      QQ_INVOKED_BY_UID, 555, "", 0, 0 },
  { "Received: (qmail 4711 invoked by uid 1000); 20 Nov 2026", QQ_INVOKED_UNKNOWN, 0, "", 0, 0 },
  { "Received: (qmail 4711 invoked by uid 99999999999999999999); x\n",
      QQ_INVOKED_UNKNOWN, 0, "", 0, 0 },
  { "Received: (qmail 4711 invoked by uid x); x\n", QQ_INVOKED_UNKNOWN, 0, "", 0, 0 },
  { "Received: (qmail x invoked by uid 1); x\n", QQ_INVOKED_UNKNOWN, 0, "", 0, 0 },
  { "Received: (qmail 1 invoked by someone); x\n", QQ_INVOKED_UNKNOWN, 0, "", 0, 0 },
  { "Subject: x\n" NETWORK "Received: from a (1.2.3.4)\n", QQ_INVOKED_UNKNOWN, 0, "", 0, 0 },
  /* qmail-smtpd's, in the forms of its kin */
  SENT("from unknown (HELO x) (1.2.3.4)\n  by b with SMTP; 20 Nov 2026 12:38:44 -0000\n", "1.2.3.4",
      0, 0)
  SENT("from unknown (HELO x) (user@1.2.3.4)\n  by b\n", "1.2.3.4", 0, "user")
  SENT("from unknown (HELO x) (user@1.2.3.4)\n  by b with ESMTPA; x\n", "1.2.3.4", "user", 0)
  SENT("from unknown (HELO x) (user@1.2.3.4)\n  by b with ESMTPSA (C encrypted); x\n", "1.2.3.4",
      "user", 0)
  SENT("from unknown (HELO x) (user@1.2.3.4)\n  by b with UTF8SMTPA; x\n", "1.2.3.4", "user", 0)
  SENT("from unknown (HELO x) (user@1.2.3.4)\n  by b with ESMTPS (C encrypted, authenticated); x\n",
      "1.2.3.4", "user", 0)
  SENT("from unknown (HELO x) (user@1.2.3.4)\n  by b with (C encrypted) ESMTPS; x\n", "1.2.3.4", 0,
      "user")
  SENT("from unknown (HELO x) (user@1.2.3.4 with login)\n  by b with SMTP; x\n", "1.2.3.4", "user",
      0)
  SENT("from unknown (HELO x) (u@d.example@1.2.3.4)\n  by b with SMTP; x\n", "1.2.3.4",
      "u@d.example", 0)
  SENT("from unknown (HELO ESMTPA) (user@1.2.3.4)\n  by b with SMTP; x\n", "1.2.3.4", 0, "user")
  SENT("from a b with ESMTPA (HELO x) (user@1.2.3.4)\n", "", 0, 0)
  SENT("from x (a@b@[91.34.210.176])\n          (envelope-sender <x@aon.at>)\n          by b "
       "(qmail-ldap-1.03) with SMTP\n          for <c@d>; x\n",
      "91.34.210.176", "a@b", 0)
  SENT("from x (a@b@[91.34.210.176]) (envelope-sender <x@aon.at>)\n          by b with SMTP\n",
      "91.34.210.176", "a@b", 0)
  SENT("from x (HELO y) (Authenticated_SSL:ann@[10.2.10.44])\n  by b with C encrypted SMTP\n",
      "10.2.10.44", "ann", 0)
  SENT("from unknown (HELO ?82.141.7.8?) (pl@kamp.de@::ffff:82.141.7.8)\n by b\n", "82.141.7.8",
      "pl@kamp.de", 0)
  SENT("from x (2001:0DB8:0:0:0::1)\n", "2001:db8::1", 0, 0)
  SENT("from x (HELO y) (ann@2001:DB8::1)\n  de/crypted with TLSv1.3: C DN=none\n  by b with "
       "ESMTPSA; x\n",
      "2001:db8::1", "ann", 0)
  SENT("from x (HELO y z) (ann with b@1.2.3.4)\n  by b with ESMTPA; x\n", "1.2.3.4", "ann with b",
      0)
  SENT("from x (HELO y)\n (ann@b@203.59.235.95)\n by c with ESMTPA; x\n", "203.59.235.95", "ann@b",
      0)
  SENT("from x (HELO y) (ann@unknown)\n  by c with ESMTPA; x\n", "", "ann", 0)
  SENT("from x (HELO y) (unknown)\n  by c with ESMTPA; x\n", "", 0, 0)
  SENT("from x (HELO y) (@1.2.3.4)\n  by c with ESMTPA; x\n", "1.2.3.4", 0, 0)
  /* with the name in a place of its own */
  SENT("from x (HELO y) (smtp-auth username ann@b, mechanism login)\n  (1.2.3.4)\n  by c with (C "
       "encrypted) SMTP; x\n",
      "1.2.3.4", "ann@b", 0)
  SENT("from x (HELO y) (1.2.3.4)\n  (smtp-auth username ann, mechanism plain)\n  by c "
       "(qpsmtpd/0.84) with ESMTPA; x\n",
      "1.2.3.4", "ann", 0)
  /* sagredo's, of clients that may relay */
  SENT("(HELO y) (ann@b.example)\n  by c with ESMTPA; x\n", "", "ann@b.example", 0)
  SENT("from x (HELO y) (ann)\n  by c with ESMTPSA (C encrypted); x\n", "", "ann", 0)
  SENT("from x (HELO y) ()\n  by c with ESMTPS (C encrypted); x\n", "", 0, 0)
  SENT("(HELO y) ()\n  by c with SMTP; x\nReceived: from x (HELO y) (1.2.3.4)\n", "", 0, 0)
  /* indimail's, and ofmipd's */
  SENT("indimail-mta smtpd 37166 from x (HELO y) (ann@b@::1)\n  by c with ESMTPSA (C); x\n", "::1",
      "ann@b", 0)
  SENT("indimail-mta smtpd 37166 (HELO y) (ann@b@1.2.3.4)\n  by c with ESMTPA; x\n", "1.2.3.4",
      "ann@b", 0)
  SENT("indimail-mta smtpd 37166 from x (HELO y)  by c with ESMTP; x\n" BELOW, "", 0, 0)
  SENT("(ofmipd 1.2.3.4); x\n", "1.2.3.4", 0, 0)
  SENT("(ofmipd ann?b@1.2.3.4); x\n", "1.2.3.4", 0, "ann?b")
  SENT("(ofmipd unknown); x\n" BELOW, "", 0, 0)
  /* what stands in between */
  { NETWORK "Received-SPF: pass\nX-Spam: no\n  at all\n" BELOW, QQ_INVOKED_FROM_NETWORK, 0,
      "1.2.3.4", "u@d", 0 },
  SENT("by simscan 1.4.0 ppid: 1, pid: 2, t: 0.1s\n         scanners: clamav: 0.1\n" BELOW,
      "1.2.3.4", "u@d", 0)
  SENT("from 1.2.3.5 by b (envelope-from <x@SMTP.example>, uid 1002) with qmail-scanner-1.25 \n "
       "(clamdscan: 0.1. \n Processed in 1 secs); x\n" BELOW,
      "1.2.3.4", "u@d", 0)
  SENT("from a by b by uid 7791 with qmail-scanner-1.14 (spam: 2. Processed in 0.2 secs)\n" BELOW,
      "1.2.3.4", "u@d", 0)
  SENT("from localhost by b\r\n\twith SpamAssassin (version 3.4.0);\r\n\tx\n" BELOW, "1.2.3.4",
      "u@d", 0)
  /* what ends the search: another server, another queue, the end of the header */
  SENT("by b with UTF8SMTPSA (C encrypted, authenticated); x\n" BELOW, "", 0, 0)
  SENT("from x (y [1.2.3.5])\n  by b (Postfix) with ESMTP id 7\n" BELOW, "", 0, 0)
  SENT("from x (y [1.2.3.5]) by b with esmtps (Exim 4.69)\n" BELOW, "", 0, 0)
  { NETWORK "Delivered-To: a@b\n" NETWORK BELOW, QQ_INVOKED_FROM_NETWORK, 0, "", 0, 0 },
  SENT("(nullmailer pid 7 invoked by uid 8);\n  x\n" BELOW, "", 0, 0)
  SENT("indimail-mta queue 7 by host b\n (invoked by uid 8);\n  x\n" BELOW, "", 0, 0)
  { NETWORK "\n" BELOW, QQ_INVOKED_FROM_NETWORK, 0, "", 0, 0 },
  { NETWORK "\r\n" BELOW, QQ_INVOKED_FROM_NETWORK, 0, "", 0, 0 },
  { NETWORK "no field\n" BELOW, QQ_INVOKED_FROM_NETWORK, 0, "", 0, 0 },
  { NETWORK ": none\n" BELOW, QQ_INVOKED_FROM_NETWORK, 0, "", 0, 0 },
  { NETWORK " " BELOW, QQ_INVOKED_FROM_NETWORK, 0, "", 0, 0 },
  /* no address, or not where it belongs */
  SENT("from x (HELO 1.2.3.4) (unknown)\n", "", 0, 0)
  SENT("from x (HELO y)\n  by z (1.2.3.4)\n", "", 0, 0)
  SENT("from x (1.2.3.4) y\n", "", 0, 0)
  SENT("from x 1.2.3.4)\n", "", 0, 0)
  SENT("from x@1.2.3.4)\n", "", 0, 0)
  SENT("from x (1.2.3.256)\n", "", 0, 0)
  SENT("from x (a\tb@1.2.3.4)\n", "", 0, 0)
  SENT("from x ()\n", "", 0, 0)
  SENT("from x ([])\n", "", 0, 0)
  { NETWORK "Received: from x (1.2.3.4)", QQ_INVOKED_FROM_NETWORK, 0, "", 0, 0 },
  /* indimail's qmail-queue says the address itself */
  { INDIMAIL "from network); x\n" BELOW, QQ_INVOKED_FROM_NETWORK, 0, "1.2.3.4", "u@d", 0 },
  { INDIMAIL "from 127.0.0.1 by host b by uid 555); x\n", QQ_INVOKED_BY_UID, 555, "127.0.0.1", 0,
      0 },
  { INDIMAIL "from 127.0.0.1 by host b by uid 555); x\n" BELOW, QQ_INVOKED_BY_UID, 555, "1.2.3.4",
      "u@d", 0 },
  { INDIMAIL "from 127.0.0.1 by uid 555); x\n", QQ_INVOKED_UNKNOWN, 0, "", 0, 0 },
  { TODAY " by host b\n (invoked by alias);\n  x\n" BELOW, QQ_INVOKED_BY_ALIAS, 0, "", 0, 0 },
  { TODAY " by host b\n (invoked for bounce);\n  x\n" BELOW, QQ_INVOKED_FOR_BOUNCE, 0, "", 0, 0 },
  { TODAY " by host b\n (invoked by uid 555);\n  x\n", QQ_INVOKED_BY_UID, 555, "", 0, 0 },
  { TODAY " by host b\n (invoked from network ::1, by uid 555);\n  x\n", QQ_INVOKED_BY_UID, 555,
      "::1", 0, 0 },
  { TODAY " by host b (invoked from network ::1, by uid 555); x\n" BELOW, QQ_INVOKED_BY_UID, 555,
      "1.2.3.4", "u@d", 0 },
  { TODAY "(invoked from network, by uid 555);\n  x\n", QQ_INVOKED_BY_UID, 555, "", 0, 0 },
  { TODAY " by host b\n", QQ_INVOKED_UNKNOWN, 0, "", 0, 0 },
};

static void is_login(qq_piece login, char const *expected, char const *name)
{
  is_bytes(login.s, login.n, expected ? expected : "", expected ? strlen(expected) : 0, name);
}

static void is_origin(qq_origin const *o, char const *ip, char const *login)
{
  is_bytes(o->ip, strlen(o->ip), ip, strlen(ip), "address");
  is_login(o->login, login, "login");
}

/* Nothing that is cut off is taken for what it might not have been. */
static void in_parts(char const *text, size_t n, qq_received const *whole)
{
  size_t i;
  int good = 1;
  for (i = 0; i < n; i++) {
    qq_received r;
    int const decided = qq_received_parse(&r, text, i, n);
    if (decided) good &= r.invoked == whole->invoked && !strcmp(r.origin.ip, whole->origin.ip)
      && r.origin.login.n == whole->origin.login.n && r.claimed.login.n == whole->claimed.login.n;
  }
  ok(good, "of a part the same is said, or nothing");
}

int main(void)
{
  size_t i;
  qq_received r;
  for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
    size_t const n = strlen(table[i].text);
    ok(qq_received_parse(&r, table[i].text, n, n) == 1, "the whole text decides");
    ok(r.invoked == table[i].invoked && r.uid == table[i].uid, n ? "invoked" : "nothing");
    is_origin(&r.origin, table[i].ip, table[i].login);
    is_login(r.claimed.login, table[i].claimed, "claimed");
    in_parts(table[i].text, n, &r);
    if (tap_failures) tap_show("text", table[i].text, n);
  }
  ok(qq_received_parse(&r, 0, 0, 0) == 1 && r.invoked == QQ_INVOKED_UNKNOWN, "no text at all");
  qq_received_parse(&r, BYTES(NETWORK "Received: from x (1.2.3.4\0)\n"), 1000);
  is_origin(&r.origin, "", 0);
  qq_received_parse(&r, BYTES("Received: (qmail 1 invoked by uid 7); x\n" BELOW), 1000);
  is_origin(&r.origin, "", 0);
  qq_received_parse(&r, BYTES("Received: (qmail 1 invoked by uid 7); x\n" BELOW "\n"), 1000);
  is_origin(&r.origin, "1.2.3.4", "u@d");
  qq_received_disbelieve(&r);
  is_origin(&r.origin, "", 0);
  is_origin(&r.claimed, "1.2.3.4", "u@d");
  qq_received_parse(&r, BYTES(NETWORK "Received: from x (ident@1.2.3.4)\n\n"), 1000);
  qq_received_disbelieve(&r);
  is_origin(&r.claimed, "1.2.3.4", "ident");
  return done();
}
