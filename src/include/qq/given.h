/* The highest number that was ever given to a domain as its prefix, kept in HOME/qqtools: mail that is queued for a domain that is gone still has its prefix, and
   would go to the domain that gets it next. */

#ifndef QQ_GIVEN_H
#define QQ_GIVEN_H

#include <stddef.h>
#include <stdint.h>

/* directory: HOME/qqtools, or -1: there is none. Sets *highest, 0 where nothing is known. Returns 1, or -1 with errno: EPROTO when the file has something else. */
int qq_given_read(int directory, uint64_t *highest);

/* Remembers the prefix, if it is a number and higher than what is known. The caller has the vault's lock. Returns 1, or -1 with errno. */
int qq_given_note(int directory, char const *prefix, size_t n);

#endif
