/* Who injected a message: what qmail itself wrote on top of it.

   qmail-queue writes the first line, `Received: (qmail PID invoked WHO); DATE`
   (qmail-queue.c:receivedfmt). If that says `from network`, qmail-smtpd or its kin wrote the field
   behind it (received.c:received), whose first line ends with the client's address in parentheses,
   perhaps behind `user@`. Everything below was written by the sender and is not looked at. */

#ifndef QQ_RECEIVED_H
#define QQ_RECEIVED_H

#include <stddef.h>
#include <stdint.h>

typedef enum {
  QQ_INVOKED_UNKNOWN, QQ_INVOKED_BY_UID, QQ_INVOKED_BY_ALIAS, QQ_INVOKED_FROM_NETWORK,
  QQ_INVOKED_FOR_BOUNCE
} qq_invoked;

#define QQ_RECEIVED_IP_MAX 46   /* INET6_ADDRSTRLEN */

typedef struct qq_received {
  qq_invoked invoked;
  uint64_t uid;                 /* if QQ_INVOKED_BY_UID */
  char ip[QQ_RECEIVED_IP_MAX];  /* canonical text of inet_ntop(3); empty: none */
} qq_received;

/* Reads the first n bytes of a message (2,048 are plenty; a line cut off by the end counts as
   absent). IPv4-mapped IPv6 addresses are given as IPv4. An address that inet_pton(3) does not take
   is none. */
void qq_received_parse(qq_received *, char const *s, size_t n);

#endif
