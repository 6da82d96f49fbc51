/* Whose a local part is: users/cdb, users/assign compiled, which qmail-lspawn asks for every
   delivery (qmail-lspawn.c:nughde_get), and the password database. usercdb.c alone knows tinycdb. */

#ifndef QQ_USERCDB_H
#define QQ_USERCDB_H

#include <stddef.h>
#include <skalibs/stralloc.h>
#include <qq/piece.h>

/* Writes to fd what qmail-newu makes of the n bytes of users/assign at s, byte for byte. Returns 1; 0: it refuses them, *line and *why say where and for what
   reason; or -1 with errno. Nothing is synced. */
int qq_usercdb_make(int fd, char const *s, size_t n, size_t *line, char const **why);

/* Writes to fd what qmail-newmrh makes of the n bytes of control/morercpthosts at s: each entry as a key. Returns 1, or -1 with errno. */
int qq_usercdb_make_list(int fd, char const *s, size_t n);

/* Says whether users/cdb, open as fd, is what would be made of the text; scratch_fd is an empty file that may be written. Returns 1, 0, or -1 with errno. */
int qq_usercdb_matches(int fd, int scratch_fd, char const *s, size_t n);

/* What is found for a local part: the record's data, USER\0UID\0GID\0HOME\0DASH\0EXT, with the rest of the local part behind EXT if a wildcard took it. */
typedef struct qq_usercdb_found {
  stralloc data;
  size_t taken;                 /* bytes of the local part that the record names */
  int is_wildcard;
} qq_usercdb_found;

/* Splits the data of a record into its fields (qq/assign.h), which lie in it. */
void qq_usercdb_split(qq_piece *fields, char const *data, size_t n);

/* Looks the local part up as qmail-lspawn does. Returns 1; 0: no record takes it; or -1 with errno: EPROTO if it is no cdb of users. */
int qq_usercdb_lookup(int fd, char const *local, size_t n, qq_usercdb_found *);

/* Calls each with the key (! and the address in lower case; with a NUL behind it, if it is a whole local part) and the data of every record, in their order.
   Returns 1; what each returned if that was not 1; or -1 with errno: if EPROTO, why says what is wrong with the file. */
int qq_usercdb_each(int fd, int (*each)(void *, char const *key, size_t key_length, char const *data, size_t data_length), void *, char const **why);

/* Whose it is where no record takes it (qmail-getpw.c). Sets data to what a record would have; alias
   is the name of the user alias. Returns 1, and *is_alias says that no user takes it, so that it is
   alias's; 0: there is no user alias, and qmail defers; or -1 with errno. */
int qq_getpw_find(stralloc *data, int *is_alias, char const *local, size_t n, char const *alias);

#endif
