/* Changing the text of users/assign, without disturbing what was not asked for. */

#ifndef QQ_ASSIGN_EDIT_H
#define QQ_ASSIGN_EDIT_H

#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>
#include <qq/assign.h>

/* Says what is wrong with the assignment where qmail-newu would take it and nothing good come of it: uid 0, a prefix that can never match, a home that is no
   path. Returns 1: nothing; or 0 and why. */
int qq_assign_edit_check(qq_assignment const *, char const **why);

/* What is assigned: address and type. The address belongs to the caller. */
typedef struct qq_assign_key {
  qq_piece address;
  int is_wildcard;
  size_t line;                  /* 0: of no text */
} qq_assign_key;

/* The key of n bytes of an address. */
qq_assign_key qq_assign_key_of(int is_wildcard, char const *address, size_t n);

/* Appends the keys of the text to keys (of qq_assign_key) and sorts all of them, without case; those of one address stay in the order of their lines. The text
   must be one that qmail-newu takes, and stay. Returns 1, or 0 with errno ENOMEM. */
int qq_assign_keys_read(genalloc *keys, stralloc const *text);
void qq_assign_keys_sort(genalloc *keys);

/* The position of the first of the sorted keys that does not stand before the key: local parts stand before prefixes. Their number if there is none. */
size_t qq_assign_keys_from(genalloc const *keys, qq_assign_key const *);

/* The first of the sorted keys that is the same without case, or null. */
qq_assign_key const *qq_assign_keys_find(genalloc const *keys, qq_assign_key const *);

/* Says whether two keys are the same without case. */
int qq_assign_key_same(qq_assign_key const *, qq_assign_key const *);

/* Sets found (a byte for each of the sorted keys) to 1 for those that are assigned in the text; of keys that are the same, for the first. Returns 1; or 0:
   qmail-newu refuses the text, *line and *why say where and for what reason. */
int qq_assign_keys_seen(genalloc const *keys, stralloc const *text, unsigned char *found, size_t *line, char const **why);

/* Takes the assignments of the sorted keys, whose addresses must not lie in the text, out of it. Sets found likewise. Returns 1; or 0 likewise, and then the
   text is of no use any more. */
int qq_assign_edit_remove(stralloc *text, genalloc const *keys, unsigned char *found, size_t *line, char const **why);

/* Puts lines, each with its newline, on top. Returns 1, or 0 with errno ENOMEM. */
int qq_assign_edit_add(stralloc *text, stralloc const *lines);

#endif
