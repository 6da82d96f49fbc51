/* The directory of qqtools beside control/ in qmail's home (HOME/qqtools): its lock, the history of
   changes, the template in force. And changes of control files, all or none of them (INTERNALS:
   changing control files).

   A change is prepared as a directory of the history that has each file as it was (old/) and as it
   will be (new/); a file that is in neither one does not exist there. One rename makes it valid.
   From then on it is carried out, by whoever comes next if need be. */

#ifndef QQ_STORE_H
#define QQ_STORE_H

#include <stdint.h>
#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>
#include <qq/settings.h>

typedef struct qq_store {
  char const *home;             /* the caller's */
  int home_fd, control_fd;      /* HOME and HOME/control */
  int fd, history_fd;           /* HOME/qqtools and its history; -1: not there, or */
  int is_hidden;                /* not ours to see (qq_store_is_hidden) */
  int lock_fd;
} qq_store;

/* Opens what there is, until the program ends. Returns 1; or -1 with errno and why: HOME/control
   must be there. */
int qq_store_open(qq_store *, char const *home, stralloc *why);

/* Says whether what is missing of it is only not ours to see; then errno says so. */
int qq_store_is_hidden(qq_store const *);

/* Makes what is missing, and takes the lock, without waiting. Returns 1; or -1 with errno and why:
   EBUSY when another program changes something. */
int qq_store_lock(qq_store *, stralloc *why);

/* Says whether a change was interrupted. Returns 1, 0, or -1 with errno. */
int qq_store_is_interrupted(qq_store const *);

/* One change of the history. */
typedef struct qq_record {
  uint64_t number;
  uint64_t when;                /* nanoseconds since 1970 */
  uint64_t uid;
  stralloc user, what;          /* NUL-terminated */
  stralloc before, after;       /* the template in force, the same */
  qq_settings old_files, new_files;
} qq_record;
#define QQ_RECORD_ZERO { 0, 0, 0, STRALLOC_ZERO, STRALLOC_ZERO, STRALLOC_ZERO, STRALLOC_ZERO, \
  QQ_SETTINGS_ZERO, QQ_SETTINGS_ZERO }
void qq_record_free(qq_record *);

/* Brings an interrupted change to its end, or takes back what was not valid yet. Needs the lock. If
   that was an undo, undone (may be null) becomes the change that it took back, without files where
   they were forgotten already; else its number stays 0. Returns 1, or -1 with errno and why. */
int qq_store_recover(qq_store *, qq_record *undone, stralloc *why);

/* The name of the template in force; empty: none. Returns 1, or -1 with errno. */
int qq_store_in_force(qq_store const *, stralloc *name);

/* Makes the files that changes mention so, and records that what did it, with the template that is
   in force afterwards. live: the files as they are. Files that are so already are not touched; if
   all of them are, nothing is recorded. Needs the lock. Returns the number of files changed; or -1
   with errno and why. */
int qq_store_change(qq_store *, qq_settings const *live, qq_settings const *changes,
  char const *what, char const *in_force, stralloc *why);

/* Says whether qq_store_change may replace or remove what differs: what is there is known; links
   are followed, but only where nobody else can change the way, and none is removed. Returns 1, or
   -1 with errno and why. */
int qq_store_can_change(qq_store const *, qq_settings const *live, qq_settings const *changes,
  stralloc *why);

/* Numbers of the changes that can be undone (of uint64_t, sorted). Returns 1, or -1 with errno. */
int qq_store_history(qq_store const *, genalloc *numbers);

/* Reads one. Returns 1, or -1 with errno and why. */
int qq_store_record(qq_store const *, uint64_t number, qq_record *, stralloc *why);

/* Makes every file as it was before the change, which must be the last one, and forgets it. Needs
   the lock. Returns 1, or -1 with errno and why. */
int qq_store_undo(qq_store *, qq_record const *, stralloc *why);

/* Templates: directories with a file for each control file that they have a word about
   (qctl-templates(7)). The user's are in HOME/qqtools/templates, the shipped ones in a directory of
   the installation. */

typedef struct qq_template {
  char *name;
  int is_shipped;
} qq_template;

/* Says whether name can be the name of a template: letters, digits, and `.', `_', `-' behind the
   first. */
int qq_template_is_name(char const *name);

enum { QQ_TEMPLATE_OWN = 1, QQ_TEMPLATE_SHIPPED };

/* Sets path to the template's directory: the user's one, or the shipped one. Returns which of them;
   0: there is none; or -1 with errno. */
int qq_template_find(stralloc *path, char const *home, char const *shipped, char const *name);

/* Reads it, of whichever kind. A link in the place of the user's is followed if nobody but root and
   us can have made it. Returns 1; 0: there is none; or -1 with errno and why. */
int qq_template_load(qq_settings *, qq_store const *, char const *shipped, char const *name,
  stralloc *why);

/* Appends all templates (qq_template, names malloc'ed) to list, sorted; a user's hides a shipped
   one of the same name. Returns 1, or -1 with errno and why. */
int qq_template_list(genalloc *list, char const *home, char const *shipped, stralloc *why);

/* Writes the settings as the user's template of that name, in the place of one that is there. Needs
   the store's lock. Returns 1, or -1 with errno and why. */
int qq_template_save(qq_store *, char const *name, qq_settings const *, stralloc *why);

/* Removes the user's template. Needs the lock. The same. */
int qq_template_remove(qq_store *, char const *name, stralloc *why);

#endif
