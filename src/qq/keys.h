/* What qq-stat --by counts by. */

#ifndef QQ_KEYS_H
#define QQ_KEYS_H

#include <qq/message.h>

typedef enum { QQ_KEY_FROM, QQ_KEY_FROM_DOMAIN, QQ_KEY_TO_DOMAIN, QQ_KEY_UID, QQ_KEY_IP, QQ_KEY_CHANNEL, QQ_KEY_AGE, QQ_KEY_SIZE } qq_key;
#define QQ_KEYS "from|from-domain|to-domain|uid|ip|channel|age|size"

typedef struct qq_key_text { char const *s; size_t length; } qq_key_text;

/* The keys of one message. A thread's. Zeroed to begin with, but for now. */
typedef struct qq_keyer {
  uint64_t now;                 /* what ages count from */
  genalloc keys;                /* of qq_key_text, sorted, each once */
  /* private from here */
  genalloc starts;              /* of size_t: where each begins in text */
  size_t start;
  stralloc text;
} qq_keyer;

/* Finds the keys of a pinned message: its sender, the domains of its undelivered recipients, its channels, ...
   Domains are folded to lower case; what a message does not have is `-`. Returns what the questions return. */
int qq_keyer_read(qq_keyer *, qq_key, qq_message *);

#endif
