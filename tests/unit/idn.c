/* idn - labels in Punycode as they are spelled (src/base/idn.c); what is none stays. */

#include <qq/text.h>
#include "tap.h"

static struct { char const *s, *spelled; } const labels[] = {
  { "", "" },
  { "plain.example", "plain.example" },
  { "xn--bcher-kva.example", "bücher.example" },
  { "XN--BCHER-KVA.Example", "BüCHER.Example" },
  { "anna@xn--bcher-kva.xn--p1ai", "anna@bücher.рф" },
  { "list-7-bob=xn--mnchen-3ya.example@here.example", "list-7-bob=münchen.example@here.example" },
  { "xn--fiqs8s", "中国" },
  { "xn--strae-oqa.example", "straße.example" },
  { "xn--maana-pta.com", "mañana.com" },
  { "xn--e1afmkfd.xn--80akhbyknj4f", "пример.испытание" },
  { "xn--ls8h.la", "\xf0\x9f\x92\xa9.la" },
  { "^.*@xn--bcher-kva\\.example$", "^.*@bücher\\.example$" },
  /* RFC 3492 section 7.1, (L) and (I) */
  { "xn--3B-ww4c5e180e575a65lsy2b", "3\xe5\xb9\xb4" "B\xe7\xb5\x84\xe9\x87\x91\xe5\x85\xab\xe5\x85"
    "\x88\xe7\x94\x9f" },
  { "xn--b1abfaaepdrnnbgefbaDotcwatmq2g4l", "почемужеонинеговорятпорусски" },
  /* none */
  { "xn--", "xn--" }, { "xn--a-", "xn--a-" }, { "xn---kva", "xn---kva" },
  { "xn--bcher-kv", "xn--bcher-kv" }, { "xn--b*cher-kva", "xn--b*cher-kva" },
  { "xn--99999999999", "xn--99999999999" }, { "axn--bcher-kva", "axn--bcher-kva" },
  { "xn--ib9b", "xn--ib9b" },
  { "xn--aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-kva",
    "xn--aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-kva" }
};

static struct { char const *s; int is_in; } const has[] = {
  { "xn--a", 1 }, { "a@XN--a", 1 }, { "xn-", 0 }, { "x--n", 0 }, { "--", 0 }, { "a-b--xn--", 1 },
  { "", 0 }
};

int main(void)
{
  stralloc out = STRALLOC_ZERO;
  size_t i;
  for (i = 0; i < sizeof labels / sizeof *labels; i++) {
    char const *s = labels[i].s;
    out.len = 0;
    ok(qq_idn_spell(&out, s, strlen(s)), "memory");
    is_bytes(out.s, out.len, labels[i].spelled, strlen(labels[i].spelled), s);
    if (strcmp(s, labels[i].spelled)) ok(qq_idn_is_in(s, strlen(s)), "it is seen");
  }
  for (i = 0; i < sizeof has / sizeof *has; i++)
    is_number((unsigned int)qq_idn_is_in(has[i].s, strlen(has[i].s)),
      (unsigned int)has[i].is_in, has[i].s);
  stralloc_free(&out);
  return done();
}
