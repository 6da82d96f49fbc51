/* Criteria that messages are selected by, judged cheapest first, reading no more of a message than
   they need. */

#ifndef QQ_SELECT_H
#define QQ_SELECT_H

#include <qq/message.h>
#include <qq/mime.h>
#include <qq/names.h>
#include <qq/pattern.h>

/* Every criterion, once, in the order of --help:

     C(id, option, argument, needs, is, by, help)

   argument  also says how it is read (src/qq/criteria.c)
   needs     what has to be known of a message first (QQ_NEEDS_...), which is what it costs
   is        says of a message whether a value that was given is met; or 0, and
   by        judges it by the patterns that were given, or by what it looks at itself

   is and by are functions of src/queue/judge*.c. A new criterion is a row here, and a function
   there if none of them does. */
#define QQ_CRITERIA_TEXT(C) \
  C(FROM, "from", "PAT", ENVELOPE, 0, by_sender, N_("envelope sender")) \
  C(FROM_DOMAIN, "from-domain", "DOMAIN", ENVELOPE, 0, by_sender_domain, \
    N_("the whole domain of the envelope sender")) \
  C(NULL_SENDER, "null-sender", 0, ENVELOPE, is_single_bounce, 0, N_("empty envelope sender")) \
  C(TO, "to", "PAT", RECIPIENTS, 0, qq_judge_to, N_("a recipient that is not delivered yet")) \
  C(TO_DOMAIN, "to-domain", "DOMAIN", RECIPIENTS, 0, qq_judge_to_domain, \
    N_("the whole domain of such a recipient")) \
  C(DONE_TO, "done-to", "PAT", RECIPIENTS, 0, qq_judge_done_to, N_("a recipient that is done")) \
  C(SUBJECT, "subject", "PAT", HEADER, 0, by_first_field, N_("subject, decoded")) \
  C(HEADER, "header", "NAME:PAT", HEADER, 0, by_every_field, \
    N_("another header field, decoded, in any of its occurrences")) \
  C(BODY, "body", "PAT", BODY, 0, qq_judge_body, N_("a line of the text, decoded"))
#define QQ_CRITERIA_CHANNEL(C) \
  C(LOCAL, QQ_NAME_LOCAL, 0, RECIPIENTS, is_local, 0, N_("has an undelivered local recipient")) \
  C(REMOTE, QQ_NAME_REMOTE, 0, RECIPIENTS, is_remote, 0, \
    N_("has an undelivered remote recipient")) \
  C(CHANNEL, "channel", "NAME", RECIPIENTS, is_in_channel, 0, \
    N_("has an undelivered recipient in channel NAME"))
#define QQ_CRITERIA_STATE(C) \
  C(NEW, "new", 0, STATE, is_new, 0, N_("not preprocessed yet")) \
  C(HELD, "held", 0, STAT, is_held, 0, N_("held messages")) \
  C(OVER, "over", 0, STAT, is_over, 0, \
    N_("over, waiting to be taken away (not listed otherwise)")) \
  C(INTERRUPTED, "interrupted", 0, PINNED_ENVELOPE, 0, by_interrupted, \
    N_("a removal that did not end; qq-rm finishes it")) \
  C(FUTURE, "future", 0, PINNED_ENVELOPE, 0, by_future, \
    N_("queued or born after now: the clock was ahead; qq-release mends it")) \
  C(BOUNCES, "bounces", 0, ENVELOPE, is_bounce, 0, N_("bounces and double bounces")) \
  C(NO_BOUNCES, "no-bounces", 0, ENVELOPE, is_no_bounce, 0, N_("neither")) \
  C(DOUBLE_BOUNCES, "double-bounces", 0, ENVELOPE, is_double_bounce, 0, N_("double bounces")) \
  C(FAILING, "failing", 0, FAILING, is_failing, 0, N_("some recipient has failed for good")) \
  C(UID, "uid", "USER", INJECTION, is_of_uid, 0, N_("injected by a process of this user")) \
  C(IP, "ip", "ADDR", RECEIVED, 0, by_address, \
    N_("came by SMTP from this address, or network (192.0.2.0/24)")) \
  C(LOGIN, "login", "PAT", RECEIVED, 0, by_login, \
    N_("by somebody who logged in to the SMTP server by that name"))
