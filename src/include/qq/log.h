/* The log of qmail-send: which files it is in, what its lines say, and what became of messages.

   The facts behind it, and what was decided where they leave a choice, are chapter 18 of
   INTERNALS. Moments are nanoseconds since 1970, cut to whole microseconds. */

#ifndef QQ_LOG_H
#define QQ_LOG_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>
#include <qq/text.h>

/* What the log does not say: a moment, a size, a qp, a uid. */
#define QQ_LOG_UNKNOWN UINT64_MAX

/* splogger.c cuts a line into pieces of so many bytes. */
#define QQ_LOG_SPLOGGER_CHUNK 799

/* ---- one line ---- */

typedef enum {
  QQ_LOG_OTHER,                 /* none of these */
  QQ_LOG_NEW,                   /* new msg M */
  QQ_LOG_INFO,                  /* info msg M: bytes B from <S> qp Q uid U */
  QQ_LOG_START,                 /* starting delivery D: msg M to CHANNEL ADDRESS */
  QQ_LOG_SUCCESS, QQ_LOG_DEFERRAL, QQ_LOG_FAILURE,      /* delivery D: success: TEXT */
  QQ_LOG_NOTE,                  /* delivery D: log: TEXT */
  QQ_LOG_BOUNCE,                /* bounce msg M qp Q */
  QQ_LOG_DISCARD,               /* triple bounce: discarding bounce/M */
  QQ_LOG_END,                   /* end msg M */
  QQ_LOG_EXIT,                  /* status: exiting; indimail's info: ... queueN exiting */
  QQ_LOG_LOSS,                  /* the logger says that it has lost lines */
  QQ_LOG_SMTP                   /* qmail-smtpd or a program beside it says whom a qp is from */
} qq_log_event;

/* A line, with pieces of what it was read from. What an event does not have is unspecified. */
typedef struct qq_log_line {
  uint64_t stamp;               /* or QQ_LOG_UNKNOWN */
  qq_piece host, tag, unit;     /* of syslog and journald; tag is without [PID] */
  qq_piece text;                /* what was logged, behind all that */
  int is_cut;                   /* splogger may have cut it */
  int is_yearless;              /* the year of stamp is a guess */
  qq_log_event event;
  qq_piece queue;               /* indimail's queueN at the end, which is no part of text then */
  uint64_t message, delivery;
  uint32_t delivery_queue;      /* Q of indimail's D.Q; else 0 */
  uint64_t size, qp, uid;
  unsigned int channel;         /* its number, as qq_channel_name has them */
  qq_piece address;             /* sender or recipient */
  qq_piece reason;              /* TEXT of a result */
  qq_piece ip, helo, login;     /* of QQ_LOG_SMTP: empty if it does not say */
  uint64_t pid;                 /* the same: of qmail-smtpd, or QQ_LOG_UNKNOWN */
  char const *set;              /* name of the file set that it is in */
  unsigned int set_number;
  unsigned int origin;          /* the same one: host, tag and set are alike; 0: unknown */
  qq_piece raw;                 /* the line as it is in the file, with its newline */
} qq_log_line;

/* Sets event and what it has by text, and takes queueN off the end of text. Returns 1: it is an
   event, or `status:', which is none; or 0. */
int qq_log_event_scan(qq_log_line *);

/* Where the seconds of a stamp stand in a line: the last two digits of them, and behind these
   perhaps a point and those of a fraction; or the sixteen of TAI64N, in hexadecimal, half of them
   nanoseconds. */
typedef struct qq_log_seconds { char const *s; size_t n; int is_tai; } qq_log_seconds;
#define QQ_LOG_STAMPS 2

/* Local and other times, years that syslog leaves out, and what journald has escaped. Belongs to
   one file; begins zeroed but for newest. */
