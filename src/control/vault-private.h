/* Names and helpers of the vault's files. */

#ifndef QQ_VAULT_PRIVATE_H
#define QQ_VAULT_PRIVATE_H

#include <qq/vault.h>

#define QQ_VAULT_OLD "old"
#define QQ_VAULT_NEW "new"
#define QQ_VAULT_INFO "record"
#define QQ_VAULT_APPLYING ".applying"
#define QQ_VAULT_UNDOING ".undoing"
/* What a file is prepared as, in control/. */
#define QQ_VAULT_TEMPORARY ".qctl-"

/* Sets why to `unable to WHAT HOME/PATH: ` and what errno stands for. Returns -1; errno stays. */
int qq_vault_fail(qq_vault const *, char const *what, char const *path, stralloc *why);

/* Carries out what the directory of the history says: makes the files in control/ what they are in its old/ or new/ (side). Every step may have been done
   before. Returns 1, or -1 with errno and why. */
int qq_vault_carry_out(qq_vault *, char const *directory, char const *side, stralloc *why);

/* Prepares the file in control/ under its temporary name. Returns 1, or -1 with errno. */
int qq_vault_prepare(qq_vault *, qq_setting const *);

/* Says whether another program has the lock. Returns 1, 0, or -1 with errno. */
int qq_vault_is_busy(qq_vault const *);

/* The name of the template in force is prepared before a change is valid, so that there is no need of space for it afterwards. Put: it takes its place.
   Drop: what was prepared is not wanted. Return 1, or -1 with errno. */
int qq_vault_prepare_in_force(qq_vault *, char const *name);
int qq_vault_put_in_force(qq_vault *, char const *name);
int qq_vault_drop_in_force(qq_vault *);

/* Says whether one was prepared. */
int qq_vault_has_next_in_force(qq_vault const *);

/* Removes all temporary files in control/. Returns 1, or -1 with errno. */
int qq_vault_sweep(qq_vault *);

/* Removes the directory of the history with all that is in it. Returns 1, or -1 with errno. */
int qq_vault_remove(qq_vault *, char const *directory);

/* Says whether the making of a template was interrupted; removes what is left of it. */
int qq_template_is_interrupted(qq_vault const *);
int qq_template_sweep(qq_vault *);

/* Opens a directory below another. Returns the descriptor, or -1 with errno. */
int qq_vault_directory(int at, char const *name);

/* Reads what the directory of the history says of itself. Returns 1, or -1 with errno and why. */
int qq_vault_read_info(qq_vault const *, char const *directory, qq_past *, stralloc *why);

/* Reads the files of a directory of the history. */
int qq_vault_load(qq_vault const *, char const *directory, char const *side, qq_settings *, stralloc *why);

#endif
