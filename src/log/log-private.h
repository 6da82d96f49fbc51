/* What the sources of qq_log share. */

#ifndef QQ_LOG_PRIVATE_H
#define QQ_LOG_PRIVATE_H

#include <stdlib.h>
#include <string.h>
#include <qq/log.h>
#include <qq/when.h>

/* ---- how it is read: bytes, lines, lines that splogger has cut ---- */

/* The head of a line that splogger may have cut, and what has come behind it. */
typedef struct qq_parked {
  qq_log_line line;
  stralloc text, raw, names;    /* names: host, tag and unit, as strings */
  genalloc places;              /* of qq_log_place: where raw stands */
  uint64_t whole;               /* its number in these */
  size_t last;                  /* bytes of the last piece */
} qq_parked;

/* For what is small, done for each line in several places, and by itself mostly the call. */
#if defined(__GNUC__) || defined(__clang__)
#define QQ_ALWAYS_INLINE inline __attribute__((always_inline))
#else
#define QQ_ALWAYS_INLINE inline
#endif

/* Numbers of eight digits at once: loops end where the processor cannot foresee. */

/* Eight hexadecimal digits of TAI64N, all at once. Returns 1, or 0: they are none. */
static inline int qq_tai_eight(char const *s, uint64_t *u)
{
  uint64_t const v = qq_eight_at(s);
  uint64_t d = (v & QQ_EACH(0x0f)) + (v >> 6 & QQ_EACH(1)) * 9;
  uint64_t const letters = (d + QQ_EACH(6)) >> 4 & QQ_EACH(1);
  if (d & QQ_EACH(0xf0) || d + QQ_EACH('0') + letters * ('a' - '0' - 10) != v) return 0;
  d = (d << 4 | d >> 8) & UINT64_C(0x00ff00ff00ff00ff);
  d = (d << 8 | d >> 16) & UINT64_C(0x0000ffff0000ffff);
  *u = (d << 16 | d >> 32) & UINT32_MAX;
  return 1;
}

/* What so many bits of decimal digits at the lower end count, once '0' is taken off each, by pairs,
   fours, all. bits: 8 to 64. */
static inline uint64_t qq_digits_value(uint64_t v, unsigned int bits)
{
  v <<= 64 - bits;
  v = v * 10 + (v >> 8);
  return ((v & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x000f424000000064)
    + (v >> 16 & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x0000271000000001)) >> 32;
}

/* Of eight bytes with '0' taken off: the highest bit of each that was no digit. */
static inline uint64_t qq_no_digits(uint64_t v)
{
  return ((v + QQ_EACH(0x76)) | v) & QQ_EACH(0x80);     /* right up to the first */
}

/* What stood in front of the text of a line, as most others have it, too: bytes that are the same,
   but for the seconds of one or two stamps (the last two digits of them, or those of a century of
   TAI64N), which are gaps. They are compared by words, which the gaps may cut into three runs. */
#define QQ_FRONT_MOST 128
#define QQ_FRONT_WORDS (QQ_FRONT_MOST / 8 + QQ_LOG_STAMPS + 1)
typedef struct qq_gap { size_t at, n; int is_tai; } qq_gap;     /* as in qq_log_seconds */
typedef struct qq_front_word { size_t at; uint64_t mask, value; } qq_front_word;
typedef struct qq_front {
  char bytes[QQ_FRONT_MOST];
  size_t length;                /* up to the text; 0: nothing is known */
  qq_gap gaps[QQ_LOG_STAMPS];   /* the stamp goes by the last */
  qq_front_word words[QQ_FRONT_WORDS];
  size_t count;                 /* of them */
  uint64_t stamp;               /* without the last gap */
  uint64_t second, digits;      /* of TAI64N: nanoseconds, and the eight digits that they were */
  qq_piece host, tag;           /* of bytes */
  unsigned int origin;          /* of its lines */
  unsigned int set_number;
  int is_yearless;
  char minute[sizeof ((qq_log_clock *)0)->minute];      /* of the clock */
} qq_front;

typedef struct qq_log_reader {
  qq_log_line line;             /* what was given */
  int may_be_alike;             /* the next one may begin as the last that has a front: nothing is
                                   parked or held */
  int is_alike;                 /* the line has what all with that front have */
  size_t file;                  /* which one */
  int fd;                       /* what is read; -1: it has not been begun */
  int is_own;                   /* fd is not the file's */
  pid_t child;                  /* writes it; 0: none */
  char *buf;
  size_t size, start, scanned, end;     /* from start to end are unread bytes, and no newline before
                                           scanned */
  size_t carried;               /* of these, from start on, are of the file before, whose last line
                                   goes on */
  size_t text_at;               /* where in its line the last text began, but at its beginning */
  uint64_t offset;              /* of the file, up to end */
  int at_end, is_skipping, is_export, is_begun;
  int is_settled;               /* the year is no guess any more */
  qq_front front;               /* of the last line that had one */
  unsigned int origins;         /* so many different ones it has had */
  qq_log_clock clock;
  genalloc parked;              /* of qq_parked * */
  qq_parked *given;
  qq_log_line held;             /* stands behind what was given */
  int has_held, held_result;
  uint64_t done;                /* bytes read, of all files */
  uint64_t wholes;              /* lines that were put together */
  int is_again, keeps;
} qq_log_reader;