typedef struct qq_log_clock {
  uint64_t newest;              /* no line is a day younger than this */
  int year;                     /* of the last line that said none; 0: there was none yet */
  /* private from here */
  char minute[20];              /* the last minute that was converted, as written */
  size_t length;
  int64_t seconds;              /* what it is since 1970 */
  int64_t last;                 /* the last that was said without a year; 0: there was none yet */
  char tai[17];                 /* the last second of TAI64N, and what it is */
  uint64_t second;
  char epoch[13];               /* the last of splogger, with its point */
  size_t epoch_length;
  int64_t epoch_seconds;
  qq_log_seconds stamps[QQ_LOG_STAMPS]; /* of the last line that was read, as they come */
  unsigned int count;           /* of them, also of those for which there was no room */
  stralloc decoded;
} qq_log_clock;

/* Reads what raw has, a line or a record of `journalctl -o export'. Returns 1; or 2: it continues
   another line, as splogger cuts them, and text is what is to be appended to that; -1: errno
   ENOMEM. */
int qq_log_line_scan(qq_log_line *, qq_log_clock *);

/* ---- private: parts of qq_log_line_scan. Each takes what it reads off the text ---- */

/* A stamp at the front, with the blanks behind it. Returns 1 or 0; 2: one of splogger with a plus
   behind it. */
int qq_log_stamp_scan(qq_log_line *, qq_log_clock *);
/* One of TAI64N. */
int qq_log_tai_scan(qq_log_line *, qq_log_clock *);
/* One of splogger, multilog or the like, which need no clock's file. */
int qq_log_inner_stamp_scan(qq_log_line *, qq_log_clock *);
/* Says whether the clock tells the time as before once it has read the line, text of which is
   behind the stamp. */
int qq_log_keeps_clock(qq_log_clock const *, char const *line, char const *text);
/* JSON or export of journald. Returns 1; 0: it is none; or -1 with errno ENOMEM. */
int qq_log_journal_scan(qq_log_line *, qq_log_clock *);

/* ---- files ---- */

typedef struct qq_log_file {
  int fd;
  char *name, *set;             /* paths for people; set is the name of its file set */
  unsigned int set_number;
  uint64_t mtime;               /* or QQ_LOG_UNKNOWN */
  uint64_t size;                /* bytes, as far as they are known */
  dev_t device;
  ino_t inode;
  uid_t owner;
  int is_growing;               /* a last line without newline is being written */
  int is_regular;
  pid_t child;                  /* fd is what this process writes; 0: none */
  uint64_t from;                /* so many bytes of what it has uncompressed are passed over */
  uint64_t taken;               /* bytes up to the end of the last whole line that was read */
  int kept;                     /* private: a temporary file with its bytes, or -1 */
  uint64_t at;                  /* private: bytes of the log in front of it, once it is read */
  uint64_t length;              /* bytes that were read of it, once they all were */
  uint64_t begins;              /* the moment of its first line, once that was read, or
                                   QQ_LOG_UNKNOWN */
} qq_log_file;

/* A log to be read: first files are added, then qq_log_next gives their lines. Begins as
   QQ_LOG_ZERO; a program reads one, and what it has is not freed. */
typedef struct qq_log {
  uint64_t since, until;        /* files that have nothing behind since are skipped; up to until the
                                   journal is asked for; 0, UNKNOWN */
  uint64_t since_within;        /* private */
  int follows;                  /* somebody will go on where this one ends: see qq_log_add */
  char const *cursor;           /* of journald, where to go on; null: nowhere yet */
  genalloc files;               /* of qq_log_file, in the order in which they are read */
  stralloc warnings;            /* what to tell a person, each with a NUL behind it */
  struct qq_log_reader *reader; /* private */
} qq_log;
#define QQ_LOG_ZERO { 0, QQ_LOG_UNKNOWN, 0, 0, 0, GENALLOC_ZERO, STRALLOC_ZERO, 0 }

/* Opens and adds what the paths (up to a null pointer) name: files, log directories (all of @*,
   then current), `-`: standard input. Files of one rotated set are put in order. Returns 1; or -1
   with errno and why.

   With follows set, a file means all of its rotated set, which are regular files; and an end
   without newline is left for who goes on there. */
int qq_log_add(qq_log *, char const *const *paths, stralloc *why);

/* The same for paths with colons between. */
int qq_log_add_path(qq_log *, char const *path, stralloc *why);

