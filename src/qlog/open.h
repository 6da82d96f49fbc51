/* What qlog_open needs of the criteria. */

#ifndef QQ_QLOG_OPEN_H
#define QQ_QLOG_OPEN_H

#include "qlog.h"

/* Pattern files are read: tells the log which files need not be opened. */
void qlog_criteria_ready(qq_log *);

/* Tells the lives what is in range. */
void qlog_criteria_range(qq_lives *);

#endif
