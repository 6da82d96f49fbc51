/* The forms in which qlog-show shows a life: each appends what it shows. */

#ifndef QQ_QLOG_SHOW_H
#define QQ_QLOG_SHOW_H

#include "qlog.h"

typedef void qlog_form(stralloc *, qq_lives *, qq_life *);
qlog_form qlog_json, qlog_rows, qlog_tsv, qlog_story;

/* The line above rows, and above tab-separated ones. */
void qlog_rows_heading(stralloc *);
void qlog_tsv_heading(stralloc *);

/* With --follow: notes in the first run what a line tells of other messages; then adds to the set
   what came of those in it. */
qlog_see qlog_follow_line;
void qlog_follow(qlog_set *);

/* All recipients are shown, also of what the criteria did not ask for. */
extern int qlog_shows_all;

/* Writes down for the story what the line tells of its life. */
qlog_see qlog_story_line;

#endif
