/* JSON (RFC 8259), one object a line. */

#ifndef QQ_JSON_H
#define QQ_JSON_H

#include <stddef.h>
#include <stdint.h>
#include <skalibs/stralloc.h>
#include <qq/when.h>

/* Writes into out. Out of memory ends the program. */
typedef struct qq_json { stralloc *out; int comma; } qq_json;
#define QQ_JSON(sa) { (sa), 0 }

/* name is null inside of an array and for the outermost object. */
void qq_json_object(qq_json *, char const *name);
void qq_json_object_end(qq_json *);
void qq_json_array(qq_json *, char const *name);
void qq_json_array_end(qq_json *);
void qq_json_number(qq_json *, char const *name, uint64_t);
void qq_json_integer(qq_json *, char const *name, int64_t);
void qq_json_boolean(qq_json *, char const *name, int);
void qq_json_null(qq_json *, char const *name);

/* A string that is known to be UTF-8. */
void qq_json_word(qq_json *, char const *name, char const *s);

/* A moment as a string, in local time with its offset. */
void qq_json_moment(qq_json *, char const *name, qq_calendar *, uint64_t moment);

/* The same with microseconds. */
void qq_json_exact(qq_json *, char const *name, qq_calendar *, uint64_t moment);

/* Text from outside: bytes that are no UTF-8 become U+FFFD, and a field NAME_base64 with all bytes
   of exact follows if they or the text have such bytes; not inside of an array, where nothing has a
   name. */
void qq_json_text(qq_json *, char const *name, char const *s, size_t n,
  char const *exact, size_t exact_length);

/* The same for bytes that are shown as they are. */
void qq_json_bytes(qq_json *, char const *name, char const *s, size_t n);

/* Ends the line. */
void qq_json_line(qq_json *);

#endif
