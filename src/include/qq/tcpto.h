/* The table of hosts that could not be reached of late, which qmail-remote does not try for an hour. */

#ifndef QQ_TCPTO_H
#define QQ_TCPTO_H

/* Empties it, as qmail-tcpok does (qmail-tcpok.c:main): with zeros, as many as it has bytes, since some patches have longer records. Waits a second at most for whoever
   has it locked. Returns 1, or -1 with errno: EBUSY when it stays locked. */
int qq_tcpto_clear(int queue_fd);

#endif
