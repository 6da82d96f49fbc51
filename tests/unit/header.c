/* header - the fields of a message's header (src/mail/header.c), read in pieces of every size. */

#include <stdlib.h>
#include <qq/header.h>
#include "tap.h"

enum { SUBJECT, FROM, X_LONG };
static qq_field fields[] = { QQ_FIELD("subject"), QQ_FIELD("From"), QQ_FIELD("X-Long") };
static qq_header h = QQ_HEADER_ZERO;

static int read_all(char const *s, size_t n, size_t piece)
{
  int r = 0;
  qq_header_start(&h, fields, 3);
  while (n) {
    size_t const take = tap_piece(piece, n);
    r = qq_header_feed(&h, s, take);
    if (r == 1) break;
    s += take;
    n -= take;
  }
  return r;
}

typedef struct expectation {
  char const *name, *message;
  size_t message_length;
  int result;
  unsigned long size;
  char const *subject, *from;   /* null: not found */
} expectation;

static expectation const table[] = {
  { "plain", BYTES("Subject: a\nFrom: b\n\nSubject: body\n"), 1, 20, "a", "b" },
  { "CR LF", BYTES("Subject: a\r\n b\r\nFrom: b\r\n\r\nSubject: body\n"), 1, 27, "a\r\n b", "b" },
  { "folded", BYTES("Subject: a\n b\n\tc\nFrom:\n b\n\n"), 1, 27, "a\n b\n\tc", "\n b" },
  { "first of two", BYTES("Subject: a\nSUBJECT: b\n c\n\n"), 1, 26, "a", 0 },
  { "blank before the colon", BYTES("Subject \t: a\nFrom:b\n\n"), 1, 21, "a", "b" },
  { "no name that is longer or shorter", BYTES("Subjec: a\nSubject2: a\nFrom: x\n\n"), 1, 31, 0,
      "x" },
  { "line without a colon", BYTES("Subject\nFrom x\n b: c\n:\n\n"), 1, 24, 0, 0 },
  { "folding of an unwanted line", BYTES("X: y\n Subject: a\nFrom: x\n\n"), 1, 26, 0, "x" },
  { "first line is a continuation", BYTES(" Subject: a\nFrom: x\n\n"), 1, 21, 0, "x" },
  { "empty header", BYTES("\nSubject: a\n"), 1, 1, 0, 0 },
  { "empty header, CR LF", BYTES("\r\nSubject: a\n"), 1, 2, 0, 0 },
  { "a CR alone is no end", BYTES("\rSubject: a\nFrom: b\n\n"), 1, 21, 0, "b" },
  { "empty value", BYTES("Subject:\nFrom: \t \n\n"), 1, 19, "", "" },
  { "no blank line", BYTES("Subject: a\nFrom: b\n"), 0, 19, "a", "b" },
  { "no last line end", BYTES("Subject: a\nFrom: b"), 0, 18, "a", "b" },
  { "cut in a name", BYTES("Subject: a\nFrom"), 0, 15, "a", 0 },
  { "NUL in a name", BYTES("Subject\0: a\nFrom: b\n\n"), 1, 21, 0, "b" },
  { "colons and blanks in a value", BYTES("Subject: a: b  \nFrom: <x:y>\n\n"), 1, 29, "a: b  ",
      "<x:y>" },
};

static void check(expectation const *e, size_t piece)
{
  char name[200];
  int const r = read_all(e->message, e->message_length, piece);
  unsigned long const size = (unsigned long)h.size;
  snprintf(name, sizeof(name), "%s, pieces of %lu", e->name, (unsigned long)tap_pieces[piece]);
  qq_header_end(&h);
  if (!ok(r == e->result && size == e->size, name))
    printf("# got %d %lu, expected %d %lu\n", r, size, e->result, e->size);
  if (fields[SUBJECT].found || e->subject)
    is_bytes(fields[SUBJECT].value.s, fields[SUBJECT].value.len, e->subject ? e->subject : "(none)",
    e->subject ? strlen(e->subject) : 6, name);
  if (fields[FROM].found || e->from)
    is_bytes(fields[FROM].value.s, fields[FROM].value.len, e->from ? e->from : "(none)",
        e->from ? strlen(e->from) : 6, name);
}

