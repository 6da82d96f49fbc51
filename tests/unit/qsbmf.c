/* qsbmf - recipients and reasons in bounces and in bounce/ID (src/mail/qsbmf.c), in pieces. */

#include <stdlib.h>
#include <qq/qsbmf.h>
#include "tap.h"

/* All recipients as [ADDRESS|REASON], and . at the end of the list. */
static void list(qq_qsbmf *q, stralloc *out, char const *s, size_t n, size_t piece)
{
  int r = 0;
  for (;;) {
    size_t take = tap_piece(piece, n), left = take;
    for (;;) {
      r = qq_qsbmf_feed(q, &s, &left);
      if (r != 1) break;
      if (!stralloc_cats(out, "[") || !stralloc_cat(out, &q->address) || !stralloc_cats(out, "|")
          || !stralloc_cat(out, &q->reason) || !stralloc_cats(out, "]"))
        exit(111);
      if (!take) break;
    }
    if (r == 2 || r < 0) break;
    n -= take;
  }
  if (r == 2 && !stralloc_cats(out, ".")) exit(111);
}

#define HI "Hi. This is the qmail-send program at b.\nI'm afraid I wasn't able to deliver.\n\n"

static struct { char const *name; int message; char const *text, *expected; } const table[] = {
  { "a file", 0, "<a@b>:\nNo.\n\n<c@d>:\nReally:\nno. (#5.1.1)\n\n",
      "[a@b|No.][c@d|Really:\nno. (#5.1.1)]." },
  { "an empty file", 0, "", "." },
  { "without its last line ends", 0, "<a@b>:\nNo.\n\n<c@d>:\nNo", "[a@b|No.][c@d|No]." },
  { "no reason", 0, "<a@b>:\n\n<c@d>:", "[a@b|][c@d|]." },
  { "an address that ends like one", 0, "<a>:b>:\nNo.\n\n<>:\nx\n\n<>>:\ny\n\n",
      "[a>:b|No.][|x][>|y]." },
  { "what is not an address", 0, "<a@b>\nNo.\n\n<:\nx\n\n<\n\nx<a>:\n\n<a>:\ny\n", "[a|y]." },
  { "blank lines", 0, "\n\n<a>:\nb\n\n\n\n<c>:\nd\n", "[a|b][c|d]." },
  { "CR LF", 0, "<a>:\r\nb\r\n\r\n<c>:\nd\n", "[a|b\r][c|d]." },
  { "reasons that begin with - or <", 0, "<a>:\n-x\n<b>:\n/\n\n", "[a|-x\n<b>:\n/]." },
  { "a message", 1,
      HI "<a@b>:\nNo.\n\n--- Below this line is a copy of the message.\n\n<c@d>:\nx\n\n",
      "[a@b|No.]." },
  { "a message with more text", 1, HI "Write to <x@y>:\nfor help.\n\n<a@b>:\nNo.\n\nBye.\n\n- \n",
      "[a@b|No.]." },
  { "another message", 1, "Hello.\n\n<a@b>:\nNo.\n\n", "." },
  { "a recipient in the introduction", 1, "Hi. This is the\n<a@b>:\nNo.\n\n", "." },
  { "an empty message", 1, "", "." },
  { "a message that is cut", 1, "Hi. This is", "." },
};

static void check_long(qq_qsbmf *q)
{
  size_t const n = 10000000;
  char *const s = malloc(n);
  char const *at = s;
  size_t left = n;
  if (!s) return;
  memset(s, '<', n);
  qq_qsbmf_start_file(q);
  ok(qq_qsbmf_feed(q, &at, &left) == 0 && !left && q->line.len <= QQ_QSBMF_REASON_MAX,
      "a long line");
  at = ">:\n\n<a>:\n";
  left = strlen(at);
  ok(qq_qsbmf_feed(q, &at, &left) == 0 && !left, "is no recipient");
  memset(s, 'x', n);
  at = s;
  left = n;
  ok(qq_qsbmf_feed(q, &at, &left) == 0 && !left, "a long reason");
  at = "\nx\nx\n\n\n";
  left = strlen(at);
  ok(qq_qsbmf_feed(q, &at, &left) == 1 && q->reason.len == QQ_QSBMF_REASON_MAX, "is kept in part");
  is_bytes(q->address.s, q->address.len, "a", 1, "address");
  memset(s, '\n', n);
  at = s;
  left = n;
  ok(qq_qsbmf_feed(q, &at, &left) == 0 && !left, "10 MB of LFs");
  /* A reader calls until it is not 1: that must not look like the end of the text where a piece
     ends with a recipient. */
  at = "<a>:\n\n";
  left = strlen(at);
  ok(qq_qsbmf_feed(q, &at, &left) == 0 && !left,
      "a recipient that a piece ends with waits for the next");
  at = "x";
  left = 1;
  ok(qq_qsbmf_feed(q, &at, &left) == 1 && left == 1, "and comes before it");
  free(s);
}

