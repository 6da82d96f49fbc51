/* The header of a message (RFC 5322 section 2.2), read as its bytes come.

   The caller names the fields that it wants; qq_header_feed keeps the first occurrence of each, or
   every one.
   A value is kept as it stands in the message: without the field name, the colon and the blanks
   behind it, without the last line end, with the line ends and blanks of folding.
   qq_unfold makes it one line; qq_words_decode then decodes RFC 2047 words. */

#ifndef QQ_HEADER_H
#define QQ_HEADER_H

#include <stddef.h>
#include <stdint.h>
#include <skalibs/stralloc.h>
#include <qq/charset.h>
#include <qq/text.h>

/* Bytes kept of one field's value, or of all of its occurrences together; the rest is read past. */
#define QQ_HEADER_VALUE_MAX 1048576
/* Bytes of a line in which a field name and its colon are looked for (RFC 5322 section 2.1.1 gives
   a line 998). */
#define QQ_HEADER_NAME_MAX 1000

typedef struct qq_field {
  char const *name;             /* the caller's; compared without case; each name once */
  stralloc value;               /* valid if found; where len is 0, s may be null */
  int found;                    /* and complete */
  int every;                    /* the caller's: value has every occurrence, one a line */
} qq_field;
#define QQ_FIELD(n) { (n), STRALLOC_ZERO, 0, 0 }

typedef struct qq_header {
  qq_field *fields;             /* the caller's */
  size_t count;
  uint64_t size;                /* bytes so far; once complete: with the blank line at the end */
  /* the character set of values that are no UTF-8, as Content-Type names it, if the caller has
     looked for it; of length 0: not known */
  char charset[QQ_CHARSET_NAME_MAX];
  size_t charset_length;
  /* private from here */
  stralloc name;
  qq_field *current;
  size_t missing;
  uint32_t letters;             /* the low 5 bits of the fields' first ones, as a set */
  int state;
} qq_header;
#define QQ_HEADER_ZERO { 0, 0, 0, { 0 }, 0, STRALLOC_ZERO, 0, 0, 0, 0 }

/* Starts a message. Sets every field to not found and keeps the memory of earlier messages. */
void qq_header_start(qq_header *, qq_field *fields, size_t count);

/* Feeds the next n bytes of the message. A line end is LF, with or without a CR before it. Returns
   1 when the blank line was reached, all of the header is known and size is final; 2 when all
   wanted fields are found and complete (more may be fed, none need be; size is not final; at once
   if none is wanted); 0 when more bytes are wanted; -1 with errno ENOMEM. Once 1 was returned,
   feeding again does nothing. A field of which every occurrence
   is wanted is complete when the header is. */
int qq_header_feed(qq_header *, char const *s, size_t n);

/* Ends the message: it had no blank line, or the caller does not want to read on. Completes the
   last field. */
void qq_header_end(qq_header *);

/* Takes the next occurrence off the values of a field that has every one. Returns 1, or 0: that was
   the last. */
int qq_field_next(qq_piece *values, qq_piece *value);

/* Frees what the reader and its fields hold. */
void qq_header_free(qq_header *);

/* Appends s unfolded (RFC 5322 section 2.2.3: a line end before a blank is taken away; any other CR
   or LF becomes a space), and without blanks at both ends. Returns 1, or 0 with errno ENOMEM. */
int qq_unfold(stralloc *out, char const *s, size_t n);

/* Encoded words in header fields (RFC 2047, with the language suffix of RFC 2231 section 5). */

/* Appends the unfolded field value s to out, with each encoded word replaced by its text in UTF-8.
   White space between two encoded words is dropped; neighbouring words of the same character set
   and encoding are decoded together, because senders cut characters between words. Words are also
   taken inside quotes and without blanks around them, as mail readers do. A word that is malformed
   or of an unknown character set stays as it is. What is outside of words and no UTF-8 is of the
   given set, which may be empty: see qq_bare_decode. All belongs to the text that has begun
   (qq_charsets_begin). Returns 1, or -1 with errno, as qq_charset_convert. */
int qq_words_decode(qq_charsets *, stralloc *out, char const *s, size_t n, qq_piece charset);

/* 8-bit text in a header that says nothing of its character set, as older programs write it. */

/* Says whether the text takes a character set to be read: it is no UTF-8, or ASCII with escape
   sequences, as those of ISO-2022-JP. */
int qq_is_bare(char const *s, size_t n);