/* Every occurrence of a field, each with its folding; of another one, the first. */
static void check_every(size_t piece)
{
  static char const *const expected[] = { "a\n b", "", "c\r\n\td", "\n e", "f" };
  qq_piece values, value = { 0, 0 };
  size_t i;
  fields[SUBJECT].every = 1;
  ok(read_all(BYTES("Subject: a\n b\nSUBJECT:\nFrom: x\nsubject: c\r\n\td\r\nX: y\n z\n"
                    "Subject:\n e\nFrom: y\nSubject: f\n\nSubject: g\n"), piece) == 1, "all");
  values = qq_piece_of(&fields[SUBJECT].value);
  for (i = 0; i < sizeof(expected) / sizeof(*expected); i++) {
    ok(qq_field_next(&values, &value) == 1, "one more");
    is_bytes(value.s, value.n, expected[i], strlen(expected[i]), "its value");
  }
  ok(!qq_field_next(&values, &value), "no more");
  is_bytes(fields[FROM].value.s, fields[FROM].value.len, BYTES("x"), "the first of another one");
  fields[SUBJECT].every = 0;
}

/* A NUL in the value; 2 as soon as all are complete; feeding on. */
static void check_results(void)
{
  qq_header_start(&h, fields, 3);
  ok(qq_header_feed(&h, BYTES("Subject: a\0b\nX-long: c\nFrom: d")) == 0, "not all is complete");
  ok(qq_header_feed(&h, BYTES("\n")) == 0, "the last line may go on");
  ok(qq_header_feed(&h, BYTES("X")) == 2, "all is complete");
  is_bytes(fields[SUBJECT].value.s, fields[SUBJECT].value.len, BYTES("a\0b"), "a NUL in a value");
  is_bytes(fields[FROM].value.s, fields[FROM].value.len, BYTES("d"), "From");
  ok(qq_header_feed(&h, BYTES("-a: b\nSubject: c\n\nx")) == 1, "the end");
  is_number(h.size, 50, "size");
  ok(qq_header_feed(&h, BYTES("From: e\n\n")) == 1 && h.size == 50, "feeding behind the end");
  is_bytes(fields[SUBJECT].value.s, fields[SUBJECT].value.len, BYTES("a\0b"), "found values stay");
  qq_header_start(&h, fields, 0);
  ok(qq_header_feed(&h, BYTES("a: b")) == 2 && qq_header_feed(&h, BYTES("\n\n")) == 1
          && h.size == 6,
      "nothing wanted");
}

/* 10 MB lines: a name, a value, and lines that are nothing but line ends of continuations. */
static void check_long(void)
{
  size_t const n = 10000000;
  char *const s = malloc(n);
  if (!s) return;
  memset(s, 'x', n);
  qq_header_start(&h, fields, 3);
  ok(qq_header_feed(&h, s, n) == 0 && qq_header_feed(&h, BYTES(":\nX-Long: ")) == 0, "a long name");
  ok(h.name.len <= QQ_HEADER_NAME_MAX, "is not kept");
  ok(qq_header_feed(&h, s, n) == 0 && qq_header_feed(&h, BYTES("\nFrom: a\n\n")) == 1,
      "a long value");
  ok(fields[X_LONG].found && fields[X_LONG].value.len == QQ_HEADER_VALUE_MAX, "is kept in part");
  is_bytes(fields[FROM].value.s, fields[FROM].value.len, BYTES("a"), "and what follows is read");
  is_number(h.size, 2 * n + 20, "size of all that");
  free(s);
}

static void check_unfold(char const *s, size_t n, char const *expected, char const *name)
{
  stralloc out = STRALLOC_ZERO;
  ok(stralloc_catb(&out, " ", 1) && qq_unfold(&out, s, n), "unfold");
  if (is_bytes(out.s, 1, " ", 1, "what was there stays"))
    is_bytes(out.s + 1, out.len - 1, expected, strlen(expected), name);
  stralloc_free(&out);
}

int main(void)
{
  size_t i, piece;
  for (i = 0; i < sizeof(table) / sizeof(*table); i++)
    for (piece = 0; piece < TAP_PIECES; piece++) check(table + i, piece);
  for (piece = 0; piece < TAP_PIECES; piece++) check_every(piece);
  check_results();
  check_long();
  check_unfold(0, 0, "", "nothing");
  check_unfold(BYTES(" \n\t "), "", "blanks");
  check_unfold(BYTES("a\n b\r\n\tc"), "a b\tc", "folding");
  check_unfold(BYTES("a\nb\rc\r\nd\r\r\n e"), "a b c  d  e", "other CRs and LFs");
  check_unfold(BYTES("\r\n a b \t\r\n"), "a b", "blanks at the ends");
  check_unfold(BYTES("a\n"), "a", "a last line end");
  qq_header_free(&h);
  return done();
}