/* Makes the reader's line the next of any file, as qq_log_line_scan leaves it, whose result they
   return; 0: there is none; or -1 with errno and why. */
int qq_reader_next(qq_log *, stralloc *why);

/* Says whether the line begins with the minute that was converted last, as nearly all do. */
static inline int qq_reader_is_same_minute(qq_log_reader const *r, char const *s)
{
  qq_log_clock const *c = &r->clock;
  size_t const last = c->length - 8;
  return c->length >= 8 && c->length <= 16 && r->text_at > c->length
    && qq_eight_at(s) == qq_eight_at(c->minute)
    && qq_eight_at(s + last) == qq_eight_at(c->minute + last);
}

/* Two lines in five are `status:', of which nobody asks more than whether qmail-send exits: those
   whose text begins where that of the line before did are passed over where they are found. Nothing
   else that qmail-send says has such a word between blanks (qsutil.c:logsafe). But what leaves out
   the year may begin a new one, if it is not of the minute of the line before. */
static inline int qq_reader_passes(qq_log_reader const *r, char const *s, size_t n)
{
  char const *const text = s + r->text_at;
  return n > r->text_at + 9 && !memcmp(text, "status: ", 8) && text[-1] == ' ' && text[8] != 'e'
    && (*s == '@' || qq_reader_is_same_minute(r, s) || qq_log_keeps_clock(&r->clock, s, text));
}

/* Keeps the front of the reader's line, which qq_log_line_scan has read, if others may be read by
   it; sets its origin then. */
void qq_front_learn(qq_log_reader *);

/* What qq_log_next does for lines that begin otherwise than the one before. */
int qq_log_next_joined(qq_log *, stralloc *why);

/* The file that is read. */
static inline qq_log_file *qq_reader_current(qq_log *log)
{
  return &genalloc_s(qq_log_file, &log->files)[log->reader->file];
}

/* Begins it: what undoes its compression is started. Returns 1, or -1 with errno and why. */
int qq_reader_begin_file(qq_log *, stralloc *why);

/* Ends it, and goes to the next. Returns 1, or -1 with errno ENOMEM and why. */
int qq_reader_end_file(qq_log *, stralloc *why);

/* Reads more of the file that has been begun, behind end; all in the buffer stays. Returns 1; 0: it
   has ended; or -1 with errno and why. */
int qq_reader_fill(qq_log *, stralloc *why);

/* For a file whose first line that is: passes over what behind it is older than since_within.
   Returns 1, or 0: nothing is. */
int qq_reader_skip(qq_log *, qq_log_line const *first);

/* For a file whose lines say no year: finds the year of its first line, by going through it.
   Returns 1, or -1 with errno and why. */
int qq_reader_settle_year(qq_log *, stralloc *why);

/* How many bytes of the log are in front of what its buffer has there. */
static inline uint64_t qq_reader_place(qq_log_reader const *r, char const *s)
{
  return r->done - r->end + (size_t)(s - r->buf);
}

/* Says why that there is no memory. Returns -1 with errno ENOMEM. */
int qq_log_no_memory(stralloc *why);

/* Appends a warning. Returns 1, or -1 with errno ENOMEM. */
int qq_log_warn(qq_log *, char const *format, ...) QQ_PRINTF(2, 3);

/* ---- which files it has ---- */

/* How old a file is within its set, as its name says: by the number or the date behind it; what has
   neither is the youngest. */
typedef struct qq_log_age {
  int kind;                     /* 0 a date, 1 a number, 2 nothing */
  uint64_t value;
  int is_processed;             /* Plesk's, between two numbers */
  int is_compressed;            /* the name says so; of two of one age, it does not count */
  char name[64];                /* of multilog's: @TAI64N.s, current; else empty */
} qq_log_age;

/* Says whether multilog or its kin has finished a file of that name: @ and 24 hexadecimal digits,
   with `.s' or `.u' behind it (multilog.c, svlogd.c, s6-log.c), and perhaps `.gz' or its like; what
   is being processed has `.t'. */
int qq_log_is_finished(char const *name);

/* The name of the set that the path belongs to: itself without what rotation has put behind it, or
   its directory if it is of multilog. Sets age. Null: errno ENOMEM. The caller frees it. */
