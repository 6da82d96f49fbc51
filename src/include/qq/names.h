/* What qmail calls its files and records, each once. doc/qmail-queue.5 has the sources. */

#ifndef QQ_NAMES_H
#define QQ_NAMES_H

#include <skalibs/stralloc.h>

/* Trees of the queue. Channels are numbered: local 0, remote 1, supplK 2 + K. */
#define QQ_NAME_MESS "mess"
#define QQ_NAME_INFO "info"
#define QQ_NAME_TODO "todo"
#define QQ_NAME_INTD "intd"
#define QQ_NAME_BOUNCE "bounce"
#define QQ_NAME_PID "pid/"      /* of messages that qmail-queue is writing */
#define QQ_NAME_LOCAL "local"
#define QQ_NAME_REMOTE "remote"
#define QQ_NAME_SUPPLEMENTAL "suppl"

/* Sets name to that of a channel, with a NUL behind it. Returns 1, or 0 with errno ENOMEM. */
int qq_channel_name(stralloc *name, unsigned int channel);

/* How many channels the queue has: local, remote, and suppl0, suppl1 ... as far as they are. -1
   with errno where that cannot be seen. */
int qq_channels(int queue_fd);

/* Ours: what is to be exchanged for info/ID lies beside it under this and the id, which is no name
   of a message. */
#define QQ_NAME_REPLACEMENT ".rm-"
/* What is to be placed in mess/ is written in pid/ under this and a process's number. */
#define QQ_NAME_LOADING ".load-"
/* The trees that qq-fix makes, in the queue; and what it puts aside. The mode of .fix is the one
   that the queue had before it was closed (qq/repair.h). */
#define QQ_NAME_LOST "lost/"
#define QQ_NAME_FIX ".fix"
#define QQ_NAME_FIX_NEW ".fix/new"
#define QQ_NAME_FIX_OLD ".fix/old"
#define QQ_NAME_FIX_LOST ".fix/lost"
#define QQ_NAME_REPORT "report"         /* in the directory of a run in lost/ */
#define QQ_NAME_FIX_READY ".fix/ready"
#define QQ_NAME_FIX_DONE ".fix/done"
/* Of such a name, what is behind .fix/. */
#define QQ_WITHIN_FIX(name) ((name) + sizeof QQ_NAME_FIX)

/* Programs in qmail's bin/, and what the system calls their processes. */
#define QQ_NAME_BIN "bin"
#define QQ_NAME_QMAIL_SEND "qmail-send"
#define QQ_NAME_QMAIL_START "qmail-start"
#define QQ_NAME_QMAIL_LSPAWN "qmail-lspawn"
#define QQ_NAME_QMAIL_RSPAWN "qmail-rspawn"
#define QQ_NAME_QMAIL_CLEAN "qmail-clean"
#define QQ_NAME_QMAIL_TODO "qmail-todo"
#define QQ_NAME_QMAIL_LOCAL "qmail-local"
#define QQ_NAME_QMAIL_REMOTE "qmail-remote"
#define QQ_NAME_QMAIL_QUEUE "qmail-queue"
#define QQ_NAME_QMAIL_GETPW "qmail-getpw"

#define QQ_NAME_LOCK "lock/."           /* itself: what starts and stops qmail-send locks it */
#define QQ_NAME_SENDMUTEX "lock/sendmutex"
#define QQ_NAME_TRIGGER "lock/trigger"
#define QQ_NAME_TCPTO "lock/tcpto"
#define QQ_NAME_QUEUE "queue"
#define QQ_NAME_CONTROL "control"
#define QQ_NAME_QUEUELIFETIME "control/queuelifetime"
#define QQ_NAME_SHOWCTL "bin/qmail-showctl"
#define QQ_NAME_VIRTUALDOMAINS "control/virtualdomains"

/* The file that multilog, svlogd and s6-log write; what multilog and s6-log have made of it, and
   their processor of that. */
#define QQ_NAME_CURRENT "current"
#define QQ_NAME_PREVIOUS "previous"
#define QQ_NAME_PROCESSED "processed"

/* Programs whose bytes tell what they were built with: names of files that they read, of functions
   of libc that they call, what they write (qq_home_program_has). */
