/* Options, operands and usage: the same for every program, from one table.

   A program declares its options in a table of qq_option that ends with QQ_OPTIONS_END. A row says
   what the option is called and what it does; --help, the diagnostics and the shell completions
   come from it. getopt_long(3) does the parsing. */

#ifndef QQ_OPTIONS_H
#define QQ_OPTIONS_H

#include <stddef.h>
#include <stdint.h>
#include <skalibs/genalloc.h>
#include <qq/pattern.h>
#include <qq/text.h>

typedef struct qq_option qq_option;

/* Does what the option says, with its argument (null: it has none). Ends the program with 100 if
   that is wrong. */
typedef void qq_option_take(qq_option const *, char const *argument);

struct qq_option {
  int letter;                   /* the short form; 0: there is none */
  char const *name;             /* the long form, without the dashes; null: this is a heading */
  char const *argument;         /* null: none; `a|b|c`: one of these; else what, in capitals */
  char const *help;             /* null: the end of the table */
  qq_option_take *take;
  union { int *flag; char const **text; uint64_t *number; void *object; } to;   /* for take */
  int value;                    /* the same */
};

/* What ends a row: static variables that the option gives a value to, the last time counting; or a
   function, with a number that tells its options apart. With FOR_SCRIPTS all is said in English. */
#define QQ_SETS(flag) QQ_SETS_TO(flag, 1)
#define QQ_FOR_SCRIPTS(variable) qq_option_for_scripts, { .flag = &(variable) }, 1
#define QQ_SETS_TO(variable, n) qq_option_flag, { .flag = &(variable) }, (n)
#define QQ_TEXT(variable) qq_option_text, { .text = &(variable) }, 0
#define QQ_NUMBER(variable) qq_option_number, { .number = &(variable) }, 0
#define QQ_SIZE(variable) qq_option_size, { .number = &(variable) }, 0
#define QQ_DURATION(variable) qq_option_duration, { .number = &(variable) }, 0
#define QQ_CHOICE(variable) qq_option_choice, { .flag = &(variable) }, 0
#define QQ_CALLS(function, n) (function), { 0 }, (n)
qq_option_take qq_option_flag, qq_option_for_scripts, qq_option_text, qq_option_number,
  qq_option_size, qq_option_duration, qq_option_choice, qq_option_rows;

/* Which form rows for scripts have; with another one before it, the program ends with 100. The
   variable is 0 if they are for people. See qq_rows_begin. */
enum { QQ_ROWS_JSON = 1, QQ_ROWS_TSV };
#define QQ_ROWS(variable, form) qq_option_rows, { .flag = &(variable) }, (form)
#define QQ_OPTIONS_ROWS(variable, help) \
  { 0, "json", 0, help, QQ_ROWS(variable, QQ_ROWS_JSON) }, \
  { 0, "tsv", 0, N_("the same as a table, with tabs between"), QQ_ROWS(variable, QQ_ROWS_TSV) }

/* A row whose help is empty is not listed: an old name; or, if it has a letter, that letter. */

/* A row for a program that takes ids: an option that it does not have, but qq-grep, whose ids it
   could take. Ends the program with 100 and the pipeline that was meant. */
#define QQ_OPTION_OF_GREP(name, argument) { 0, name, argument, "", qq_option_of_grep, { 0 }, 0 }
qq_option_take qq_option_of_grep;

/* All of them (qq/select.h), behind its own options. */
#define QQ_CRITERION_OF_GREP(id, name, argument, needs, is, by, help) \
  QQ_OPTION_OF_GREP(name, argument),
#define QQ_OPTIONS_OF_GREP \
  QQ_CRITERIA(QQ_CRITERION_OF_GREP) \
  QQ_OPTION_OF_GREP("from-list", "FILE"), \
  QQ_OPTION_OF_GREP("to-list", "FILE"), \
  QQ_OPTION_OF_GREP("subject-list", "FILE")

