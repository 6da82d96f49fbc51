/* mime - the text of a message's parts (src/mail/mime.c), read in pieces of every size. */

#include <stdlib.h>
#include <qq/mime.h>
#include "tap.h"

#define BAD "\xef\xbf\xbd"
#define AE "\xc3\xa4"
#define MIXED "Content-Type: multipart/mixed; boundary=b\n\n"

static struct { char const *name, *message, *expected; } const table[] = {
  { "plain", "Subject: x\n\nHello\n\nworld\n", "Hello\n\nworld\n" },
  { "no last line end", "Subject: x\n\nHello", "Hello\n" },
  { "CR LF", "Subject: x\r\n\r\nHello\r\n\rworld\r\r\n\r\n", "Hello\n\rworld\r\n\n" },
  { "no body", "Subject: x\n", "" },
  { "nothing", "", "" },
  { "empty body", "Subject: x\n\n", "" },
  { "8 bit without a character set", "\n" AE "\xe4\n", AE BAD "\n" },
  { "8 bit", "Content-Type: text/plain; charset=\"iso-8859-1\"\n\n\xe4", AE "\n" },
  { "folded, with comments",
      "Content-type: (a (b\\)) c)text/(d)plain;\n\tformat=flowed;\n CharSet (e) = iso-8859-1 "
      "(f)\n\n\xe4",
      AE "\n" },
  { "a semicolon is forgotten", "Content-Type: text/plain charset=iso-8859-1\n\n\xe4", AE "\n" },
  { "an unknown set is raw", "Content-Type: text/plain; charset=x-foo\n\n\xe4\n", "\xe4\n" },
  { "a set with a path is raw", "Content-Type: text/plain; charset=\"//TRANSLIT\"\n\n\xe4\n",
      "\xe4\n" },
  { "UTF-16",
      "Content-Type: text/plain; charset=utf-16be\nContent-Transfer-Encoding: "
      "base64\n\nAGEADQAKAGI=\n",
      "a\nb\n" },
  { "html", "Content-Type: TEXT/HTML\n\n<p>\n", "<p>\n" },
  { "not text", "Content-Type: image/png\n\nx\n", "" },
  { "base64", "Content-Transfer-Encoding: base64\n\nSGVs\nbG8s!!\n =?=d29ybGQ\n", "Hello,world\n" },
  { "base64, CR LF inside", "Content-Transfer-Encoding: BASE64 (x)\n\nYQ0KYg0=\n", "a\nb\n" },
  { "quoted-printable",
      "Content-Transfer-Encoding: quoted-printable\n\n=C3=a4 \t\n=\nx=3D= \t\ny =20\n=XY=4 = =\t=",
      AE "\nx=y  \n=XY=4 = =\t\n" },
  { "quoted-printable, CR LF",
      "Content-Transfer-Encoding: Quoted-Printable\r\n\r\na \t\r\nb =\r\nc=0D=0Ad=\r",
      "a\nb c\nd\n" },
  { "quoted-printable, cut escape", "Content-Transfer-Encoding: quoted-printable\n\na=4", "a=4\n" },
  { "two parts",
      MIXED "preamble\n--b\n\none\n--b\nContent-Type: text/html\n\ntwo\n\n--b--\nepilogue\n",
      "one\ntwo\n" },
  { "two parts, CR LF",
      "Content-Type: multipart/mixed; "
      "boundary=b\r\n\r\n--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n\r\n--b--\r\nx\r\n",
      "one\ntwo\n" },
  { "quoted boundary",
      "Content-Type: multipart/mixed;\n boundary=\"a \\\"b\\\\\"\n\n--a \"b\\\none\n\n--a "
      "\"b\\\n\none\n",
      "one\n" },
  { "blanks behind boundaries", MIXED "--b \t\n\none\n--b  \n\ntwo\n--b-- \nx\n", "one\ntwo\n" },
  { "lines like boundaries", MIXED "--b\n\n--\n-\n--bb\n--b-\n--b--x\n -b\n--B\n\n--b--\n",
      "--\n-\n--bb\n--b-\n--b--x\n -b\n--B\n" },
  { "boundary at the end", MIXED "--b\n\none\n--b", "one\n" },
  { "cut in what may be a boundary", MIXED "--b\n\none\n-", "one\n-\n" },
  { "no boundary follows", MIXED "--b\n\none\n", "one\n" },
  { "empty parts", MIXED "--b\n\n--b\n\n\n--b\nContent-Type: text/html\n--b\n--b--", "" },
  { "a boundary ends a header", MIXED "--b\nX: y\n--b\n\none\n--b--\n", "one\n" },
  { "soft line break before a boundary",
      MIXED "--b\nContent-Transfer-Encoding: quoted-printable\n\none=\n--b--\n", "one\n" },
  { "a cut character before a boundary", MIXED "--b\n\na\xc3\n--b\n\n\xa4\n--b--\n",
      "a" BAD "\n" BAD "\n" },
  { "nested",
      "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/alternative; "
      "boundary=bb\n\nx\n--bb\n\none\n--bb\n\ntwo\n--bb--\nx\n"
    "--b\n\nthree\n--b--\nx\n--b\n\nx\n", "one\ntwo\nthree\n" },
  { "an outer boundary ends inner parts",
      MIXED "--b\nContent-Type: multipart/mixed; "
            "boundary=c\n\n--c\n\none\n--b\n\ntwo\n--c\nthree\n--b--\n",
      "one\ntwo\n--c\nthree\n" },
  { "the same boundary within", MIXED "--b\n" MIXED "--b\n\none\n--b--\n--b\n\ntwo\n--b--\n",
      "one\ntwo\n" },
  { "message",
      MIXED "--b\nContent-Type: message/rfc822\n\nSubject: x\nContent-Transfer-Encoding: "
            "base64\n\nYQ==\n--b\n\none\n--b--\n",
    "Subject: x\nContent-Transfer-Encoding: base64\n\na\none\n" },
  { "message in a message in a message",
      "Content-Type: message/rfc822\n\nContent-Type: message/rfc822\n\nSubject: x\n\nbody\n",
    "Content-Type: message/rfc822\n\nSubject: x\n\nbody\n" },
  { "encoded message",
      "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogeAoKYQo=",
      "Subject: x\n\na\n" },
  { "multipart in a message", "Content-Type: message/rfc822\n\n" MIXED "--b\n\none\n--b--\nx\n",
      MIXED "one\n" },
  { "digest",
      "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: x\n\none\n--b\nContent-Type: "
      "text/plain\n\ntwo\n--b--\n",
      "Subject: x\n\none\ntwo\n" },
  { "delivery status",
      "Content-Type: message/delivery-status\n\nReporting-MTA: dns; a\n\nAction: failed\n",
      "Reporting-MTA: dns; a\n\nAction: failed\n" },
  { "other messages", "Content-Type: message/external-body\n\nSubject: x\n\nx\n", "" },
  { "multipart without a boundary is text", "Content-Type: multipart/mixed\n\n--b\n\none\n",
      "--b\n\none\n" },
  { "multipart in base64 is not",
      "Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: "
      "base64\n\n--b\n\none\n--b--\n",
      "one\n" },
  { "an attachment between texts",
      MIXED "--b\n\none\n--b\nContent-Type: application/pdf\n\nAAAA\n-x\n--x\n--b\n\ntwo\n--b--\n",
      "one\ntwo\n" },
};

