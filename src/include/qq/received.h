/* Who injected a message: what qmail itself wrote on top of it.

   qmail-queue writes the first line, `Received: (qmail PID invoked WHO); DATE'
   (qmail-queue.c:receivedfmt). Where WHO is the network, or a user who injects what came from it,
   the SMTP server's field is below: it is the first field Received that speaks of SMTP. What is
   above that one was put in between by the server or by a scanner ($QMAILQUEUE), and is passed
   over; what is below was written by the sender, and is not looked at. A field that is not of one
   of the forms below, or another line of qmail-queue, ends the search.

     from HOST (HELO NAME) (USER@IP)       qmail-smtpd and its kin (received.c:received), NAME and
       by ... with PROTOCOL; DATE          USER@ as the case may be; from HOST is not there in some
                                           of sagredo's; [IP] and (envelope-sender <...>) behind it
                                           in qmail-ldap; (USER@IP with METHOD)
     from HOST (HELO NAME) (USER)          sagredo, for clients that may relay
     from HOST ... (smtp-auth username USER, mechanism METHOD)    beside (IP), or below it: qpsmtpd
     indimail-mta smtpd PID from HOST (HELO NAME) (USER@IP)       qmtpd and qmqpd, too
     (ofmipd USER@IP)                      mess822

   HOST, NAME and USER have gone through safeput, which leaves no parentheses.

   USER is who logged in, or without a login, what the client's own host says of itself (ident). It
   is believed if PROTOCOL ends with A (RFC 3848: ESMTPA), if METHOD or `authenticated' is there, or
   if USER has a @. */

#ifndef QQ_RECEIVED_H
#define QQ_RECEIVED_H

#include <stddef.h>
#include <stdint.h>
#include <qq/text.h>

typedef enum {
  QQ_INVOKED_UNKNOWN, QQ_INVOKED_BY_UID, QQ_INVOKED_BY_ALIAS, QQ_INVOKED_FROM_NETWORK,
  QQ_INVOKED_FOR_BOUNCE
} qq_invoked;

#define QQ_RECEIVED_IP_MAX 46   /* INET6_ADDRSTRLEN */

typedef struct qq_origin {
  char ip[QQ_RECEIVED_IP_MAX];  /* canonical text of inet_ntop(3); empty: none */
  qq_piece login;               /* in the text that was read; no byte: none */
} qq_origin;

typedef struct qq_received {
  qq_invoked invoked;
  uint64_t uid;                 /* if QQ_INVOKED_BY_UID */
  uint64_t qp;                  /* pid of qmail-queue; 0: its line is not there */
  qq_origin origin;
  qq_origin claimed;            /* what is said, too, but not to be believed */
} qq_received;

/* Reads the first n bytes of a message that has size bytes. IPv4-mapped IPv6 addresses are given as
   IPv4. An address that inet_pton(3) does not take is none. Returns 1; or 0: more bytes may say
   more. */
int qq_received_parse(qq_received *, char const *s, size_t n, uint64_t size);

/* The user who injected it may have written all of it: what it says is claimed. */
void qq_received_disbelieve(qq_received *);

/* ---- private to the files of it ---- */

/* What a field Received, its name taken off, says. */
typedef enum { QQ_RELAY_NONE, QQ_RELAY_SERVER, QQ_RELAY_OTHER } qq_relay;

/* Reads such a field. QQ_RELAY_SERVER: the SMTP server wrote it, and *r has what it says;
   QQ_RELAY_NONE: it speaks of no SMTP; QQ_RELAY_OTHER: it is of none of the forms above, or a line
   of qmail-queue. */
qq_relay qq_relay_read(qq_received *r, qq_piece field);

/* Takes the word off the text. Returns 1, or 0: it does not begin with it. */
int qq_received_take(qq_piece *text, char const *word);

/* Sets ip to the canonical text of an address, in brackets or not. Returns 1, or 0: it is none. */
int qq_received_address(char *ip, qq_piece);

#endif
