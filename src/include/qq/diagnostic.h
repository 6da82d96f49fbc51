/* Diagnostics on standard error and the exit code. Any thread may use these. */

#ifndef QQ_DIAGNOSTIC_H
#define QQ_DIAGNOSTIC_H

#include <stdint.h>
#include <qq/text.h>

#define QQ_EXIT_NONE 1          /* nothing found; differs; a named message is gone */
#define QQ_EXIT_USAGE 100       /* wrong use or wrong input: do not retry */
#define QQ_EXIT_TROUBLE 111     /* trouble of the system: retrying may help */

/* One line, `NAME: warning: ...`, made safe to look at. */
void qq_warn(char const *format, ...) QQ_PRINTF(1, 2);

/* A warning about something damaged: qq_exit turns an exit code of 0 or 1 into 111 after it. */
void qq_trouble(char const *format, ...) QQ_PRINTF(1, 2);
/* Says whether there was one. */
int qq_has_trouble(void);

/* One line as it is, without the program's name. */
void qq_note(char const *format, ...) QQ_PRINTF(1, 2);

#if defined(__GNUC__)
#define QQ_NORETURN __attribute__((noreturn))
#else
#define QQ_NORETURN
#endif

/* `NAME: fatal: ...` and exit(code). */
void qq_die(int code, char const *format, ...) QQ_PRINTF(2, 3) QQ_NORETURN;

/* The same with 100 and the usage line behind it. */
void qq_die_usage(char const *format, ...) QQ_PRINTF(1, 2) QQ_NORETURN;

/* What errno stands for: 100 for what is not there or is not what was meant (ENOENT, ENOTDIR,
   EISDIR, EINVAL, ELOOP), else 111. */
int qq_exit_code_of(int e);

/* For what failed with -1 and a reason: dies of it, with what errno stands for as the code, if r is
   negative. qq_demand_done: with 111, whatever errno is. */
void qq_demand(int r, stralloc const *why);
void qq_demand_done(int r, stralloc const *why);

/* Dies with 111 of what could not be done: the text, and behind it what errno stands for, as
   qq_unable says it. */
void qq_die_unable(char const *format, ...) QQ_PRINTF(1, 2) QQ_NORETURN;

/* Out of memory; qq_demand_memory: unless good. */
void qq_die_memory(void) QQ_NORETURN;
static inline void qq_demand_memory(int good)
{
  if (!good) qq_die_memory();
}

/* Appends the formatted text as qq_fmt does, or is out of memory. */
void qq_must_fmt(stralloc *, char const *format, ...) QQ_PRINTF(2, 3);

/* exit(code), or 111 instead of 0 and 1 after qq_trouble. */
void qq_exit(int code) QQ_NORETURN;

/* Progress of long work, one line on standard error that overwrites itself. */

/* Reports that `done` of `all` parts and `messages` messages are through. Shows it, if the work has
   lasted over a second, at most five times a second; on a terminal only, unless the options say
   otherwise. Not for two threads at once. */
void qq_progress(uint64_t done, uint64_t all, uint64_t messages);

/* The same for other work: the line is this text. */
void qq_progress_text(char const *format, ...) QQ_PRINTF(1, 2);

/* Says whether somebody is there who wants to see it. */
int qq_progress_wanted(void);

/* Takes the line away: before other output, and at the end. Any thread. */
void qq_progress_hide(void);

#endif
