/* html - HTML as text (src/mail/html.c), in pieces of every size. */

#include <stdlib.h>
#include <qq/mime.h>
#include "tap.h"

static struct { char const *name, *html, *expected; } const table[] = {
  { "nothing", "", "" },
  { "text", "a b", "a b" },
  { "white space", " a\n\t b \r\n", "a b" },
  { "tags", "<p>G<b>ue</b>nstig</p>", "Guenstig" },
  { "paragraphs and lines", "<p>a</p><p>b<br>c<br/><br>d<div>e</div>f", "a\n\nb\nc\n\nd\ne\nf" },
  { "headings and rules", "a<H1 class=x>b</H1>c<hr>d", "a\n\nb\n\nc\n\nd" },
  { "a list", "x<ul><li>a<li>b</ul>y", "x\n* a\n* b\ny" },
  { "a table", "<table><tr><td>a</td><td>b</td></tr><tr><th>c<th>d</table>", "a b\nc d" },
  { "preformatted", "a<pre>b\n  c</pre> d", "a\n\nb\n  c\n\nd" },
  { "entities", "&lt;&amp;&gt;&quot;&#65;&#x42;&#X63;&uuml;&Uuml;&euro;&yuml;&nbsp;x",
    "<&>\"ABc\xc3\xbc\xc3\x9c\xe2\x82\xac\xc3\xbf x" },
  { "what is none", "&; &x &nosuch; &#; &#x; &#xg; & &&amp; a&b=c",
    "&; &x &nosuch; &#; &#x; &#xg; & && a&b=c" },
  { "without its semicolon", "&copy 2026 &uuml", "\xc2\xa9 2026 \xc3\xbc" },
  { "numbers of windows-1252", "&#150;&#128;&#0;&#xd800;&#x110000;&#1234567890123;",
    "\xe2\x80\x93\xe2\x82\xac\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
  { "a link", "see <a href=\"http://x.example/?a=1&amp;b=2\">this</a>, please",
    "see this [http://x.example/?a=1&b=2], please" },
  { "links without quotes, in single ones, with blanks",
    "<a class=x href=http://a>b</a> <A HREF = 'http://c'>d</A>", "b [http://a] d [http://c]" },
  { "a link that says where it leads", "<a href=http://a>http://a</a>", "http://a" },
  { "one that leads elsewhere", "<a href=http://evil>http://bank</a>",
    "http://bank [http://evil]" },
  { "within the page", "<a href=\"#x\">a</a><a name=y>b</a>", "ab" },
  { "the first target counts", "<a href=x href=y>a</a>", "a [x]" },
  { "a link that is not closed", "<a href=x>a<a href=y>b", "a [x]b [y]" },
  { "an image", "a <img src=x alt='A &amp; B'><img alt=\"\"><img>b", "a [A & B]b" },
  { "what is not shown", "a<style>p { b: c > d }</style><script>if (a < b) \"</p>\"</SCRIPT >b",
    "ab" },
  { "what is never closed", "a<script>b", "a" },
  { "nearly closed", "a<script></scrip></ script><</script>b", "ab" },
  { "comments", "a<!-- b > <p> -- c -->d<!doctype x>e<?php f?>g<!-->h<!--->i<!-- --!>j<!-x>k",
    "adeghijk" },
  { "a comment that is never closed", "a<!-- b", "a" },
  { "no tags", "1 < 2 <3 <> a<", "1 < 2 <3 <> a<" },
  { "> in a value", "<a title='>' href=x>a</a>", "a [x]" },
  { "a tag that is cut", "a<b c", "a" },
  { "names that are too long", "<aaaaaaaaaaaaaaaaaaaaaaa>x<p bbbbbbbbbbbbbbbbbbbbbbbb=c>y",
    "x\n\ny" },
};

static void read_all(qq_html *h, stralloc *out, char const *s, size_t n, size_t piece)
{
  int r = 1;
  out->len = 0;
  qq_html_start(h);
  while (n && r == 1) {
    size_t const take = tap_piece(piece, n);
    r = qq_html_feed(h, out, s, take);
    s += take;
    n -= take;
  }
  if (r == 1) r = qq_html_feed(h, out, 0, 0);
  if (r != 1) ok(0, "feeding");
}

/* 10 MB of a text over and over, behind a beginning; how long that takes is seen by who waits. */
static void check_hostile(qq_html *h, char const *beginning, char const *text, char const *name)
{
  size_t const n = 10000000;
  stralloc out = STRALLOC_ZERO;
  char *const s = tap_repeated(n, beginning, text);
  read_all(h, &out, s, n, 0);
  ok(out.len <= 2 * n, name);
  free(s);
  stralloc_free(&out);
}

int main(void)
{
  static qq_html h;
  stralloc out = STRALLOC_ZERO;
  size_t i, piece;
  for (i = 0; i < sizeof table / sizeof *table; i++)
    for (piece = 0; piece < TAP_PIECES; piece++) {
      read_all(&h, &out, table[i].html, strlen(table[i].html), piece);
      is_bytes(out.s, out.len, table[i].expected, strlen(table[i].expected), table[i].name);
    }
  check_hostile(&h, "", "<", "10 MB of <");
  check_hostile(&h, "", "&", "10 MB of &");
  check_hostile(&h, "", "&amp", "entities");
  check_hostile(&h, "<a href='", "x", "a target");
  check_hostile(&h, "", "<a href=x>", "links that are not closed");
  check_hostile(&h, "<a href='xxxxxxxxxxxxxxx&&&&&&&&&&&&&&&&'>", "</a><a href='&&&&&&&&&&&&&&&&'>",
    "ampersands in targets");
  check_hostile(&h, "<", "a", "a tag");
  check_hostile(&h, "<a ", "b", "an attribute");
  check_hostile(&h, "<script>", "</scrip", "what is not closed");
  check_hostile(&h, "<!--", "-", "a comment");
  check_hostile(&h, "", "<p>", "paragraphs");
  check_hostile(&h, "<pre>", "\n", "line ends");
  check_hostile(&h, "", "<li>", "entries");
  qq_html_free(&h);
  stralloc_free(&out);
  return done();
}
