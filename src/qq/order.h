/* Messages in an order: all of them gathered with a key, sorted, then shown one behind the other by several threads. */

#ifndef QQ_ORDER_H
#define QQ_ORDER_H

#include <qq/message.h>
#include "reading.h"

typedef enum { QQ_ORDER_DATE, QQ_ORDER_SIZE, QQ_ORDER_FROM, QQ_ORDER_TO, QQ_ORDER_RECIPIENTS, QQ_ORDER_ID } qq_order_key;
#define QQ_ORDER_KEYS "date|size|from|to|recipients|id"

/* Walks the reading's messages and keeps those that are over, or those that are not, with their keys; then walks them in that order, in groups:
   render makes each message's text (in any order, on any thread), print gets the texts in order. Both get what they would get
   from the walk. render returns as a walk's visit does. reverse turns the order round. Warns about named ids that are gone. */
void qq_order_show(qq_reading *, qq_order_key, int reverse, int over,
  int (*render)(void *worker, qq_message *, stralloc *out), size_t worker_size, void (*start)(void *worker), void (*print)(stralloc const *texts, size_t count));

#endif
