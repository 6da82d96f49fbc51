/* HTML as text: what html.c reads, html-text.c writes. */

#ifndef QQ_HTML_PRIVATE_H
#define QQ_HTML_PRIVATE_H

#include <qq/mime.h>
#include <qq/text.h>

static inline int qq_html_is_space(char c)
{
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Each returns 1, or -1 with errno ENOMEM. */

/* Text without tags and entities; white space is one blank, but where it is preformatted. */
int qq_html_text(qq_html *, stralloc *out, char const *s, size_t n);

/* A tag, with the value that is wanted of it: the target of a link, the text of an image. */
int qq_html_tag(qq_html *, stralloc *out);

/* Says where the link leads that is open, if one is. */
int qq_html_end_link(qq_html *, stralloc *out);

#endif
