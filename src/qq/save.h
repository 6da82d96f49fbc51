/* Writing messages as qq-load reads them. */

#ifndef QQ_SAVE_H
#define QQ_SAVE_H

#include <qq/message.h>
#include <qq/settings.h>

typedef struct qq_save {
  qq_settings const *settings;  /* control files, by which recipients are what they were before */
  /* private */
  stralloc head, envelope, info, bounce;
} qq_save;

/* Writes the beginning of the stream, and its end. */
void qq_save_begin(qq_save *, int queue_fd);
void qq_save_end(void);

/* Writes one message, which is pinned. Returns what the questions return; nothing of it is written
   unless it is 1. A body that is shorter than its file said ends the program. */
int qq_save_message(qq_save *, qq_message *);

/* Says in m->why what is wrong with its mess file. Returns QQ_DAMAGED. */
int qq_save_refuse(qq_message *, char const *text);

#endif
