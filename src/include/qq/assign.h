/* users/assign: which user an address that is delivered here belongs to (qmail-users(5)). As
   qmail-newu reads it (qmail-newu.c:main). */

#ifndef QQ_ASSIGN_H
#define QQ_ASSIGN_H

#include <stddef.h>
#include <sys/types.h>
#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>
#include <qq/text.h>

/* Fields behind the address. */
enum {
  QQ_ASSIGN_USER, QQ_ASSIGN_UID, QQ_ASSIGN_GID, QQ_ASSIGN_HOME, QQ_ASSIGN_DASH, QQ_ASSIGN_EXT,
  QQ_ASSIGN_FIELDS
};

/* One assignment. The pieces lie in the text. */
typedef struct qq_assignment {
  size_t line;                  /* its number, from 1 */
  qq_piece whole;               /* the line without its newline */
  int is_wildcard;              /* a prefix, else a whole local part */
  qq_piece address;
  qq_piece fields[QQ_ASSIGN_FIELDS];
} qq_assignment;

typedef struct qq_assign {
  char const *s;                /* private */
  size_t n, at;                 /* the same */
  size_t line;                  /* the number of the line that was read last */
  size_t end;                   /* where the line with the dot begins, once it was met */
  int is_over;                  /* nothing follows: the dot was met, or is missing */
  char const *why;              /* what is wrong with the line that qmail-newu refuses */
} qq_assign;

/* Starts over the n bytes of users/assign, which belong to the caller. */
void qq_assign_begin(qq_assign *, char const *s, size_t n);

/* The next assignment. Returns 1; 0: the line with the dot was met, what is behind it does not
   count; or -1: qmail-newu refuses the file, line and why say where and for what reason. Who wants
   to see what else there is asks again, unless is_over. */
int qq_assign_next(qq_assign *, qq_assignment *);

/* Says whether it is digits and nothing else. */
int qq_assign_is_digits(qq_piece const *);

/* The uid or gid at the beginning of a field, as qmail-lspawn reads it (scan_ulong.c): of a number
   that is too large, what is left of it. */
uid_t qq_assign_id(qq_piece const *field);

/* Changing the text of users/assign, without disturbing what was not asked for. */

/* What is wrong with the assignment where qmail-newu would take it and nothing good come of it: uid
   0, a prefix that can never match, a home that is no path. Null: nothing. */
char const *qq_assign_fault(qq_assignment const *);

/* What is assigned: address and type. The address belongs to the caller. */
typedef struct qq_assign_key {
  qq_piece address;
  int is_wildcard;
  size_t line;                  /* 0: of no text */
  int is_found;                 /* after qq_assign_remove */
} qq_assign_key;

/* The key of n bytes of an address. */
qq_assign_key qq_assign_key_of(int is_wildcard, char const *address, size_t n);

/* Appends the keys of the text to keys (of qq_assign_key) and sorts all of them, without case;
   those of one address stay in the order of their lines. Lines that qmail-newu refuses have none.
   The text must stay. Returns 1, or 0 with errno ENOMEM. */
int qq_assign_keys_read(genalloc *keys, stralloc const *text);
void qq_assign_keys_sort(genalloc *keys);

/* The position of the first of the sorted keys that does not stand before the key: local parts
   stand before prefixes. Their number if there is none. */
size_t qq_assign_keys_from(genalloc const *keys, qq_assign_key const *);

/* The first of the sorted keys that is the same without case, or null. */
qq_assign_key *qq_assign_keys_find(genalloc const *keys, qq_assign_key const *);

/* Says whether two keys are the same without case. */
int qq_assign_key_same(qq_assign_key const *, qq_assign_key const *);

/* Takes the assignments of the sorted keys, whose addresses must not lie in the text, out of it,
   and says in the keys which were there; of keys that are the same, in the first. Returns 1; or 0:
   qmail-newu refuses the text, as at says, and it is of no use any more. */
int qq_assign_remove(stralloc *text, genalloc *keys, qq_assign *at);

#endif