#define QQ_SIGN_QUEUE ": (qmail "               /* qmail-queue.c:receivedfmt */
#define QQ_NAME_QMAIL_SMTPD "qmail-smtpd"
#define QQ_SIGN_REMOTE_SQMAIL "control/tlsdestinations"
#define QQ_SIGN_REMOTE_AUTH "AUTH "
#define QQ_SIGN_REMOTE_IP6 "inet_pton"
#define QQ_SIGN_SMTPD_SQMAIL "control/badloadertypes"
#define QQ_SIGN_SMTPD_EXPRESSIONS "regexec"

/* Ours, in qmail's home: what changes leave behind, and the user's templates. */
#define QQ_NAME_QQTOOLS "qqtools"
#define QQ_NAME_HISTORY "qqtools/history"
#define QQ_NAME_TEMPLATES "qqtools/templates"
#define QQ_NAME_LEDGER "qqtools/ledger"

/* Under `qsvc stopped': the descriptor of the locked mutex, the queue, qmail's home. */
#define QQ_VARIABLE_MUTEX "QQ_MUTEX"
#define QQ_VARIABLE_QUEUE "QQ_QUEUE"
#define QQ_VARIABLE_HOME "QMAILHOME"
/* Users who inject what came by SMTP, and who they are if it is not set: the server's, where
   qmail-queue says `by uid' of it (indimail), those of simscan, qmail-scanner, ClamAV and vpopmail
   (with which scanners run), qpsmtpd's. */
#define QQ_VARIABLE_SMTP_USERS "QQ_SMTP_USERS"
#define QQ_SMTP_USERS "qmaild:simscan:clamav:qscand:vpopmail:indimail:qpsmtpd"
/* Where the log of qmail-send is, with colons between. */
#define QQ_VARIABLE_LOG "QQ_LOG"

/* The directory of shipped templates, where it is another one. */
#define QQ_VARIABLE_TEMPLATES "QQ_TEMPLATES"

/* Modes that qmail's installation gives (hier.c:hier). */
#define QQ_MODE_TRIGGER 0622
#define QQ_MODE_SENDMUTEX 0600
#define QQ_MODE_LOCK 0750
#define QQ_MODE_TCPTO 0644
#define QQ_MODE_BIN 0755
#define QQ_MODE_QMAIL_QUEUE 04711
#define QQ_MODE_PROGRAM 0711

/* Bytes of lock/tcpto, at least: some patches have longer records (tcpto.c:tcpto_clean). */
#define QQ_SIZE_TCPTO 1024
/* Numbered directories where nobody changed conf-split. */
#define QQ_SPLIT_DEFAULT 23

/* Modes of a mess file. qmail-queue gives it the first, and no part of qmail looks at it again, as
   long as all may read: so the others say, of a message that is root's, how far its removal is. */
#define QQ_MODE_PLAIN 0644
#define QQ_MODE_BEGUN 0444              /* it is shut, and nothing is lost yet */
#define QQ_MODE_UNDER_WAY 0555          /* only the removal itself can end it */

/* Mode of info as qmail-send makes it; and of another server's double bounce that is held. */
#define QQ_MODE_INFO 0600
#define QQ_MODE_HELD_INFO 0400

/* First byte of a record in todo, info and the recipient files; a NUL ends each. */
#define QQ_RECORD_UID 'u'
#define QQ_RECORD_PID 'p'
#define QQ_RECORD_SENDER 'F'
#define QQ_RECORD_RECIPIENT 'T'
#define QQ_RECORD_DONE 'D'
#define QQ_RECORD_HEADERS_E 'e'         /* indimail: kept as it is */
#define QQ_RECORD_HEADERS_H 'h'

/* Envelope sender of a double bounce; what would bounce to it is discarded
   (qmail-send.c:injectbounce). */
#define QQ_SENDER_DOUBLE_BOUNCE "#@[]"

/* Seconds that qmail-send keeps trying where control/queuelifetime does not say
   (qmail-send.c:getcontrols). */
#define QQ_QUEUELIFETIME_DEFAULT 604800

/* Root of a channel's retry schedule: attempts are due (k * skip) squared seconds after the birth
   (qmail-send.c:chanskip). */
#define QQ_SKIP_LOCAL 10
#define QQ_SKIP_REMOTE 20

/* Files of a dead qmail-queue are garbage after this many seconds (qmail-send.c:OSSIFIED). */
#define QQ_OSSIFIED 129600

#endif