/* A row that is a heading; an empty one sets off what follows. */
#define QQ_HEADING(text) { 0, 0, 0, text, 0, { 0 }, 0 }

/* What the options that all programs share said. */
typedef struct qq_shared {
  char const *queue, *home;     /* null: not given */
  unsigned int jobs;            /* 0: not given */
  int end;                      /* behind each id on standard output */
  int progress;                 /* 1 always, 0 never, -1: on a terminal */
} qq_shared;
extern qq_shared const *const qq_shared_options;

/* The same for the rows below, and for nobody else. */
extern qq_shared qq_shared_written;
qq_option_take qq_option_jobs, qq_option_help, qq_option_version;

#define QQ_OPTION_QUEUE(help) { 0, "queue", "DIR", help, QQ_TEXT(qq_shared_written.queue) }
#define QQ_OPTION_HOME(help) { 0, "home", "DIR", help, QQ_TEXT(qq_shared_written.home) }
#define QQ_OPTIONS_QUEUE \
  QQ_HEADING(N_("Which queue, and how")), \
  QQ_OPTION_QUEUE(N_("the queue directory")), \
  QQ_OPTION_HOME(N_("qmail's home; alone: the queue is DIR/queue"))
#define QQ_OPTIONS_WHICH \
  QQ_OPTION_QUEUE(N_("a queue; alone: its parent is the home")), \
  QQ_OPTION_HOME(N_("qmail's home"))
#define QQ_OPTIONS_HOME \
  QQ_HEADING(N_("Which qmail")), \
  QQ_OPTIONS_WHICH
#define QQ_OPTIONS_JOBS \
  { 0, "jobs", "N", N_("work on N split directories at a time"), QQ_CALLS(qq_option_jobs, 0) }, \
  QQ_OPTIONS_PROGRESS
#define QQ_OPTIONS_PROGRESS \
  { 0, "progress", 0, N_("show progress on standard error, even if it is no terminal"), \
    QQ_SETS(qq_shared_written.progress) }, \
  { 0, "no-progress", 0, N_("show no progress"), QQ_SETS_TO(qq_shared_written.progress, 0) }
#define QQ_OPTIONS_STREAM \
  { 0, "null", 0, N_("end each id with NUL, even on a terminal"), \
    QQ_SETS_TO(qq_shared_written.end, 0) }, \
  { 0, "lines", 0, N_("end each id with a newline, even in a pipe"), \
    QQ_SETS_TO(qq_shared_written.end, '\n') }
#define QQ_OPTIONS_END \
  QQ_HEADING(""), \
  { 'h', "help", 0, N_("print this and exit"), QQ_CALLS(qq_option_help, 0) }, \
  { 0, "version", 0, N_("print the version and exit"), QQ_CALLS(qq_option_version, 0) }, \
  { 0, 0, 0, 0, 0, { 0 }, 0 }

typedef struct qq_program {
  char const *name;
  char const *operands;         /* for the usage line */
  char const *summary;
  qq_option const *options;
  char const *exits;            /* exit codes, one sentence */
} qq_program;

/* First call of every main: the locale, file descriptors 0 to 2 that are safe to use, the program's
   table, and its options, each taken in turn. What is wrong ends the program with 100. */
void qq_start(qq_program const *, int argc, char *const *argv);

/* The same for a program whose options end at the first operand: what is behind that may be another
   program's. qq_take_operand takes it away (null: there is none), and qq_read_options reads those
   behind it. */
void qq_start_in_order(qq_program const *, int argc, char *const *argv);
char const *qq_take_operand(void);
void qq_read_options(void);

/* A file that is opened must not become standard output by accident; reading and writing there must
   fail as if it were closed. For who opens one before qq_start, which does the same. */
void qq_occupy_descriptors(void);

