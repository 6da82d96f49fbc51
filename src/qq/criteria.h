/* The criteria of qq/select.h as options, for the programs that search. */

#ifndef QQ_CRITERIA_H
#define QQ_CRITERIA_H

#include <qq/options.h>
#include <qq/queue.h>
#include <qq/select.h>

/* The options of a list of criteria, as QQ_CRITERIA_TEXT(QQ_CRITERION_OPTION); and one that takes
   the patterns of a criterion from a file. Each ends with a comma. */
#define QQ_CRITERION_OPTION(id, name, argument, needs, is, by, help) \
  { 0, name, argument, help, QQ_CALLS(qq_criteria_take, QQ_CRITERION_##id) },
#define QQ_CRITERION_LIST(id, name, help) QQ_CRITERION_OPTION(id, name, "FILE", , , , help)
qq_option_take qq_criteria_take;

#define QQ_OPTIONS_MEASURE \
  QQ_HEADING(N_("Age and size (TIME: 2026-11-20, '2026-11-20 12:00', @SECONDS; " \
    "AGE: 90s 15m 36h 7d; SIZE: 512 10K 5M 1G)")), \
  QQ_CRITERIA_MEASURE(QQ_CRITERION_OPTION)

/* The criteria of qq-grep in a program that has none, behind its own options. */
#define QQ_CRITERION_OF_GREP(id, name, argument, needs, is, by, help) \
  QQ_OPTION_OF_GREP(name, argument),
#define QQ_OPTIONS_OF_GREP \
  QQ_CRITERIA(QQ_CRITERION_OF_GREP) \
  QQ_OPTION_OF_GREP("from-list", "FILE"), \
  QQ_OPTION_OF_GREP("to-list", "FILE"), \
  QQ_OPTION_OF_GREP("subject-list", "FILE")

/* What this call asks for. */
typedef struct qq_criteria {
  qq_select select;
  genalloc kept;                /* private: options that are read when all are known */
} qq_criteria;
extern qq_criteria qq_criteria_given;

/* After the last option: makes the selection ready. Pattern files were opened when their option was
   read. What is wrong ends the program with 100. The queue may be null if --channel is none of
   them. */
qq_select *qq_criteria_ready(qq_queue const *);

#endif
