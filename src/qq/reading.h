/* What the programs that read a queue share: the queue that the options name, opened; root given
   up; the walk; which messages. */

#ifndef QQ_READING_H
#define QQ_READING_H

#include <qq/home.h>
#include <qq/message.h>
#include <qq/options.h>
#include <qq/instance.h>
#include <qq/queue.h>
#include <qq/select.h>
#include <qq/site.h>

typedef struct qq_reading {
  qq_queue queue;
  qq_site site;                         /* found, and nothing else */
  qq_prefixes prefixes;                 /* qq_reading_prefixes */
  genalloc ids;                         /* of qq_id */
  int restricted;                       /* only ids are meant, not the whole queue */
  qq_walk walk;
} qq_reading;

/* Finds and opens the queue that the options and the environment name, and gives up root's rights
   for those of qmail-send, who may read all of a queue; if that is root, for nobody's, or says that
   it cannot. Names what is wrong with the queue itself. Ends the program if it cannot. */
void qq_reading_open_to_read(qq_reading *);

/* The same for who changes it: the process keeps root's rights, and ends with 111 if a directory is
   missing. */
void qq_reading_open(qq_reading *);

/* For who needed root for a while: gives it up as qq_reading_open_to_read does. */
void qq_reading_give_up_root(qq_reading *);

/* Opens the queue to read, and takes the operands, or standard input for `-`, as the
   restriction. */
void qq_reading_start(qq_reading *);

/* The same; but first, while a process that root has started still is root, calls look for what
   nobody else may see. */
void qq_reading_start_after(qq_reading *, void (*look)(qq_queue const *));
/* The same without any restriction: nobody looks at operands and standard input. */
void qq_reading_start_whole(qq_reading *, void (*look)(qq_queue const *));

/* Says whether qmail-send runs on the queue; is_shown of the instance, which begins as
   QQ_INSTANCE_ZERO, says whether its processes were to be seen; it may be null. Returns 1; 0; or
   -1: that it cannot be seen was said. */
int qq_reading_is_up(qq_queue const *, qq_instance *);

/* For who says where messages came from: the users whose word about that is taken, of
   $QQ_SMTP_USERS. If they had to be looked up, the walk warns of one that is not there. */
void qq_reading_smtp_users(qq_reading *);

/* The channel that --channel names, or the end of the program. */
unsigned int qq_reading_channel(qq_queue const *, char const *name);

/* The home's control/queuelifetime in seconds; qmail's own, with a word about the trouble, if it
   is not to be read. */
uint64_t qq_reading_queuelifetime(qq_reading const *);

/* Opens the home, if it is not open yet. Ends the program if it cannot. */
void qq_reading_open_home(qq_reading *);

/* Reads all control files of the home, which is open. Ends the program if it cannot. */
void qq_reading_settings(qq_reading *, qq_settings *);

/* Reads the home's control/virtualdomains into the queue, for who looks at addresses of recipients;
   with a word about the trouble, if it is not to be read. */
void qq_reading_prefixes(qq_reading *);

/* Ends the program with 111 if qq-fix is at work on the queue, or has been since it was opened: the
   trees that are open are nobody's then, and what is not found in them may be there all the same.
   The walks below ask it before they say that anything is wrong, or gone, and when they end. */
void qq_reading_demand_same(qq_reading const *);
/* The same; and it ends, by errno, if result, of reading all of the queue, is -1. */
void qq_reading_check(qq_reading const *, int result);

/* Prepares the walk for visit, with a zeroed worker of size bytes for each job. */
void qq_reading_prepare(qq_reading *, int (*visit)(void *, qq_message *), size_t size);

/* Walks. What cannot be done at all ends the program; damaged messages are warned about. */
void qq_reading_walk(qq_reading *);

/* The same, with a warning for each of ids that is gone. qq_reading_walk_in_order visits them in
   the order given. */
void qq_reading_walk_named(qq_reading *);
void qq_reading_walk_in_order(qq_reading *);

/* A message that was named is gone. */
void qq_reading_warn_gone(qq_id const *);

/* A message that was named and is in the queue, but is not among those that are shown: says so if
   it was named. Returns 1. */
int qq_reading_pass_over(qq_reading const *, qq_message const *);

/* Says whether the last two had to warn. */
int qq_reading_missed(void);

/* The criteria of qq/select.h as options, for the programs that search. */

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
