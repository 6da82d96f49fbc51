/* The names by which mail calls character sets. */

#ifndef QQ_CHARSET_NAME_H
#define QQ_CHARSET_NAME_H

#include <stddef.h>

#define QQ_CHARSET_NAME_MAX 64

typedef struct qq_charset_alias {
  char const *key;              /* the name's letters and digits; windows1251 and the like are cp1251 */
  char const *best;             /* what to ask iconv for; "utf-8" needs no iconv, "" is no character set of mail */
  char const *other;            /* where iconv has no best (musl), or null */
} qq_charset_alias;

/* Writes s in lower case, with a NUL, to name, which has room for QQ_CHARSET_NAME_MAX + 1 bytes.
   Returns 1, or 0 if s is empty, too long, or holds other bytes than letters, digits and - _ . : + ( ). */
int qq_charset_name(char *name, char const *s, size_t n);

/* Returns the alias for such a name, or null: it stands for itself. */
qq_charset_alias const *qq_charset_alias_of(char const *name);

/* Says whether such a name is one of UTF-8, or of US-ASCII, which is read as UTF-8. */
int qq_charset_is_utf8(char const *name);

#endif
