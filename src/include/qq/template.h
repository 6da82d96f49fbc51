/* Templates: directories with a file for each control file that they have a word about (qctl-templates(7)). The user's are in HOME/qqtools/templates, the
   shipped ones in a directory of the installation. */

#ifndef QQ_TEMPLATE_H
#define QQ_TEMPLATE_H

#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>
#include <qq/settings.h>
#include <qq/vault.h>

typedef struct qq_template {
  char *name;
  int is_shipped;
} qq_template;

/* Says whether name can be the name of a template: letters, digits, and `.', `_', `-' behind the first. */
int qq_template_is_name(char const *name);

/* Sets path to the template's directory: the user's one, or the shipped one. Returns 1 (the user's), 2 (shipped), 0: there is none; or -1 with errno. */
int qq_template_find(stralloc *path, char const *home, char const *shipped, char const *name);

/* Appends all templates (qq_template, names malloc'ed) to list, sorted; a user's hides a shipped one of the same name. Returns 1, or -1 with errno and why. */
int qq_template_list(genalloc *list, char const *home, char const *shipped, stralloc *why);

/* Writes the settings as the user's template of that name, in the place of one that is there. Needs the vault's lock. Returns 1, or -1 with errno and why. */
int qq_template_save(qq_vault *, char const *name, qq_settings const *, stralloc *why);

/* Removes the user's template. Needs the lock. The same. */
int qq_template_remove(qq_vault *, char const *name, stralloc *why);

#endif
