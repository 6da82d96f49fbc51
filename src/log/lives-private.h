/* What the sources of qq_lives share. */

#ifndef QQ_LIVES_PRIVATE_H
#define QQ_LIVES_PRIVATE_H

#include <qq/log.h>

/* Memory for many small things that come and go: half of the time went into malloc(3). Up to
   QQ_POOL_SMALL bytes it is had in steps of 8. */
#define QQ_POOL_SMALL 1024
typedef struct qq_pool {
  void *free[QQ_POOL_SMALL / 8 + 1];    /* lists, each linked by its first bytes */
  char *at;
  size_t left;
  genalloc chunks;              /* of void *, to be freed at the end */
} qq_pool;

/* n bytes, or null with errno ENOMEM; and back, with the same n. */
void *qq_pool_take(qq_pool *, size_t n);
void qq_pool_give(qq_pool *, void *, size_t n);
void qq_pool_free(qq_pool *);

/* What few lives have. */
typedef struct qq_life_more {
  qq_life *elder;               /* the life that had the number, and may still turn out to be this
                                   one */
  qq_table *recipients;         /* by channel and address, if there are many */
  qq_served *last;              /* the same */
  stralloc *story;
  qq_login *login;
} qq_life_more;

typedef struct qq_stream {
  unsigned int set;
  qq_piece host, tag, unit, queue;      /* up to the first NUL */
  char *names;                  /* of which these are pieces */
  qq_table deliveries;          /* of qq_served *, that are under way, by their numbers */
  uint64_t greatest;            /* number of a delivery, since qmail-send was started */
  uint64_t lost;                /* serial of the first life behind the last loss of lines */
  stralloc name;
  uint32_t number;
} qq_stream;

typedef struct qq_lives_private {
  qq_pool pool;
  qq_life **open;               /* by number and stream: chains of lives, linked by next */
  size_t size, count;           /* chains, a power of two; lives in them */
  qq_table streams;
  genalloc all_streams;         /* of qq_stream * */
  qq_stream *stream;            /* the last one; null: none yet */
  qq_life *over, **over_end, *given;    /* a list, linked by next; what was given last */
  struct qq_smtp *smtp;
} qq_lives_private;

/* The stream of a line, made if it is new. Null: errno ENOMEM. */
qq_stream *qq_stream_of(qq_lives_private *, qq_log_line const *);

/* Says whether what a line of QQ_LOG_LOSS tells of may be lines of the stream. */
int qq_stream_loses(qq_stream const *, qq_log_line const *);
void qq_stream_free(qq_stream *);

/* The recipient that a start belongs to, or null. */
qq_served *qq_life_find_recipient(qq_life const *, unsigned int channel, qq_piece address);

/* Makes one more. Null: errno ENOMEM. */
qq_served *qq_life_add_recipient(qq_pool *, qq_life *, unsigned int channel, qq_piece address);

/* Null: errno ENOMEM. */
qq_life_more *qq_life_need_more(qq_pool *, qq_life *);

/* Frees it with all that it has. */
void qq_life_free(qq_pool *, qq_life *);

/* The stream of a life. */
static inline qq_stream *qq_life_stream_of(qq_lives_private const *p, qq_life const *l)
{
  return genalloc_s(qq_stream *, &p->all_streams)[l->stream];
}

/* Adds it to those that are over, with its login if it is known by now. Returns 1, or -1 with errno
   ENOMEM. */
int qq_life_over(qq_lives *, qq_life *);

/* ---- attempts in a stream, by number of the delivery; -1: errno ENOMEM ---- */

/* One begins, as a line of QQ_LOG_START says. */
int qq_attempt_start(qq_stream *, qq_served *, qq_log_line const *);

/* One has ended. Sets of to the life, or to null: nobody knows whose it is. A life that it ends is
   good until the next line. */
int qq_attempt_result(qq_lives *, qq_log_line const *, qq_stream *);

/* qmail-send was started anew, or ended: what was under way in the stream is cut off. */
int qq_attempts_cut(qq_lives *, qq_stream *);

/* Nothing of the life is under way any more. */
void qq_attempts_drop(qq_stream *, qq_life *);

/* What qmail-smtpd said, by qp. */
typedef struct qq_smtp qq_smtp;
qq_smtp *qq_smtp_new(void);
int qq_smtp_take(qq_smtp *, qq_log_line const *);
/* Sets login to a copy if it has one of that qp, near enough to the moment. Returns 1, 0, or -1. */
int qq_smtp_find(qq_smtp *, uint32_t qp, uint64_t moment, qq_login **);
void qq_smtp_free(qq_smtp *);

#endif
