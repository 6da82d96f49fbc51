/* Changing the text of a control file, without disturbing what was not asked for. */

#ifndef QQ_EDIT_H
#define QQ_EDIT_H

#include <skalibs/stralloc.h>
#include <qq/control.h>

/* Makes text the value of a file of that kind: the one value, or an entry a line. Returns 1, or 0
   with errno ENOMEM. */
int qq_edit_set(stralloc *text, char const *const *values);

/* The length of the entry's key: in a map, of what stands before the colon, if there is one. */
size_t qq_edit_key(qq_control_kind, char const *entry, size_t n);

/* Adds the entry at the end. In a map, a line with its key is replaced; an entry that is there is
   left alone. Returns 1, or 0 with errno ENOMEM. */
int qq_edit_add(stralloc *text, qq_control_kind, char const *entry);

/* Takes out each line that has the entry, or in a map that key. Sets *removed to their number.
   Returns 1, or 0 with errno ENOMEM. */
int qq_edit_remove(stralloc *text, qq_control_kind, char const *entry, size_t *removed);

#endif
