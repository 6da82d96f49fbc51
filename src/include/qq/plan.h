/* What is to be done on the disk for a domain or a mailbox: directories and files, the lines of users/assign, control files. It is put together first, shown or
   carried out then. */

#ifndef QQ_PLAN_H
#define QQ_PLAN_H

#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>
#include <qq/replace.h>
#include <qq/settings.h>

typedef struct qq_step {
  char *path;
  int is_directory;
  int replaces;                 /* a file that is there, too */
  stralloc content;             /* of a file */
  qq_owner owner;
} qq_step;

typedef struct qq_plan {
  genalloc steps;               /* of qq_step, in their order */
  stralloc assign;              /* the text of users/assign, as it is to be */
  qq_settings control;          /* control files as they are to be */
} qq_plan;
#define QQ_PLAN_ZERO { GENALLOC_ZERO, STRALLOC_ZERO, QQ_SETTINGS_ZERO }

/* Adds a directory, or a file with that content. Returns 1, or 0 with errno ENOMEM. */
int qq_plan_directory(qq_plan *, char const *path, qq_owner const *);
int qq_plan_file(qq_plan *, char const *path, char const *s, size_t n, qq_owner const *);

/* The same for a file that takes the place of one that is there. */
int qq_plan_new_file(qq_plan *, char const *path, char const *s, size_t n, qq_owner const *);

/* Makes the directories and files. What is there already is left as it is: a step that was taken before, or remains of a domain that was kept. Returns 1; or
   -1 with errno and why. */
int qq_plan_make(qq_plan const *, stralloc *why);

/* Removes a directory with all that is in it, without following links. Returns 1, also when it is not there; or -1 with errno and why. */
int qq_plan_purge(char const *path, stralloc *why);

/* Appends a line for each directory and file that is not there yet, as a person would type it. Returns 1, or 0 with errno ENOMEM. */
int qq_plan_show(qq_plan const *, stralloc *out);

#endif
