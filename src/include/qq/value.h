/* What is in force: what qmail's programs make of the control files. */

#ifndef QQ_VALUE_H
#define QQ_VALUE_H

#include <skalibs/stralloc.h>
#include <qq/control.h>
#include <qq/settings.h>

typedef enum {
  QQ_VALUE_SET,                 /* the file says so */
  QQ_VALUE_ME,                  /* there is no file, and me counts */
  QQ_VALUE_DEFAULT,             /* there is no file, and what is compiled in counts */
  QQ_VALUE_IGNORED,             /* there is a file, but qmail makes nothing of it, and what is compiled in counts */
  QQ_VALUE_NONE,                /* there is no file, and nothing instead */
  QQ_VALUE_UNREADABLE,
  QQ_VALUE_SOURCES
} qq_value_source;

/* The value in force: of lists and maps each entry with a newline behind it; else the string. Appends it to value. Of an opaque file nothing. Returns the
   source; or -1 with errno ENOMEM. */
int qq_value_get(stralloc *value, qq_control const *, qq_settings const *);

/* The word for a source; untranslated. */
char const *qq_value_source_word(qq_value_source);

#endif