/* The same for a syslog file with its rotated elders; 0: none of them, but for compressed ones, has
   an event of a qmail-send near its end. The youngest may have been begun a minute ago. */
int qq_log_add_with_elders(qq_log *, char const *path, stralloc *why);

/* Adds what a descriptor gives, which becomes the log's, also if it fails; the child that writes
   it, or 0. Returns 1, or -1 with errno ENOMEM. */
int qq_log_add_stream(qq_log *, int fd, char const *name, pid_t child);

/* For who needs no line that is older, and learns only then from when on: before the first line is
   read, closes the files of multilog and the like that were finished before since, as their names
   say; and most of the lines of others that are older will be passed over, too. The first line of a
   file is given in any case, as no event if others behind it are not. */
void qq_log_drop_before(qq_log *, uint64_t since);

/* By what a file is known again that has been copied or compressed: how its first line that begins
   with a stamp begins, and what follows. What stands before may be the rest of a line in another
   file, and the same in many. */
#define QQ_LOG_BEGINNING 256
typedef struct qq_log_beginning {
  char bytes[QQ_LOG_BEGINNING];
  size_t n;                     /* of these; if they are fewer, they are whole lines */
  int is_compressed;
} qq_log_beginning;

/* Reads it. The offset of the file is moved. Returns 1; or -1 with errno: EINVAL, its compression
   cannot be undone. */
int qq_log_begins(qq_log_file const *, qq_log_beginning *);

/* Says whether the open file has an event of a qmail-send within its last 256 KB. Its offset is
   moved. Returns 1, 0, or -1 with errno. */
int qq_log_has_event(int fd);

/* The same for a log directory: its current, or, that may have been begun a moment ago, the file
   before it. Of -1 why tells. */
int qq_log_directory_has_event(char const *path, stralloc *why);

/* Puts sets that seem to have no such event, as that of qmail-smtpd, in front of the others: so
   what they say of a message is known when qmail-send names it. Returns 1, or -1 with errno
   ENOMEM. */
int qq_log_silent_first(qq_log *);

/* Who owns the log: the one owner of its files that is not root; 0: none, or there are several. */
uid_t qq_log_owner(qq_log const *);

/* Reads the next line, which belongs to the log and is good until the next call. Returns 1; 0:
   there is none any more; or -1 with errno and why. */
int qq_log_next(qq_log *, qq_log_line const **, stralloc *why);

/* The moment of the first line of a set, as far as it was read, or QQ_LOG_UNKNOWN. */
uint64_t qq_log_set_begins(qq_log const *, unsigned int set_number);

/* Goes back to the beginning. What is no regular file must have been kept (qq_log_keep). Returns 1,
   or -1 with errno and why. */
int qq_log_rewind(qq_log *, stralloc *why);

/* From now on, what is read of anything but regular files is written to unlinked temporary files as
   well, which stand in for it after qq_log_rewind. Returns 1, or -1 with errno and why. */
int qq_log_keep(qq_log *, stralloc *why);

/* Bytes read so far, and of all files, as far as that is known. */
void qq_log_progress(qq_log const *, uint64_t *done, uint64_t *all);

/* ---- hash tables of pointers, for what is counted by the million ---- */

typedef struct qq_slot { uint64_t hash; void *value; } qq_slot;
typedef struct qq_table { qq_slot *slots; size_t size, count; } qq_table;     /* size: 0, or 2^k */

/* Of two numbers, and of bytes: others in each run, as a table with what strangers have chosen
   needs it, once qq_hash_begin has been called, before the first of them. */
extern uint64_t qq_hash_seed;
void qq_hash_begin(void);
static inline uint64_t qq_digest_numbers(uint64_t a, uint64_t b)
{
  uint64_t h = (a ^ b * UINT64_C(0x9e3779b97f4a7c15)) * UINT64_C(0xff51afd7ed558ccd);
  h ^= h >> 32;
  h *= UINT64_C(0xc4ceb9fe1a85ec53);
  return h ^ h >> 29;
}
static inline uint64_t qq_hash_numbers(uint64_t a, uint64_t b)
{
  return qq_digest_numbers(a, b ^ qq_hash_seed);
}
uint64_t qq_hash_bytes(char const *s, size_t n);