char *qq_log_set_of(char const *path, qq_log_age *age);

/* Oldest first, for qsort(3). */
int qq_log_age_compare(qq_log_age const *, qq_log_age const *);

/* Adds what an open file has. Takes fd over, also if it fails; a file that is there already is not
   added again. Returns 1, or -1 with errno and why. */
int qq_log_add_open(qq_log *, int fd, char const *name, char const *set, stralloc *why);

/* Adds a directory of multilog, svlogd or s6-log. The same. */
int qq_log_add_directory(qq_log *, char const *path, stralloc *why);

/* As qq_log_add_with_elders, whatever is in them; perhaps there are none. */
int qq_log_add_set(qq_log *, char const *path, stralloc *why);

/* ---- lives ---- */

/* Memory for many small things that come and go: half of the time went into malloc(3). Up to
   QQ_POOL_SMALL bytes it is had in steps of 8. */
#define QQ_POOL_SMALL 1024
typedef struct qq_pool {
  void *free[QQ_POOL_SMALL / 8 + 1];    /* lists, each linked by its first bytes */
  char *at;
  size_t left;
  genalloc chunks;              /* of void *, to be freed at the end */
} qq_pool;

/* n bytes that nobody has given back, or null with errno ENOMEM. */
void *qq_pool_more(qq_pool *, size_t n);

/* n bytes, or null with errno ENOMEM; and back, with the same n, but not null. */
static inline void *qq_pool_take(qq_pool *p, size_t n)
{
  size_t const step = (n + 7) / 8;
  void *s;
  if (n > QQ_POOL_SMALL || !p->free[step]) return qq_pool_more(p, n);
  s = p->free[step];
  p->free[step] = *(void **)s;
  return s;
}

static inline void qq_pool_give(qq_pool *p, void *s, size_t n)
{
  size_t const step = (n + 7) / 8;
  if (n > QQ_POOL_SMALL) free(s);
  else {
    *(void **)s = p->free[step];
    p->free[step] = s;
  }
}

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
  stralloc name;
  uint32_t number;
} qq_stream;

typedef struct qq_lives_private {
  qq_pool pool;
  qq_life **open;               /* by number and stream: chains of lives, linked by next */
  size_t size, count;           /* chains, a power of two; lives in them */
  qq_table streams;
  qq_table losses;              /* of uint64_t *, serials */
  genalloc all_streams;         /* of qq_stream * */
  qq_stream *stream;            /* the last one; null: none yet */
  unsigned int origin;          /* of its line; 0: none, or it has a queue */
  qq_life *over, **over_end, *given;    /* a list, linked by next; what was given last */
  struct qq_smtp *smtp;
} qq_lives_private;

/* The stream of a line, made if it is new. Null: errno ENOMEM. */
qq_stream *qq_stream_find(qq_lives_private *, qq_log_line const *);
static inline qq_stream *qq_stream_of(qq_lives_private *p, qq_log_line const *l)
{
  return p->origin && p->origin == l->origin && !l->queue.n ? p->stream : qq_stream_find(p, l);
}

/* Takes a line of QQ_LOG_LOSS, and the serial of the next life. Returns 1, or -1 with errno
   ENOMEM. */
int qq_stream_lose(qq_lives_private *, qq_log_line const *, uint64_t serial);

/* The serial of the first life that began behind the last loss of what may be lines of the stream;
   0: there was none. */
uint64_t qq_stream_find_lost(qq_lives_private const *, qq_stream const *);
static inline uint64_t qq_stream_lost(qq_lives_private const *p, qq_stream const *s)
{
  return p->losses.count ? qq_stream_find_lost(p, s) : 0;
}
void qq_stream_free(qq_stream *);

/* The recipient that a start belongs to, or null. */
qq_served *qq_life_find_recipient(qq_life const *, unsigned int channel, qq_piece address);

/* Makes one more. Null: errno ENOMEM. */
qq_served *qq_life_add_recipient(qq_pool *, qq_life *, unsigned int channel, qq_piece address);

/* Null: errno ENOMEM. */
qq_life_more *qq_life_need_more(qq_pool *, qq_life *);

/* All places of the one become those of the other, too. Returns 1, or -1 with errno ENOMEM. */
int qq_trail_join(qq_pool *, qq_life *, qq_life const *from);
void qq_trail_free(qq_pool *, qq_life *);

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
/* Sets login to a copy if it has one of that qp and host, if both tell one, near enough to the
   moment. Returns 1, 0, or -1. */
int qq_smtp_find(qq_smtp *, uint32_t qp, qq_piece host, uint64_t moment, qq_login **);
void qq_smtp_free(qq_smtp *);

#endif