static void read_all(qq_mime *m, stralloc *out, char const *s, size_t n, size_t piece)
{
  int r = 1;
  out->len = 0;
  qq_mime_start(m);
  while (n && r == 1) {
    size_t const take = tap_piece(piece, n);
    r = qq_mime_feed(m, out, s, take);
    s += take;
    n -= take;
  }
  if (r == 1) r = qq_mime_feed(m, out, 0, 0);
  if (r != 1) ok(0, "feeding");
}

/* 10 MB of a text over and over, behind a beginning. */
static void check_hostile(qq_mime *m, char const *beginning, char const *text, char const *name)
{
  size_t const n = 10000000;
  stralloc out = STRALLOC_ZERO;
  char *const s = tap_repeated(n, beginning, text);
  read_all(m, &out, s, n, 0);
  ok(out.len <= n + 1, name);
  free(s);
  stralloc_free(&out);
}

/* Each multipart or message within the one before it. */
static void check_deep(qq_mime *m, char const *before, char const *between, char const *behind,
    unsigned int depth, char const *name)
{
  stralloc s = STRALLOC_ZERO, out = STRALLOC_ZERO;
  char line[200];
  unsigned int i;
  for (i = 0; i < depth; i++) {
    snprintf(line, sizeof(line), "%s%u%s%u%s", before, i, between, i, behind);
    if (!stralloc_cats(&s, line)) exit(111);
  }
  if (!stralloc_cats(&s, "\nbottom\n--b0\n\ntop\n")) exit(111);
  read_all(m, &out, s.s, s.len, 0);
  ok(out.len >= 4 && !memcmp(out.s + out.len - 4, "top\n", 4), name);
  ok(depth <= QQ_MIME_DEPTH_MAX || !memchr(out.s, 'm', out.len), "and not deeper than allowed");
  stralloc_free(&s);
  stralloc_free(&out);
}

