/* Signals that must not leave qmail-send down: taken when there is time for them. */

#ifndef QQ_SVC_SIGNALS_H
#define QQ_SVC_SIGNALS_H

/* From now on SIGCHLD, and of SIGTERM, SIGINT, SIGQUIT and SIGHUP those that were not ignored when this began, wait until they are asked for; SIGPIPE is ignored. */
void qq_svc_watch_signals(void);

/* Waits for the next of them. Returns it; 0 for one that came from the terminal, and so has gone to all who belong together. */
int qq_svc_next_signal(void);

/* The same for at most so many nanoseconds, below a second; 0 also if none came. */
int qq_svc_next_signal_within(long nanoseconds);

/* Says whether somebody wants this to end; takes the signal that says so. */
int qq_svc_is_interrupted(void);

#endif
