/* The forms in which qq-cat writes a message. */

#ifndef QQ_CAT_H
#define QQ_CAT_H

#include <qq/charset.h>
#include <qq/header.h>
#include <qq/message.h>
#include <qq/mime.h>

typedef struct qq_cat {
  qq_header header;
  qq_charsets *charsets;
  qq_readable *readable;
  stralloc line, text;
} qq_cat;

/* Each writes a pinned message to standard output and returns what its questions returned. */
int qq_cat_whole(qq_cat *, qq_message *);
int qq_cat_headers(qq_cat *, qq_message *);
int qq_cat_body(qq_cat *, qq_message *);
/* F sender, T undelivered recipients: as qmail-queue reads it */
int qq_cat_envelope(qq_cat *, qq_message *);
/* Main headers and text, decoded for reading. */
int qq_cat_text(qq_cat *, qq_message *);
/* mboxrd */
int qq_cat_mbox(qq_cat *, qq_message *);

/* Writes text of the message: exactly, or made safe line by line on a terminal. */
void qq_cat_write(char const *s, size_t n);

#endif
