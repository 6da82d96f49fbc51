/* users/assign: which user an address that is delivered here belongs to (qmail-users(5)). As qmail-newu reads it (qmail-newu.c:main). */

#ifndef QQ_ASSIGN_H
#define QQ_ASSIGN_H

#include <stddef.h>
#include <qq/piece.h>

/* Fields behind the address. */
enum { QQ_ASSIGN_USER, QQ_ASSIGN_UID, QQ_ASSIGN_GID, QQ_ASSIGN_HOME, QQ_ASSIGN_DASH, QQ_ASSIGN_EXT, QQ_ASSIGN_FIELDS };

/* One assignment. The pieces lie in the text. */
typedef struct qq_assignment {
  size_t line;                  /* its number, from 1 */
  qq_piece whole;               /* the line without its newline */
  int is_wildcard;              /* a prefix, else a whole local part */
  qq_piece address;
  qq_piece fields[QQ_ASSIGN_FIELDS];
} qq_assignment;

typedef struct qq_assign {
  char const *s;
  size_t n, at, line;           /* private */
  size_t end;                   /* where the line with the dot begins, once it was met */
} qq_assign;

/* Starts over the n bytes of users/assign, which belong to the caller. */
void qq_assign_begin(qq_assign *, char const *s, size_t n);

/* The next assignment. Returns 1; 0: the line with the dot was met, what is behind it does not count; or -1: qmail-newu refuses the file in the line
   a->line, and why says for what reason. */
int qq_assign_next(qq_assign *, qq_assignment *, char const **why);

/* Says whether the assignment takes the local part: is it, or a beginning of it. Without case, as the compiled file is. */
int qq_assignment_serves(qq_assignment const *, char const *local, size_t n);

/* The number at the beginning of a field, as qmail-lspawn reads a uid (scan_ulong.c). */
unsigned long qq_assign_number(qq_piece const *field);

#endif