/* The same for what is written down, for the next run to compare with; qq_digest_numbers, too. */
uint64_t qq_digest_bytes(char const *s, size_t n);

/* The first slot behind (or, if it is null, at) that one whose value has the hash; null: there is
   none. What has the same hash is met in the order in which it was added. */
static inline qq_slot *qq_table_next(qq_table const *t, uint64_t hash, qq_slot const *behind)
{
  size_t const mask = t->size - 1;
  size_t i;
  if (!t->size) return 0;
  i = (behind ? (size_t)(behind - t->slots) + 1 : (size_t)hash) & mask;
  for (; t->slots[i].value; i = (i + 1) & mask)
    if (t->slots[i].hash == hash) return &t->slots[i];
  return 0;
}

/* Returns 1, or 0 with errno ENOMEM. */
int qq_table_add(qq_table *, uint64_t hash, void *value);

void qq_table_remove(qq_table *, qq_slot *);
void qq_table_free(qq_table *);

/* ---- lives ---- */

typedef enum {
  QQ_RESULT_UNDER_WAY, QQ_RESULT_DELIVERED, QQ_RESULT_FAILED,
  QQ_RESULT_EXPIRED,            /* failed, for being too old */
  QQ_RESULT_DEFERRED,
  QQ_RESULT_REMOVED,            /* its last attempt was deferred when the message ended */
  QQ_RESULT_UNKNOWN,            /* its last attempt was cut off */
  QQ_RESULTS
} qq_result;

typedef enum {
  QQ_END_OPEN, QQ_END_DONE,
  QQ_END_VANISHED,              /* its number was given again, without `end msg' */
  QQ_END_UNKNOWN,               /* the same where lines were lost */
  QQ_ENDS
} qq_end;

/* The words for them, as in JSON. */
char const *qq_result_word(qq_result);
char const *qq_end_word(qq_end);

/* What a line with a result says. */
qq_result qq_log_line_result(qq_log_line const *);

typedef struct qq_life qq_life;

typedef struct qq_served {      /* a recipient */
  qq_life *life;
  char *reason;                 /* of the last result, as logged; null: none */
  uint64_t first, last;         /* the first start; the last line about it; or QQ_LOG_UNKNOWN */
  uint64_t delivery;            /* private: its number, while it is under way */
  struct qq_served *next;
  uint32_t delivery_queue;
  uint32_t attempts, deferrals;
  uint32_t reason_length, address_length;
  uint16_t channel;             /* its number, as qq_channel_name has them */
  uint8_t result;               /* a qq_result */
  char address[];
} qq_served;

typedef struct qq_login {       /* whom qmail-smtpd has it from */
  char const *ip, *helo, *login;        /* helo and login may be null */
} qq_login;

/* What most lines ask for comes first, and so in one line of the processor's cache, or two. */
struct qq_life {
  qq_life *next;                /* private */
  uint64_t number;
  qq_served *recipients;        /* in the order of their first starts */
  struct qq_life_more *more;    /* private */
  uint32_t stream;
  unsigned int end : 8;         /* a qq_end */
  unsigned int is_incomplete : 1, is_tried : 1, is_in_range : 1, is_detached : 1,
    is_trail_lost : 1;
  uint32_t count, open;         /* recipients; of these, attempts that are under way */
  uint64_t serial;              /* its number among all lives, in the order in which they begin */
  uint64_t begun, ended;        /* or QQ_LOG_UNKNOWN */
  uint64_t size;                /* the same */
  char *from;                   /* null: not known; else from_length bytes, and no NUL */
  unsigned char *trail;         /* private */
  uint32_t from_length;
  uint32_t qp, uid;             /* if from is known; UINT32_MAX: not known */
  uint32_t bounce_qp;           /* 0: none */
};

/* Bytes that an open message takes beside its sender, addresses and reasons, and its trail. */
#define QQ_LIFE_BYTES (sizeof(qq_life) + sizeof(qq_served))

