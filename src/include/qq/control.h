/* The control files of qmail and of its common patches: what each is, and what a change takes
   (qmail-controls(5)). */

#ifndef QQ_CONTROL_H
#define QQ_CONTROL_H

#include <stddef.h>
#include <stdint.h>
#include <skalibs/stralloc.h>

typedef enum {
  QQ_CONTROL_HOST,              /* one line: the name of a host or domain */
  QQ_CONTROL_STRING,            /* one line */
  QQ_CONTROL_INTEGER,           /* one line that begins with digits */
  QQ_CONTROL_LIST,              /* an entry a line */
  QQ_CONTROL_MAP,               /* KEY:VALUE a line */
  QQ_CONTROL_OPAQUE             /* certificates, databases: not ours to read */
} qq_control_kind;

/* When a change is seen. */
typedef enum {
  QQ_EFFECT_CONNECTION,         /* by the next connection */
  QQ_EFFECT_DELIVERY,           /* by the next delivery */
  QQ_EFFECT_MESSAGE,            /* by the next run of the program */
  QQ_EFFECT_HUP,                /* when qmail-send gets SIGHUP */
  QQ_EFFECT_RESTART,            /* when qmail-send is restarted */
  QQ_EFFECT_REBUILD,            /* when its cdb is made anew */
  QQ_EFFECT_SCRIPT,             /* when the service whose script reads it is restarted */
  QQ_EFFECT_UNKNOWN,            /* of a file that the table does not have */
  QQ_EFFECTS
} qq_effect;

typedef struct qq_control {
  char const *name;
  qq_control_kind kind;
  char const *fallback;         /* what counts when the file is not there; null: nothing does */
  int falls_back_to_me;         /* before that, the value of me */
  uint32_t low, high;           /* of an integer: what makes sense */
  char const *environment;      /* a variable that overrides the file, or null */
  char const *reader;           /* the program that reads it */
  qq_effect effect;
  char const *origin;           /* null: qmail itself; else the patches that brought it */
  char const *meaning;
  int is_seconds;               /* the integer is a time */
} qq_control;

/* All of them, sorted by name. */
extern qq_control const qq_controls[];
extern size_t const qq_controls_count;

/* The one of that name, or null. */
qq_control const *qq_control_find(char const *name);

/* The name of the one that whoever wrote this may have meant; null: none comes near. */
char const *qq_control_nearest(char const *name);

/* Say whether it is a list or a map, or not ours to read; null is neither. */
int qq_control_has_entries(qq_control const *);
int qq_control_is_opaque(qq_control const *);

/* Words for people and JSON; untranslated. */
char const *qq_control_kind_word(qq_control_kind);
char const *qq_effect_word(qq_effect);

/* ---- changing the text of a file, without disturbing what was not asked for ---- */

/* The length of the entry's key: in a map, of what stands before the colon, if there is one. */
size_t qq_edit_key(qq_control_kind, char const *entry, size_t n);

/* Adds the entry at the end. In a map, a line with its key is replaced; an entry that is there is
   left alone. Returns 1, or 0 with errno ENOMEM. */
int qq_edit_add(stralloc *text, qq_control_kind, char const *entry);

/* Takes out each line that has the entry, or in a map that key. Sets *removed to their number.
   Returns 1, or 0 with errno ENOMEM. */
int qq_edit_remove(stralloc *text, qq_control_kind, char const *entry, size_t *removed);

#endif
