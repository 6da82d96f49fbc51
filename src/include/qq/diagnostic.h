/* Diagnostics on standard error and the exit code. Any thread may use these. */

#ifndef QQ_DIAGNOSTIC_H
#define QQ_DIAGNOSTIC_H

#include <qq/say.h>

#define QQ_EXIT_NONE 1          /* nothing found; differs; a named message is gone */
#define QQ_EXIT_USAGE 100       /* wrong use or wrong input: do not retry */
#define QQ_EXIT_TROUBLE 111     /* trouble of the system: retrying may help */

/* One line, `NAME: warning: ...`, made safe to look at. */
void qq_warn(char const *format, ...) QQ_PRINTF(1, 2);

/* A warning about something damaged: qq_exit turns an exit code of 0 or 1 into 111 after it. */
void qq_trouble(char const *format, ...) QQ_PRINTF(1, 2);

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

/* What errno stands for: 100 for what is not there or is not what was meant (ENOENT, ENOTDIR, EISDIR, EINVAL, ELOOP), else 111. */
int qq_exit_code_of(int e);

/* Out of memory; qq_demand_memory: unless good. */
void qq_die_memory(void) QQ_NORETURN;
void qq_demand_memory(int good);

/* Appends the formatted text as qq_say does, or is out of memory. */
void qq_must_say(stralloc *, char const *format, ...) QQ_PRINTF(2, 3);

/* exit(code), or 111 instead of 0 and 1 after qq_trouble. */
void qq_exit(int code) QQ_NORETURN;

#endif