/* From now on all is said in the language of LC_ALL, LC_MESSAGES, LANG and LANGUAGE, if there is a
   catalogue of it, and also where its locale was not generated (then LANGUAGE is set). In English,
   for what programs read. Both while there is one thread. */
void qq_speak_as_asked(void);
void qq_speak_english(void);

/* The program in charge; for diagnostics. */
qq_program const *qq_program_in_charge(void);

/* The operands, up to a null pointer. */
char const *const *qq_operands(void);

/* Ends the program with 100: there is no option as given, whose name has n letters. Says which one
   comes near, or whose it is; next is the word behind it, or null. */
void qq_die_unknown(char const *given, size_t n, char const *next);

/* Ends the program with 100: value, given to the option of that name, is not what is expected:
   words of its table, not translated. */
void qq_bad_value(char const *name, char const *value, char const *expected);

/* A number, moment, age, time to wait or size given to the option, or the program ends with 100. */
uint64_t qq_number_value(qq_option const *, char const *value);
unsigned int qq_count_value(qq_option const *, char const *value, unsigned int most);  /* from 1 */
uint64_t qq_when_value(qq_option const *, char const *value);
uint64_t qq_moment_value(qq_option const *, char const *value);       /* or an age before now */
uint64_t qq_age_value(qq_option const *, char const *value);
uint64_t qq_duration_value(qq_option const *, char const *value);
uint64_t qq_size_value(qq_option const *, char const *value);

/* Patterns: an option's are read when all options are known, for these say how all of a call are
   meant. */
typedef struct qq_pattern_sense { int whole, glob, regex, exact; } qq_pattern_sense;
extern qq_pattern_sense qq_patterns_meant;      /* for the rows below */
#define QQ_OPTIONS_PATTERNS \
  { 'x', "whole", 0, N_("patterns are the whole text"), QQ_SETS(qq_patterns_meant.whole) }, \
  { 'g', "glob", 0, N_("patterns are globs (* ? [...]) of the whole text"), \
    QQ_SETS(qq_patterns_meant.glob) }, \
  { 'E', "regex", 0, N_("patterns are extended regular expressions"), \
    QQ_SETS(qq_patterns_meant.regex) }, \
  { 0, "case", 0, N_("case counts"), QQ_SETS(qq_patterns_meant.exact) }

/* A pattern as it was given, or the FILE that has some. */
typedef struct qq_kept {
  qq_option const *option;
  char const *value;
  int fd;                       /* of a file, which is opened at once; else -1 */
} qq_kept;

/* Appends it to kept (of qq_kept). */
void qq_pattern_keep(genalloc *kept, qq_option const *, char const *value);

/* Adds what is kept to the patterns, as they are meant. What is wrong ends the program. */
void qq_pattern_read(qq_patterns *, qq_kept const *);

/* Which messages: appends to ids (of qq_id, sorted) the operands, or with the operand `-` what
   standard input has. Returns 1; 0: no operand, the whole queue is meant. Bad input ends the
   program with 100; so does a stream of ids on standard input that the whole queue is meant beside,
   as far as that can be seen: then, before the first byte of output, or at the end of the program
   (qq-ids(5)). */
int qq_restriction(genalloc *ids);

/* Looks whether standard input has ids by now that nobody asked for, and ends the program with 100;
   again: waits a moment for a writer that is late. For qq_output and qq_exit. */
void qq_input_look(void);
void qq_input_look_again(void);

/* For programs that take no ids: ends the program with 100 if standard input has some, now or, if
   it is not read (an operand `-`), later as above. */
void qq_input_refuse_ids(int is_read);

/* For who reads nothing from standard input: what begins so as looks says (of its first bytes, up
   to n) is refused with these words, like ids. */
typedef int qq_input_looks(char const *s, size_t n);
void qq_input_refuse_such(qq_input_looks *looks, char const *said);

/* Which messages: appends to ids, in the order given, the operands, or without any (or with `-`
   alone) what standard input has. */
void qq_named(genalloc *ids);

#endif