static void check_blanks(qq_mime *m)
{
  static char const beginning[] = "Content-Transfer-Encoding: quoted-printable\n\na";
  size_t const runs[] = { 255, 256, 257, 258, 600 };
  size_t i, piece;
  stralloc s = STRALLOC_ZERO, out = STRALLOC_ZERO, expected = STRALLOC_ZERO;
  for (i = 0; i < sizeof(runs) / sizeof(*runs); i++) {
    s.len = expected.len = 0;
    if (!stralloc_catb(&s, BYTES(beginning)) || !stralloc_readyplus(&s, 700)) exit(111);
    memset(s.s + s.len, ' ', runs[i]);
    s.len += runs[i];
    if (!stralloc_catb(&expected, s.s + sizeof(beginning) - 2, runs[i] > 256 ? runs[i] + 1 : 1))
      exit(111);
    if (!stralloc_cats(&s, "\r\nb\n") || !stralloc_cats(&expected, "\nb\n")) exit(111);
    for (piece = 0; piece < TAP_PIECES; piece++) {
      read_all(m, &out, s.s, s.len, piece);
      is_bytes(out.s, out.len, expected.s, expected.len, "a long run of blanks");
    }
  }
  stralloc_free(&s);
  stralloc_free(&out);
  stralloc_free(&expected);
}

int main(void)
{
  qq_charsets *const cs = qq_charsets_new();
  qq_mime *const m = cs ? qq_mime_new(cs) : 0;
  stralloc out = STRALLOC_ZERO;
  size_t i, piece;
  if (!m) return 111;
  for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
    for (piece = 0; piece < TAP_PIECES; piece++) {
      read_all(m, &out, table[i].message, strlen(table[i].message), piece);
      is_bytes(out.s, out.len, table[i].expected, strlen(table[i].expected), table[i].name);
    }
  }
  ok(qq_mime_feed(m, &out, BYTES("--b\n\nx\n")) == 1 && out.len == strlen(table[i - 1].expected),
      "nothing comes behind the end");
  check_blanks(m);
  check_deep(m, "Content-Type: multipart/mixed; boundary=b", "\n\n--b", "\n", QQ_MIME_DEPTH_MAX,
      "multiparts as deep as allowed");
  check_deep(m, "Content-Type: multipart/mixed; boundary=b", "\n\n--b", "\n", 100000,
      "100,000 multiparts");
  check_deep(m, "Content-Type: multipart/mixed; boundary=b", "\n\n--b",
      "\nContent-Type: message/rfc822\n\n", 30, "messages in multiparts");
  check_hostile(m, "\n", "x", "a line of 10 MB");
  check_hostile(m, MIXED, "--b", "a line of boundaries");
  check_hostile(m, MIXED, "--b\n", "boundaries");
  check_hostile(m, MIXED "--b\n\n", "-\n", "lines like boundaries");
  check_hostile(m, MIXED "--b\n\n", "--bx\n", "more lines like boundaries");
  check_hostile(m, MIXED "--b\n\n--b", " ", "a boundary with blanks behind it");
  check_hostile(m, "", "Content-Type: message/rfc822\n\n", "messages in messages");
  check_hostile(m, "", "a", "a field name");
  check_hostile(m, "Content-Type: ", "(", "comments");
  check_hostile(m, "Content-Type: multipart/mixed; boundary=", "x", "a boundary");
  check_hostile(m, "Content-Type: text/plain", ";charset=\"", "parameters");
  check_hostile(m, "Content-Transfer-Encoding: base64\n\n", "=", "base64 that is none");
  check_hostile(
      m, "Content-Transfer-Encoding: quoted-printable\n\n", "=", "quoted-printable that is none");
  check_hostile(m, "Content-Transfer-Encoding: quoted-printable\n\n", "=\n", "soft line breaks");
  check_hostile(m, "Content-Transfer-Encoding: quoted-printable\n\n", " ", "blanks");
  check_hostile(m, "Content-Transfer-Encoding: quoted-printable\n\n", "=41", "escapes");
  stralloc_free(&out);
  qq_mime_free(m);
  qq_charsets_free(cs);
  return done();
}