/* Appends it in UTF-8: from the given set, if it is known and has ASCII in it; or else, if most of
   it is UTF-8, as that; or else from windows-1252. Returns 1, or -1 with errno, as
   qq_charset_convert. */
int qq_bare_decode(qq_charsets *, stralloc *out, char const *s, size_t n, qq_piece charset);

/* The value of a field of this header for people: makes line the unfolded value, and text, whatever
   it was, that with its words decoded, as it is shown (qq_utf8_shown). Returns 1, or -1 with errno,
   as qq_charset_convert. */
int qq_value_decode(qq_charsets *, qq_header const *, stralloc *line, stralloc *text,
  qq_piece value);
int qq_field_decode(qq_charsets *, qq_header const *, stralloc *line, stralloc *text,
  qq_field const *);
/* The same of a field within a message that is read, which shares its character sets. */
int qq_inner_field_decode(qq_charsets *, qq_header const *, stralloc *line, stralloc *text,
  qq_field const *);

/* Who injected a message: what qmail itself wrote on top of it.

   qmail-queue writes the first line, `Received: (qmail PID invoked WHO); DATE'
   (qmail-queue.c:receivedfmt). Where WHO is the network, or a user who injects what came from it,
   the SMTP server's field is below: it is the first field Received that speaks of SMTP. What is
   above that one was put in between by the server or by a scanner ($QMAILQUEUE), and is passed
   over; what is below was written by the sender, and is not looked at. A field that is not of one
   of the forms below, or another line of qmail-queue, ends the search.

     from HOST (HELO NAME) (USER@IP)       qmail-smtpd and its kin (received.c:received), NAME and
       by ... with PROTOCOL; DATE          USER@ as the case may be; from HOST is not there in some
                                           of sagredo's; [IP] and (envelope-sender <...>) behind it
                                           in qmail-ldap; (USER@IP with METHOD)
     from HOST (HELO NAME) (USER)          sagredo, for clients that may relay
     from HOST ... (smtp-auth username USER, mechanism METHOD)    beside (IP), or below it: qpsmtpd
     indimail-mta smtpd PID from HOST (HELO NAME) (USER@IP)       qmtpd and qmqpd, too
     (ofmipd USER@IP)                      mess822

   HOST, NAME and USER have gone through safeput, which leaves no parentheses.

   USER is who logged in, or without a login, what the client's own host says of itself (ident). It
   is believed if PROTOCOL ends with A (RFC 3848: ESMTPA), if METHOD or `authenticated' is there, or
   if USER has a @. */

typedef enum {
  QQ_INVOKED_UNKNOWN, QQ_INVOKED_BY_UID, QQ_INVOKED_BY_ALIAS, QQ_INVOKED_FROM_NETWORK,
  QQ_INVOKED_FOR_BOUNCE
} qq_invoked;

#define QQ_RECEIVED_IP_MAX 46   /* INET6_ADDRSTRLEN */

typedef struct qq_origin {
  char ip[QQ_RECEIVED_IP_MAX];  /* canonical text of inet_ntop(3); empty: none */
  qq_piece login;               /* in the text that was read; no byte: none */
} qq_origin;

typedef struct qq_received {
  qq_invoked invoked;
  uint64_t uid;                 /* if QQ_INVOKED_BY_UID */
  uint64_t qp;                  /* pid of qmail-queue; 0: its line is not there */
  qq_origin origin;
  qq_origin claimed;            /* what is said, too, but not to be believed */
} qq_received;

/* Reads the first n bytes of a message that has size bytes. IPv4-mapped IPv6 addresses are given as
   IPv4. An address that inet_pton(3) does not take is none. Returns 1; or 0: more bytes may say
   more. */
int qq_received_parse(qq_received *, char const *s, size_t n, uint64_t size);

/* The user who injected it may have written all of it: what it says is claimed. */
void qq_received_disbelieve(qq_received *);

/* ---- private to the files of it ---- */

/* What a field Received, its name taken off, says. */
typedef enum { QQ_RELAY_NONE, QQ_RELAY_SERVER, QQ_RELAY_OTHER } qq_relay;

/* Reads such a field. QQ_RELAY_SERVER: the SMTP server wrote it, and *r has what it says;
   QQ_RELAY_NONE: it speaks of no SMTP; QQ_RELAY_OTHER: it is of none of the forms above, or a line
   of qmail-queue. */
qq_relay qq_relay_read(qq_received *r, qq_piece field);

/* Sets ip to the canonical text of an address, in brackets or not. Returns 1, or 0: it is none. */
int qq_received_address(char *ip, qq_piece);

#endif
