/* Findings of checks on their way to a person. */

#ifndef QQ_TOLD_H
#define QQ_TOLD_H

#include <stdint.h>
#include <qq/finding.h>

typedef struct qq_told {
  uint64_t errors, warnings, hints;
  int json;                     /* one object a line on standard output instead of lines of text */
  int to_stderr;                /* with the program's name in front */
  int (*is_wanted)(void const *wanted, qq_finding const *);     /* says whether to tell it; null: everything */
  void const *wanted;
} qq_told;

/* For qq_findings, whose `to' is a qq_told. */
void qq_tell_finding(void *, qq_finding const *);

#endif
