/* What the files of tests/model share. What the program is for stands in main.c. */

#ifndef MODEL_H
#define MODEL_H

#define _GNU_SOURCE

#include <dirent.h>
#include <inttypes.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#define CHANNELS_MAX 10
#define PASS_BUFFER 128                 /* so far ahead qmail-send reads in a recipient file */
#define TODO_BUFFER 8192
#define PUT_OFF 123 /* seconds of the schedule: what could not be done is tried again */

enum { TROUBLED = 99, MISUSED = 100, UNABLE = 111 };

/* ---- base.c: chance, time, text, the log ---- */

typedef struct settings {
  unsigned long seed, unit, lifetime, concurrency, delivery, good, fail, pauses, linger, deaf,
      at_most, every, slow_end, slow_marks;
  int slow_while;                       /* a descriptor; -1: none */
  int inject, bounce, bounces, ext_todo, until_empty, strict, processes;
} settings;

typedef struct text {
  char *s;
  size_t len, room;
} text;

extern settings set;
extern char const *model_program;       /* how it was called */
extern int log_fd, troubled; /* troubled: something has been logged that must not happen */
extern uint64_t stream;                 /* of random numbers */
extern int64_t now, wake;               /* microseconds; wake: nothing is to be done before */

void die(char const *what);
unsigned long below(unsigned long);
int percent(unsigned long);
int64_t clock_now(void);
int64_t units(unsigned long seconds);   /* of the schedule, in microseconds */
void rest(unsigned long microseconds);
void pause_maybe(void); /* before each system call that looks at a file or changes one */
void linger(void);                      /* at moments that are short, and matter */
int is_due(int64_t);                    /* if not, the loop will come back then */
void *resized(void *, size_t);
void add(text *, char const *, size_t);
char const *shown(char const *); /* an address, or what a delivery reported, as the log has it */
void say_at(int64_t when, char const *format, ...) __attribute__((format(printf, 2, 3)));
void be_troubled(void);
#define say(...) say_at(clock_now(), __VA_ARGS__)
#define trouble(...) (say(__VA_ARGS__), be_troubled())

/* ---- files.c: the queue that the working directory is; names, rights, records ---- */

typedef struct reader {                 /* of records */
  int fd;
  size_t size, at, end;
  char bytes[TODO_BUFFER];
} reader;

extern int todo_split;
extern uint64_t split;
extern unsigned channels;
extern char channel[CHANNELS_MAX][16];  /* their names: local, remote, suppl0 ... */
extern uid_t qmailq, qmails;

void look_around(void);                 /* sets these, and becomes qmails */
void become(uid_t);
char const *path(char const *tree, uint64_t id);        /* good until the fourth call after it */
uint64_t number_of(char const *name);   /* 0: it is none */
int open_file(char const *name, int flags, mode_t);
int discard(char const *name);
int look_at(char const *name, struct stat *);           /* 1; 0: it is not there; -1 */
int is_there(char const *name);
int put(int fd, text const *);          /* all of it: 0; or -1 */
int sync_and_close(int fd);
uint64_t stamp_of(struct stat const *);
uint64_t stamp(uint64_t id);
void read_from(reader *, int fd, size_t buffer);
int next_record(
    reader *, text *); /* with its NUL: 1; 0 at the end, also if bytes without a NUL are left; -1 */
int read_info(uint64_t id, text *sender,
    int64_t *birth); /* sender with its letter and NUL; 0: that cannot be had */
DIR *open_dir(char const *tree, int is_split, uint64_t number);
size_t each(char const *tree, int is_split,
    void (*)(
        uint64_t)); /* counts the messages in it, and gives each to the function if there is one */
int clean(uint64_t id,
    char const
        *tree); /* what qmail-clean does at the end (mess), and after preprocessing (todo): 1, 0 */
void pull_trigger(void);

/* ---- passes.c: what qmail-send remembers, and the recipients that it reads ---- */

/* One attempt at the recipients of one message in one channel. The pass that reads them is a user
   of it, and each delivery is one. */
typedef struct job {
  unsigned users, channel;
  unsigned long waiting;                /* recipients that are not done */
  int read_whole, dying;
  uint64_t id;
  int64_t retry;
  text sender;                          /* as it was when the pass began; with its letter and NUL */
} job;

void make_room(void);                   /* for jobs and deliveries */
void remember_from_disk(uint64_t id);
void remember_preprocessed(uint64_t id, unsigned channels_used);
void leave_job(job *);
void work_pass(unsigned channel);       /* one record */
void work_done(void);                   /* one message that has no recipient left */
void run_all(void);                     /* everything that waits is due */
void write_due_times(void);

/* ---- deliveries.c ---- */

void make_slots(void);
int has_free_slot(unsigned channel);
void start_delivery(job *, off_t at, text const *record);
void work_deliveries(void);
int any_delivery(void);
void hear_of_deliveries(unsigned channel);      /* its spawn has something to say, or is gone */
void say_status(void);

/* ---- processes.c: what qmail-start forks beside qmail-send. Without --processes there are none
   ---- */

void be_named(char const *name);
void start_processes(void);             /* before the mutex is opened, which they do not inherit */
void leave_processes(int to_todo); /* in the process for todo: closes what is not its own; in
                                      qmail-send: what is that of todo */
int spawn_fd(unsigned channel);         /* where it reports; -1: nowhere */
int tell_spawn(unsigned channel, unsigned slot, int64_t microseconds, int is_slow, uint64_t id,
    char const *to); /* a delivery is to last so long, or, if slow, longer: 1; 0: the spawn is
                        gone */
void be_delivery(char const *name);     /* the process of one; does not return */
int hear_spawn(
    unsigned channel, unsigned *slot, int *crashed); /* which has ended: 1; 0: the spawn is gone */

/* ---- end.c: the end of a message ---- */

int end_message(uint64_t id);           /* 0: it has to be tried again */

/* ---- todo.c: preprocessing, in a process of its own or not ---- */

extern volatile sig_atomic_t told_to_stop;

void set_trigger(void);
void start_todo_process(int mutex);
void stop_todo(void);                   /* soon */
int has_todo_process(void);
int todo_fd(void); /* when it can be read, or is closed, work_todo has to know; -1: there is nothing
                      to wait for */
void work_todo(int is_ready);           /* one name in todo/, or one word from the process */
void wait_for(int const *fds, int *ready, int n);       /* one of them, or wake */

/* ---- inject.c: qmail-queue ---- */

int inject_lines(void);
int inject_bounce(char const *sender, char const *recipient);
int send_letter(char const *sender, char const *recipient, int failures,
    int mess); /* the same by a process of its own: 1, 0 */

#endif
