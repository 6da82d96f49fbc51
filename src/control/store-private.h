/* Names and helpers of the store's files. */

#ifndef QQ_STORE_PRIVATE_H
#define QQ_STORE_PRIVATE_H

#include <sys/stat.h>
#include <qq/names.h>
#include <qq/store.h>

#define QQ_STORE_OLD "old"
#define QQ_STORE_NEW "new"
#define QQ_STORE_INFO "record"
/* Below HOME/qqtools. */
#define QQ_STORE_HISTORY (&QQ_NAME_HISTORY[sizeof QQ_NAME_QQTOOLS])
#define QQ_STORE_TEMPLATES (&QQ_NAME_TEMPLATES[sizeof QQ_NAME_QQTOOLS])
/* A change that is being prepared, carried out, taken back; one that is taken back. */
#define QQ_STORE_PREPARING ".preparing"
#define QQ_STORE_APPLYING ".applying"
#define QQ_STORE_UNDOING ".undoing"
#define QQ_STORE_UNDONE ".undone"

/* Opens a directory below another, also through a link if nobody but root and us can have made
   that. Returns the descriptor, or -1 with errno. */
int qq_store_directory(int at, char const *name);

/* Makes a directory below another, with the group of control/ and as open as that, but writable for
   us alone, and opens it. The same. */
int qq_store_make_directory(qq_store const *, int at, char const *name);

/* Closes what is in HOME/qqtools to those who may not read control/, or the live file of the same
   name: as far as it is ours. Needs the lock. Returns 1, or -1 with errno. */
int qq_store_mend_modes(qq_store const *);

/* Sets text to the file's, which may be no link. Returns 1; 0: there is none; or -1 with errno. */
int qq_store_read(int at, char const *name, stralloc *text);

/* Writes a file as the setting has it, with owner and, if it has one, time, and syncs it. Returns
   1, or -1 with errno. */
int qq_store_write(int at, char const *name, qq_setting const *);

/* Says whether another program has the lock. Returns more than 0, 0, or -1 with errno. */
int qq_store_is_busy(qq_store const *);

/* The name of the template in force is prepared before a change is valid, so that there is no need
   of space for it afterwards. Put: it takes its place. Drop: what was prepared is not wanted.
   Set: both. Return 1, or -1 with errno. */
int qq_store_prepare_in_force(qq_store *, char const *name);
int qq_store_put_in_force(qq_store *, char const *name);
int qq_store_drop_in_force(qq_store *);
int qq_store_set_in_force(qq_store *, char const *name);

/* Says whether one was prepared. Returns 1, 0, or -1 with errno. */
int qq_store_has_next_in_force(qq_store const *);

/* Looks at the live file, also through a link. Returns 1; 0: there is none, or a link that leads
   nowhere; or -1 with errno. */
int qq_store_look(qq_store const *, char const *name, struct stat *);

/* Says whether the file in control/ may be written, behind the link that may be in its place
   (qq_path_open_target), or, if it is not to exist, removed, which a link is not. Returns 1, or -1
   with errno and why. */
int qq_store_can_put(qq_store const *, char const *name, int exists, stralloc *why);

/* Prepares the files in control/, or where links there lead, under temporary names. Returns 1, or
   -1 with errno. */
int qq_store_prepare_files(qq_store *, qq_settings const *);

/* Makes the files in control/ what is wanted; what others alone has is removed. Each may be so
   already, and one that is neither as wanted nor as others have it was edited, and stays. Returns
   1, or -1 with errno and why. */
int qq_store_put_files(qq_store *, qq_settings const *wanted, qq_settings const *others,
  stralloc *why);

/* Removes all temporary files in control/, and where links there lead. Returns 1, or -1 with
   errno. */
int qq_store_sweep_files(qq_store *);

/* Says whether the making of a template was interrupted; removes what is left of it. Return 1;
   0: it was not; or -1 with errno. */
int qq_template_is_interrupted(qq_store const *);
int qq_template_sweep(qq_store *);

/* Writes what, before, after and the files as the record that is being prepared. Returns 1, or -1
   with errno. */
int qq_record_write(qq_store *, qq_record const *);

/* Reads the record in that directory of the history. Returns 1, or -1 with errno and why. */
int qq_record_read(qq_store const *, char const *directory, qq_record *, stralloc *why);

#endif
