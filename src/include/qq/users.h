/* The directory users/ of a qmail: assign, and cdb made of it. */

#ifndef QQ_USERS_H
#define QQ_USERS_H

#include <pwd.h>
#include <stddef.h>
#include <skalibs/stralloc.h>
#include <qq/assign.h>
#include <qq/file.h>
#include <qq/home.h>
#include <qq/text.h>

/* A file that is to be replaced: it, or what a link in its place leads to. */
typedef struct qq_users_file {
  qq_owner owner;
  int at;                       /* after qq_users_can_write: the directory that it lies in */
  stralloc name, new;           /* its name there; that of the one beside it; NUL-terminated */
} qq_users_file;

typedef struct qq_users {
  int fd;                       /* HOME/users */
  char const *home;             /* the caller's */
  stralloc text;                /* users/assign; without one, what an empty one has */
  int has_assign, has_cdb;
  qq_users_file assign, cdb;    /* private */
} qq_users;

/* Opens the directory, for who asks users/cdb alone: text stays empty, and has_assign 0. Returns 1;
   or -1 with errno and why. Stays open until the program ends. */
int qq_users_open_directory(qq_users *, char const *home, stralloc *why);

/* Reads users/assign, the directory being open. Returns 1; or -1 with errno and why. */
int qq_users_read(qq_users *, stralloc *why);

/* Both. */
int qq_users_open(qq_users *, char const *home, stralloc *why);

/* Says of the line of users/assign that qmail-newu refuses it. Returns -1 with errno EINVAL and
   why. */
int qq_users_refuse(qq_users const *, qq_assign const *at, stralloc *why);

/* users/cdb for reading, or -1 with errno. */
int qq_users_cdb(qq_users const *);

/* Says whether users/cdb is what qmail-newu would make of users/assign. Returns 1, 0 (also: there
   is none), or -1 with errno and why. */
int qq_users_is_current(qq_users const *, stralloc *why);

/* Says whether both files can be written, and nothing that is in force be lost; to be called before
   the three below. Returns 1; or -1 with errno and why: as qq_path_open_target; or EINVAL, there is
   no users/assign, but a users/cdb, and what that assigns would be lost. */
int qq_users_can_write(qq_users *, stralloc *why);

/* Makes text the users/assign, and users/cdb what qmail-newu makes of it, each behind the link that
   may be in its place. Both are prepared and synced before the first takes its place; users/cdb,
   which alone decides where mail goes, comes second. The caller holds the lock of the home. Returns
   1; or -1 with errno and why: EINVAL if qmail-newu would refuse text, and then nothing has been
   changed. */
int qq_users_write(qq_users const *, stralloc const *text, stralloc *why);

/* Ends what a run that was stopped has begun: users/cdb follows users/assign. The caller holds the
   lock. The same. */
int qq_users_recover(qq_users const *, stralloc *why);

/* Makes users/cdb alone. The same. */
int qq_users_compile(qq_users const *, stralloc *why);

/* Whose a local part is: users/cdb, users/assign compiled, which qmail-lspawn asks for every
   delivery (qmail-lspawn.c:nughde_get), and the password database. usercdb.c alone knows
   tinycdb. */

/* Writes to fd what qmail-newu makes of the text of users/assign, byte for byte. Returns 1; 0: it
   refuses the text, as at says; or -1 with errno. Nothing is synced. */
int qq_usercdb_make(int fd, stralloc const *text, qq_assign *at);

/* Writes to fd what qmail-newmrh makes of the n bytes of control/morercpthosts at s: each entry as
   a key. Returns 1, or -1 with errno. */
int qq_usercdb_make_list(int fd, char const *s, size_t n);

/* Says whether users/cdb, open as fd, is what would be made of the text; scratch_fd is an empty
   file that may be written. Returns 1, 0, or -1 with errno. */
int qq_usercdb_matches(int fd, int scratch_fd, stralloc const *text);

/* What is found for a local part: the record's data, USER\0UID\0GID\0HOME\0DASH\0EXT, with the rest
   of the local part behind EXT if a wildcard took it. */
typedef struct qq_usercdb_found {
  stralloc data;
  size_t taken;                 /* bytes of the local part that the record names */
  int is_wildcard;
} qq_usercdb_found;

/* Splits the data of a record into its fields (qq/assign.h), which lie in it. */
void qq_usercdb_split(qq_piece *fields, char const *data, size_t n);

/* Looks the local part up as qmail-lspawn does. Returns 1; 0: no record takes it; or -1 with errno:
   EPROTO if it is no cdb of users. */
int qq_usercdb_lookup(int fd, char const *local, size_t n, qq_usercdb_found *);

/* Calls take with the key (! and the address in lower case; with a NUL behind it, if it is a whole
   local part) and the data of every record, in their order. Returns 1; what take returned if that
   was not 1; or -1 with errno: if EPROTO, why says what is wrong with the file. */
typedef int qq_usercdb_take(void *, char const *key, size_t key_length, char const *data,
  size_t data_length);
int qq_usercdb_each(int fd, qq_usercdb_take *, void *, char const **why);

/* Whose it is where no record takes it (qmail-getpw.c). Sets data to what a record would have;
   alias is the name of the user alias, delimiter what stands between a user and an extension; 0:
   nothing. Returns 1, and *is_alias says that no user takes it, so that it is alias's; 0: there is
   no user alias, and qmail defers; or -1 with errno. */
int qq_getpw_find(stralloc *data, int *is_alias, char const *local, size_t n, char const *alias,
  char delimiter);

/* Who gets a local part: the one answer to that. */

typedef enum {
  QQ_TAKER_NOBODY,              /* and there is no user alias: qmail defers */
  QQ_TAKER_ASSIGNED,            /* a record of users/cdb */
  QQ_TAKER_USER,                /* a user of the password database */
  QQ_TAKER_ALIAS                /* alias, whose is all the rest */
} qq_taker_kind;

typedef struct qq_taker {
  qq_taker_kind kind;
  qq_usercdb_found found;       /* what is delivered with; taken and is_wildcard: of a record */
  qq_piece fields[QQ_ASSIGN_FIELDS];    /* in it */
} qq_taker;
#define QQ_TAKER_ZERO { QQ_TAKER_NOBODY, { STRALLOC_ZERO, 0, 0 }, { { 0, 0 } } }

/* Finds it (qmail-lspawn.c:nughde_get), in the open directory users/; without one there is no
   users/cdb. Returns 1; or -1 with errno and why: EPROTO if users/cdb is damaged, and all local
   mail is deferred. The caller frees it with qq_taker_free, and may use it again. */
int qq_taker_find(qq_taker *, qq_users const *, qq_built const *, char const *local, size_t n,
  stralloc *why);
void qq_taker_free(qq_taker *);

/* Says of a taker of beginning-WORD whether its home has a .qmail file for anything with that
   beginning, or it cannot be told; of alias one of its own, not what takes all the rest. Assigned
   is assigned: 1. Returns 1, 0, or -1 with errno. */
int qq_taker_takes_some(qq_taker const *, qq_built const *, size_t word);

#endif