/* What is counted as one reason; each as logged, and as a bounce has it. */
static struct { char const *logged, *recipient, *key; } const keys[] = {
  { "", "", "" },
  { "Connected_to_192.0.2.7_but_connection_died._(#4.4.2)/", "",
    "Connected to # but connection died. (#4.4.2)" },
  { "192.0.2.7_failed./Remote_host_said:_250_ok_1794000000_qp_13750/", "a@b.example",
    "250 ok # qp #" },
  { "Remote_host_said:_250_2.0.0_Ok:_queued_as_4Cx9z12345/", "", "250 2.0.0 Ok: queued as #" },
  { "Remote_host_said:_250_2.0.0_OK__1794000000_d9443c01a7336-1a2b.67_-_gsmtp/", "",
    "250 2.0.0 OK  # # - gsmtp" },
  { "Remote_host_said:_550_5.1.1_<Joe.X@far.example>:_unknown/", "joe.x@FAR.example",
    "550 5.1.1 <ADDRESS>: unknown" },
  { "Remote_host_said:_550_<joe@far.example.org>_(not_joe@far.example)/", "joe@far.example",
    "550 <#> (not ADDRESS)" },
  { "Sorry,_I_couldn't_find_any_host_named_mx-1.far.example._(#5.1.2)/", "",
    "Sorry, I couldn't find any host named #. (#5.1.2)" },
  { "Remote_host_said:_554_5.7.1_[2001:db8::1]_blocked_by_bl.example,_see_s3150_(S3150)/", "",
    "554 5.7.1 [#] blocked by #, see s3150 (S3150)" },
  { "Remote_host_said:_421-4.7.28_rate,_12345_bytes_in_0.214,_56_s;_e.g._TLSv1.2/", "",
    "421-4.7.28 rate, # bytes in #, # s; e.g. TLSv1.2" },
  { "Remote_host_said:_451_try_after_2026-11-27_05:48:12_or::/", "",
    "451 try after # # or::" },
  { "Remote_host_said:_450_4.2.0_Greylisted,_try_again_in_300_seconds_(1_of_12)/", "",
    "450 4.2.0 Greylisted, try again in # seconds (# of #)" },
  { "did_1+0+0/", "joe", "did 1+0+0" },
  { "no_mailbox_for_joe_here/", "joe", "no mailbox for ADDRESS here" }
};

static void check_keys(void)
{
  stralloc key = STRALLOC_ZERO, text = STRALLOC_ZERO;
  size_t i;
  for (i = 0; i < sizeof keys / sizeof *keys; i++) {
    qq_piece const logged = { keys[i].logged, strlen(keys[i].logged) };
    qq_piece const recipient = { keys[i].recipient, strlen(keys[i].recipient) };
    key.len = text.len = 0;
    ok(qq_reason_key_logged(&key, logged, recipient), "there is memory");
    is_bytes(key.s, key.len, keys[i].key, strlen(keys[i].key), keys[i].logged);
    key.len = 0;
    ok(qq_reason_unlog(&text, logged) && qq_reason_key(&key, qq_piece_of(&text), recipient),
      "there is memory");
    is_bytes(key.s, key.len, keys[i].key, strlen(keys[i].key), "and in a bounce");
  }
  stralloc_free(&key);
  stralloc_free(&text);
}

/* Of each length, and with each character in each place, a text is plain or not, and readable. */
static void check_plain(void)
{
  char text[50], to[sizeof text];
  stralloc readable = STRALLOC_ZERO;
  size_t length, at, got, wrong = 0;
  unsigned int c;
  memset(text, 'x', sizeof text);
  for (length = 1; length <= sizeof text; length++)
    for (at = 0; at < length; at++) {
      for (c = 0; c < 256; c++) {
        qq_piece const logged = { text, length };
        int const is_plain = c >= 0x20 && c < 0x7f;
        text[at] = (char)c;
        readable.len = 0;
        wrong += !qq_reason_readable(&readable, logged)
          || readable.len != length - (c == '/' && at == length - 1)
          || qq_reason_plain(to, &got, logged) != is_plain
          || (is_plain && (got != readable.len || memcmp(to, readable.s, got)))
          || (c == '_' && readable.s[at] != ' ');
      }
      text[at] = 'x';
    }
  is_number(wrong, 0, "texts of up to 50 bytes, with each character in each place");
  ok(qq_reason_plain(to, &got, (qq_piece){ "", 0 }) && !got, "an empty one");
  stralloc_free(&readable);
}

int main(void)
{
  qq_qsbmf q = QQ_QSBMF_ZERO;
  stralloc out = STRALLOC_ZERO;
  size_t i, piece;
  for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
    for (piece = 0; piece < TAP_PIECES; piece++) {
      if (table[i].message) qq_qsbmf_start_message(&q);
      else qq_qsbmf_start_file(&q);
      out.len = 0;
      list(&q, &out, table[i].text, strlen(table[i].text), piece);
      is_bytes(out.s, out.len, table[i].expected, strlen(table[i].expected), table[i].name);
    }
  }
  check_long(&q);
  check_keys();
  check_plain();
  qq_qsbmf_free(&q);
  stralloc_free(&out);
  return done();
}