#define QQ_CRITERIA_MEASURE(C) \
  C(AFTER, "after", "TIME", STAT, is_after, 0, N_("queued at that time or later")) \
  C(BEFORE, "before", "TIME", STAT, is_before, 0, N_("queued earlier")) \
  C(OLDER, "older", "AGE", STAT, is_before, 0, N_("queued at least that long ago")) \
  C(NEWER, "newer", "AGE", STAT, is_after, 0, N_("queued less long ago")) \
  C(MIN_SIZE, "min-size", "SIZE", STAT, is_that_large, 0, N_("that size or larger")) \
  C(MAX_SIZE, "max-size", "SIZE", STAT, is_that_small, 0, N_("that size or smaller")) \
  C(MIN_RECIPIENTS, "min-recipients", "N", RECIPIENTS, has_recipients, 0, \
    N_("that many recipients or more, done or not"))
#define QQ_CRITERIA(C) \
  QQ_CRITERIA_TEXT(C) QQ_CRITERIA_CHANNEL(C) QQ_CRITERIA_STATE(C) QQ_CRITERIA_MEASURE(C)

#define QQ_CRITERION_ID(id, ...) QQ_CRITERION_##id,
typedef enum { QQ_CRITERIA(QQ_CRITERION_ID) } qq_criterion;

/* An IPv4 address or network has the first 96 bits of an IPv4-mapped IPv6 address. */
typedef struct qq_network { unsigned char address[16]; unsigned int bits; } qq_network;

/* Reads ADDRESS or ADDRESS/BITS. Returns 1, or 0: it is neither. */
int qq_network_scan(qq_network *, char const *);

/* Says whether the address, as text, is in the network. */
int qq_network_has(qq_network const *, char const *ip);

/* A criterion that was given, with what was given: the message has to meet one of these. */
typedef struct qq_given {
  qq_criterion criterion;
  char *field;                  /* of QQ_CRITERION_HEADER: its name; else null */
  qq_patterns patterns;
  genalloc values;              /* of uint64_t */
  genalloc networks;            /* of qq_network */
} qq_given;

/* All criteria that are given must be met. Zeroed, it selects every message that is not over. */
typedef struct qq_select {
  genalloc given;               /* of qq_given */
  int inverted;                 /* those that do not meet the criteria */
} qq_select;

/* The criterion, given now if it was not; field, which may be null, is not copied, and each field
   is a criterion of its own. Valid until the next call. Null: errno ENOMEM. */
qq_given *qq_select_give(qq_select *, qq_criterion, char *field);

/* Gives it the value (a flag: any). Returns 1; 0: errno ENOMEM. */
int qq_select_value(qq_select *, qq_criterion, uint64_t value);

/* Says whether it was given. */
int qq_select_has(qq_select const *, qq_criterion);

/* Makes the patterns ready; nothing is given afterwards. Returns 1, or -1 with errno ENOMEM. */
int qq_select_ready(qq_select *);

/* A criterion that a judge asks about, with what it takes to do so. */
typedef struct qq_question {
  struct qq_judge *judge;
  qq_given const *given;
  qq_matcher matcher;           /* of its patterns */
  size_t field;                 /* which of the judge's fields it looks at */
} qq_question;

/* What one thread needs to judge by a qq_select. */
typedef struct qq_judge {
  qq_question *questions;       /* cheapest first */
  size_t count;
  int inverted, shows_over;
  unsigned long claims;         /* messages that would meet --ip or --login, were they believed */
  qq_charsets *charsets;
  qq_mime *mime;
  qq_field *fields;
  size_t field_count;
  qq_header header;
  qq_qsbmf failures;
  stralloc line, decoded, text, piece;
} qq_judge;

/* Makes a judge, who lasts as long as the program. Returns 1, or -1 with errno ENOMEM. */
int qq_judge_init(qq_judge *, qq_select const *);

/* Judges a message that has begun. Returns what the message's questions return; after 1, *selected
   is the verdict, and if it is true the message was stat'ed and everything it was judged by is its
   own. */
int qq_judge_message(qq_judge *, qq_message *, int *selected);

/* As qq_match, for a recipient of the channel (-1: it has none yet): with and without what
   control/virtualdomains puts in front of it. */
int qq_match_recipient(qq_matcher *, qq_queue const *, int channel, char const *address, size_t n);

#endif