typedef struct qq_lives {
  uint64_t since, until;        /* lives with an event between are in range */
  uint64_t stray;               /* results without a start */
  uint64_t restarts, losses;    /* of qmail-send; lines that say that some were lost */
  uint64_t serial;              /* of the next life */
  int has_no_reasons;           /* no text of a result is kept: nobody will ask for it */
  int has_over;                 /* qq_lives_next will give one */
  qq_life *of;                  /* whose line the last one was; null: nobody's */
  qq_served *served;            /* and of which recipient, if it tells what came of a start */
  genalloc aliases;             /* of uint64_t, two by two: a serial, and the one that it turned out
                                   to be */
  struct qq_lives_private *p;   /* private */
} qq_lives;

/* Makes it ready. Returns 1, or -1 with errno ENOMEM. */
int qq_lives_init(qq_lives *);

/* Takes the next line. Returns 1, or -1 with errno ENOMEM. */
int qq_lives_take(qq_lives *, qq_log_line const *);

/* There are no more lines: what is open is over as open. Returns 1, or -1 with errno ENOMEM. */
int qq_lives_finish(qq_lives *);

/* The next life that is over since it was last asked, or null. It is good until the next call,
   which frees it. */
qq_life *qq_lives_next(qq_lives *);

/* The name of its stream: file set, host, tag, queueN, as far as it has them, with colons
   between. */
char const *qq_life_stream(qq_lives const *, qq_life const *);

/* The number of the file set that it is in. */
unsigned int qq_life_set_number(qq_lives const *, qq_life const *);

/* ---- where its lines stand: a trail, of whose a program wants it of ---- */

/* Bytes of the log, all of whose files are counted as one. Pieces of one whole, which is not 0, are
   a line that splogger had cut; it is put together where one of no bytes stands. */
typedef struct qq_log_place { uint64_t at, n, whole; } qq_log_place;

/* Writes a place into at most QQ_LOG_PLACE bytes, and reads it again; behind is the same both
   times, and at most its at, or more bytes are taken (two trails that are joined). Returns how many
   bytes. A place of no bytes is one of a whole. */
#define QQ_LOG_PLACE 40
size_t qq_log_place_pack(unsigned char *to, qq_log_place const *, uint64_t behind);
size_t qq_log_place_unpack(unsigned char const *, qq_log_place *, uint64_t behind);

/* Adds to the trail of the life the line that the log has given last, unless it is lost: 16 bytes
   for the first lines, and 3 to 6 for each that follows. Returns 1, or -1 with errno ENOMEM. */
int qq_trail_add(qq_log const *, qq_lives *, qq_life *, qq_log_line const *);

/* It is lost from now on. */
void qq_trail_lose(qq_lives *, qq_life *);

/* The next place of a trail, in no order, for who begins with { life->trail }. Returns 1, or 0:
   that was all. */
typedef struct qq_trail_walk { unsigned char const *trail; size_t at; uint64_t end; } qq_trail_walk;
int qq_trail_next(qq_trail_walk *, qq_log_place *);

/* Appends what stands there, in a log that was rewound. Places must be asked for in the order in
   which they stand. Returns 1, or -1 with errno and why. */
int qq_log_copy(qq_log *, qq_log_place const *, stralloc *to, stralloc *why);

/* Whom qmail-smtpd has it from, or null. */
qq_login const *qq_life_login(qq_life const *);

/* What a program keeps with a life, in the log's order: a text that is freed with it. Null: out of
   memory. */
stralloc *qq_life_story(qq_lives *, qq_life *);

/* qp of the message that a delivery on local has forwarded; 0: none. */
uint32_t qq_served_child(qq_served const *);

/* Says whether the sender is known and is that of a bounce: empty, or #@[]. */
int qq_life_is_bounce(qq_life const *);

/* How long the delivery took, in nanoseconds, or QQ_LOG_UNKNOWN; 0 if the clock was set back. */
uint64_t qq_served_delay(qq_served const *);

void qq_lives_free(qq_lives *);

#endif
