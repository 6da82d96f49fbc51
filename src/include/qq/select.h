/* Criteria that messages are selected by, judged cheapest first, reading no more of a message than they need. */

#ifndef QQ_SELECT_H
#define QQ_SELECT_H

#include <stdint.h>
#include <skalibs/genalloc.h>
#include <qq/charset.h>
#include <qq/header.h>
#include <qq/message.h>
#include <qq/mime.h>
#include <qq/pattern.h>

/* A header field and what it is searched for. */
typedef struct qq_select_header { char *name; qq_patterns patterns; } qq_select_header;

/* All criteria that are given must be met; within one, one of its values. Zeroed, it selects every message that is not over. */
typedef struct qq_select {
  qq_patterns from, to, done_to, subject, body;
  genalloc headers;             /* of qq_select_header */
  genalloc channels;            /* of unsigned int: an undelivered recipient in one of them */
  genalloc uids;                /* of uint64_t */
  genalloc ips;                 /* of char *, canonical text; not freed here */
  uint64_t after, before;       /* stamp >= after and < before; before 0: no limit */
  uint64_t newer, older;        /* stamp > newer and <= older; older 0: no limit */
  uint64_t min_size, max_size;  /* max_size 0 with has_max_size 0: no limit */
  int has_max_size;
  uint64_t min_recipients;
  int local, remote;            /* an undelivered recipient there */
  int null_sender, bounces, no_bounces, single_bounces, double_bounces;
  int new_only, held, over, interrupted, failing;
  int inverted;                 /* those that do not meet the criteria */
} qq_select;

/* Makes the patterns ready. Returns 1, or -1 with errno ENOMEM. */
int qq_select_ready(qq_select *);

/* Says whether qq_message_failing will be asked of many messages. */
int qq_select_wants_bounces(qq_select const *);

/* What one thread needs to judge by a qq_select. */
typedef struct qq_judge {
  qq_select const *select;
  qq_charsets *charsets;
  qq_mime *mime;
  qq_matcher from, to, done_to, subject, body;
  qq_matcher *headers;
  size_t *header_fields;        /* which of fields each of headers looks at */
  size_t header_count;
  qq_field *fields;             /* the subject, if it is searched, is the first */
  size_t field_count;
  qq_header header;
  stralloc line, decoded, text;
} qq_judge;

/* Makes a judge. Returns 1, or -1 with errno ENOMEM. */
int qq_judge_init(qq_judge *, qq_select const *);
void qq_judge_free(qq_judge *);

/* Judges a message that has begun. Returns what the message's questions return; after 1, *selected is the verdict, and if it is
   true the message was stat'ed and everything it was judged by is its own. */
int qq_judge_message(qq_judge *, qq_message *, int *selected);

#endif
