/* Control files as a set: those of a live directory, or those that a template has a word about. */

#ifndef QQ_SETTINGS_H
#define QQ_SETTINGS_H

#include <stdint.h>
#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>
#include <qq/control.h>
#include <qq/file.h>
#include <qq/finding.h>

typedef struct qq_setting {
  char *name;
  int exists;                   /* 0: no such file, or a template says that there must be none */
  stralloc content;
  qq_owner owner;
  uint64_t mtime;               /* nanoseconds since 1970 */
  int error;                    /* errno: it may not or cannot be read, and is not known; else 0 */
  int is_unread;                /* the content is not known: nobody asked for it */
} qq_setting;

typedef struct qq_settings {
  genalloc list;                /* of qq_setting, sorted by name */
} qq_settings;
#define QQ_SETTINGS_ZERO { GENALLOC_ZERO }

/* The largest control file that is read, and how much of a directory altogether. */
#define QQ_SETTING_MAX 67108864
#define QQ_SETTINGS_MAX (4 * QQ_SETTING_MAX)

/* Regular files alone are read, and nothing is waited for. Where others can put files into the
   directory, one that has a second name counts as one that cannot be read (EMLINK).

   Reads the files of a live directory, which is taken over as qq_directory_begin does; path is what
   it is called. No names that begin with a dot, no directories; of opaque ones that whole (may be
   null) does not mention, only that they are there. A link is followed if nobody but root and us
   can have made it; else it cannot be read (ELOOP). Who uses a content looks at its error first.
   Returns 1; or -1 with errno and why. */
int qq_settings_load(qq_settings *, int directory, char const *path, qq_settings const *whole,
  stralloc *why);

/* The same with the contents of opaque files; all of them must be readable, and none a link. */
int qq_settings_load_copy(qq_settings *, int directory, char const *path, stralloc *why);

/* Reads a template (qctl-templates(7)): an empty file says that there is to be none, a single
   newline that there is to be an empty one. The same. */
int qq_settings_load_template(qq_settings *, int directory, char const *path, stralloc *why);

void qq_settings_free(qq_settings *);

/* The one behind the other (null: the first) in the order of their names, or null. */
qq_setting const *qq_settings_next(qq_settings const *, qq_setting const *);

/* The one of that name, or null: not there, or not mentioned. */
qq_setting const *qq_settings_find(qq_settings const *, char const *name);

/* The same; instead of null one that does not exist, without a name and empty. */
qq_setting const *qq_settings_get(qq_settings const *, char const *name);

/* Adds one, or replaces what it is. Returns it, which stays valid until the next; or null with
   errno ENOMEM. */
qq_setting *qq_settings_put(qq_settings *, char const *name, int exists, char const *s, size_t n);

/* Adds or replaces in settings all that changes mention. Returns 1, or -1 with errno ENOMEM. */
int qq_settings_overlay(qq_settings *, qq_settings const *changes);

/* Says whether the two are the same file; an empty one and one of a single newline are. */
int qq_setting_equal(qq_setting const *, qq_setting const *);

/* Goes through what changes would make of settings that are there: each name that they mention and
   that is not so already. */
typedef struct qq_difference {
  char const *name;
  qq_setting const *before, *after;     /* of that name, as qq_settings_get has them */
  int was_mentioned, is_mentioned;      /* before has the name; after has it */
  int are_templates;            /* the caller sets it: a file that only one of them has differs */
  qq_settings const *all_before, *all_after;    /* private from here; the caller's, and stay */
  qq_setting const *last_before, *last_after;
} qq_difference;
void qq_difference_begin(qq_difference *, qq_settings const *before, qq_settings const *changes);

/* Turns to the next name, in their order. Returns 1, or 0 after the last. */
int qq_difference_next(qq_difference *);

/* ---- what qmail's programs make of them ---- */

typedef enum {
  QQ_VALUE_SET,                 /* the file says so */
  QQ_VALUE_ME,                  /* there is no file, and me counts */
  QQ_VALUE_DEFAULT,             /* there is no file, and what is compiled in counts */
  QQ_VALUE_IGNORED,             /* there is a file that qmail makes nothing of: the same */
  QQ_VALUE_NONE,                /* there is no file, and nothing instead */
  QQ_VALUE_UNREADABLE,          /* the file that counts cannot be read: its own, or me */
  QQ_VALUE_SOURCES
} qq_value_source;

/* The value in force: of lists and maps each entry with a newline behind it; else the string.
   Appends it to value. Of an opaque file nothing. Returns the source; or -1 with errno ENOMEM. */
int qq_value_get(stralloc *value, qq_control const *, qq_settings const *);

/* The file that the value of that name comes from: its own, or me; as qq_settings_get. */
qq_setting const *qq_value_file(char const *name, qq_settings const *);

/* The word for a source; untranslated. */
char const *qq_value_source_word(qq_value_source);

/* ---- what is wrong with them, with qmail's own way of reading in mind ---- */

/* Checks the file by itself. home: of qmail, an open directory, whose programs are asked for
   patches that read more than others, and what it was built with; home_path: its path; -1 and an
   empty one: there are none. Returns 1, or -1 with errno ENOMEM. */
int qq_check_file(qq_findings const *, qq_setting const *, int home, char const *home_path);

/* Checks the files against each other, and for those that are missing. The same. */
int qq_check_set(qq_findings const *, qq_settings const *);

/* A part of that: whether the SMTP server is an open relay. Each of these findings is an error. The
   same. */
int qq_check_closed(qq_findings const *, qq_settings const *);

/* Compares the domains that SMTP takes mail for with those that are delivered here: one may have
   been forgotten in one of the files. The same. */
int qq_check_domains(qq_findings const *, qq_settings const *);

/* Says whether s can be the name of a host or domain (RFC 1123 section 2.1). */
int qq_check_is_host(char const *s, size_t n);

/* The same, but underscores are letters, as in domains of mail that are no names of hosts. */
int qq_check_is_name(char const *s, size_t n);

#endif
