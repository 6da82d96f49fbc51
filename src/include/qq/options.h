/* Options, operands and usage: the same for every program, from one table.

   A program declares its options in a table of qq_option that ends with QQ_OPTIONS_END; --help, the diagnostics and the shell
   completions come from it. getopt_long(3) does the parsing. */

#ifndef QQ_OPTIONS_H
#define QQ_OPTIONS_H

#include <stddef.h>
#include <stdint.h>
#include <skalibs/genalloc.h>
#include <qq/gettext.h>

typedef struct qq_option {
  int id;                       /* the letter of the short form, or a number from QQ_OPTION_OWN on; QQ_OPTION_HEADING */
  char const *name;             /* long form, without the dashes */
  char const *argument;         /* null: takes none; `a|b|c`: one of these; else what it is, in capitals */
  char const *help;
} qq_option;

enum {
  QQ_OPTION_HEADING = -1,
  QQ_OPTION_HELP = 256, QQ_OPTION_VERSION, QQ_OPTION_QUEUE, QQ_OPTION_HOME, QQ_OPTION_NULL, QQ_OPTION_LINES,
  QQ_OPTION_PROGRESS, QQ_OPTION_NO_PROGRESS, QQ_OPTION_JOBS,
  QQ_OPTION_OWN = 512
};

#define QQ_OPTIONS_QUEUE \
  { QQ_OPTION_HEADING, 0, 0, N_("Which queue, and how") }, \
  { QQ_OPTION_QUEUE, "queue", "DIR", N_("the queue directory") }, \
  { QQ_OPTION_HOME, "home", "DIR", N_("qmail's home; the queue is DIR/queue") }
#define QQ_OPTIONS_JOBS \
  { QQ_OPTION_JOBS, "jobs", "N", N_("work on N split directories at a time") }, \
  QQ_OPTIONS_PROGRESS
#define QQ_OPTIONS_PROGRESS \
  { QQ_OPTION_PROGRESS, "progress", 0, N_("show progress on standard error, even if it is no terminal") }, \
  { QQ_OPTION_NO_PROGRESS, "no-progress", 0, N_("show no progress") }
#define QQ_OPTIONS_STREAM \
  { QQ_OPTION_NULL, "null", 0, N_("end each id with NUL, even on a terminal") }, \
  { QQ_OPTION_LINES, "lines", 0, N_("end each id with a newline, even in a pipe") }
#define QQ_OPTIONS_END \
  { QQ_OPTION_HELP, "help", 0, N_("print this and exit") }, \
  { QQ_OPTION_VERSION, "version", 0, N_("print the version and exit") }, \
  { 0, 0, 0, 0 }

typedef struct qq_program {
  char const *name;
  char const *operands;         /* for the usage line */
  char const *summary;
  qq_option const *options;
  char const *exits;            /* exit codes, one sentence */
} qq_program;

/* What the options that all programs share said; nobody but options.c changes it. */
typedef struct qq_shared {
  char const *queue, *home;     /* null: not given */
  unsigned int jobs;            /* 0: not given */
  char end;                     /* behind each id on standard output */
  int progress;                 /* 1 always, 0 never, -1: on a terminal */
} qq_shared;
extern qq_shared const *const qq_shared_options;

/* First call of every main: the locale, file descriptors 0 to 2 that are safe to use, the program's table. */
void qq_start(qq_program const *, int argc, char *const *argv);

/* The same for a program whose options end at the first operand: what is behind that may be another program's. */
void qq_start_in_order(qq_program const *, int argc, char *const *argv);

/* Takes the first operand, so that options behind it are looked for next; null: there is none. After qq_next_option returned 0. */
char const *qq_take_operand(void);

/* The program in charge; for diagnostics. */
qq_program const *qq_program_in_charge(void);

/* The next option of the program's own table: its id, with the argument in *value; 0 when only operands are left.
   Shared options are dealt with here. What is wrong ends the program with 100. */
int qq_next_option(char const **value);

/* The operands, up to a null pointer; valid once qq_next_option returned 0. */
char const *const *qq_operands(void);

/* Ends the program with 100: value, given to the option, is not what is expected there. */
void qq_bad_value(char const *option, char const *value, char const *expected);

/* The position of value among the alternatives `a|b|c`, or the program ends with 100. */
unsigned int qq_choice(char const *option, char const *alternatives, char const *value);

/* A number, moment, age or size given to the option, or the program ends with 100. */
uint64_t qq_number_value(char const *option, char const *value);
uint64_t qq_when_value(char const *option, char const *value);
uint64_t qq_age_value(char const *option, char const *value);
uint64_t qq_size_value(char const *option, char const *value);

/* Which messages: appends to ids (of qq_id, sorted) the operands, or with the operand `-` what standard input has. Returns 1;
   0: no operand, the whole queue is meant. Bad input ends the program with 100. */
int qq_restriction(genalloc *ids);

/* Which messages: appends to ids, in the order given, the operands, or without any (or with `-` alone) what standard input has. */
void qq_named(genalloc *ids);

#endif
