/* What a check finds. */

#ifndef QQ_FINDING_H
#define QQ_FINDING_H

#include <stddef.h>
#include <skalibs/stralloc.h>
#include <qq/text.h>

typedef enum {
  QQ_SEVERITY_ERROR,            /* not what anybody wants */
  QQ_SEVERITY_WARNING,          /* probably not what was meant */
  QQ_SEVERITY_HINT              /* works, but is better otherwise */
} qq_severity;

typedef struct qq_finding {
  qq_severity severity;
  char const *name;             /* of the file, or what else it is about */
  size_t line;                  /* from 1; 0: the file as a whole */
  stralloc text;                /* what it is, and what qmail does with it; no NUL */
} qq_finding;

/* Gets each finding. The texts are valid until it returns. */
typedef struct qq_findings {
  void (*report)(void *, qq_finding const *);
  void *to;
} qq_findings;

/* Reports a finding. Returns 1, or -1 with errno ENOMEM. */
int qq_finding_say(qq_findings const *, qq_severity, char const *name, size_t line,
  char const *format, ...) QQ_PRINTF(5, 6);

/* error, warning, hint: for JSON as it is, for people through _(). */
char const *qq_severity_word(qq_severity);

#endif
