/* Standard output, from any thread; and what is written there: columns, JSON, findings. */

#ifndef QQ_OUTPUT_H
#define QQ_OUTPUT_H

#include <stddef.h>
#include <stdint.h>
#include <skalibs/stralloc.h>
#include <qq/finding.h>
#include <qq/id.h>
#include <qq/text.h>
#include <qq/when.h>

/* Size that a worker lets its own buffer grow to before it hands it over. */
#define QQ_OUTPUT_BATCH 65536

/* Writes all of s at once, undivided by other threads. A failure ends the program with 111. */
void qq_output(char const *s, size_t n);

/* Writes what the buffer holds and empties it, if it holds limit bytes or more. */
void qq_output_batch(stralloc *, size_t limit);

/* Writes a number as a line. */
void qq_output_count(uint64_t);

/* What follows are tokens: marks the pipe, so that who reads it knows before the first of them. */
void qq_output_has_tokens(void);

/* Ends what tokens were written with one that nobody takes, so that nothing is done with them. */
void qq_output_spoil(void);

/* Appends the token of a message with its end (NUL or newline, as the options say). */
void qq_output_token(stralloc *, qq_id const *);

/* Appends the pieces (of qq_piece) that only one of two lists has, in their order: what after lacks
   behind minus, then what before lacks behind plus, each a line and made safe. Returns how many. */
size_t qq_differing_pieces(stralloc *out, char const *minus, char const *plus,
  genalloc const *before, genalloc const *after);

/* Writes `change NAME' and the lines that only one of two texts has, each with - or + in front. */
void qq_output_difference(char const *name, qq_piece const *before, qq_piece const *after);

/* Says whether standard output is a terminal. */
int qq_output_is_terminal(void);

/* A line that says what was done, made safe, if standard output is a terminal: of a program that
   would say nothing. */
void qq_output_done(char const *format, ...) QQ_PRINTF(1, 2);

/* From now on what is written to standard output goes into the file, which is replaced when the
   program has ended, with the rights that it has now: another process goes on as this one, and may
   give up root. Where that does not get so far that it writes, the file gets the text `failed'.
   Trouble ends the program. */
void qq_output_into(char const *path, char const *failed);

/* What that is made of. A file that will be replaced, with the directory that it is in; and done.
   Trouble ends the program. */
typedef struct qq_output_file { char const *path, *name; int directory; } qq_output_file;
void qq_output_open(qq_output_file *, char const *path);
void qq_output_replace(qq_output_file const *, char const *s, size_t n);

/* From now on what is written to standard output is collected: another process goes on as this one.
   This one calls act when that has ended, with what it has written (nothing, if it was not to be
   relied on), and ends with its exit code. */
typedef void qq_output_act(void *data, stralloc const *text);
void qq_output_collect(qq_output_act *, void *data);

/* Figures for Prometheus, in its text format, without time stamps. */

/* What a name means; type is `gauge', `counter' or `histogram'. */
void qq_metric(stralloc *, char const *name, char const *type, char const *help);

/* A sample of it. labels is empty, or as in `{state="new"}'; their values are words of ours. The
   second gets nanoseconds. */
void qq_metric_number(stralloc *, char const *name, char const *labels, uint64_t);
void qq_metric_seconds(stralloc *, char const *name, char const *labels, uint64_t);

/* Columns for people: text fitted to a width in character cells. */

/* Cells that s takes on a terminal; s is UTF-8 that is safe to show. */
size_t qq_cells(char const *s, size_t n);

/* Appends s, made safe, in exactly width cells: padded behind, or cut with an ellipsis. */
void qq_cell(stralloc *, char const *s, size_t n, size_t width);

/* Appends what stands in front of something, on width cells; one that takes as many or more has a
   blank behind it. */
void qq_label(stralloc *, char const *, size_t width);

/* The cells of the widest of n titles, translated; least at least. */
size_t qq_widest(size_t least, char const *const *titles, size_t n);

/* How wide n columns are: as least says, or as their titles are, translated; 0 stays. */
void qq_widths(size_t *width, size_t const *least, char const *const *titles, size_t n);

/* Sets the widths so, and appends the titles of the columns, each with a blank behind it; the first
   so many stand at the right of theirs. */
void qq_titles(stralloc *, size_t *width, size_t const *least, char const *const *titles, size_t n,
  size_t right);

/* The same padded in front. */
void qq_cell_right(stralloc *, char const *s, size_t n, size_t width);

/* The same of an address that is safe to show, perhaps with ` +N` behind it, so that its domain can
   be read: cut in front of the @ or, if the domain alone is too long, at the beginning.
   qq_cells_of_domain says how many cells that takes at least. */
void qq_cell_address(stralloc *, char const *s, size_t n, size_t width);
size_t qq_cells_of_domain(char const *s, size_t n);

/* Appends s as a field between tabs: tab, newline, CR, NUL and backslash as \t, \n, \r, \0, \\. On
   a terminal it is made safe to look at instead. */
void qq_tsv(stralloc *, char const *s, size_t n);

/* Columns to fill: of the terminal on standard output, else $COLUMNS, else 0: as many as it
   takes. */
size_t qq_columns(void);

/* JSON (RFC 8259), one object a line. */

/* Writes into out. Out of memory ends the program. */
typedef struct qq_json {
  stralloc *out;
  int comma;
  /* as a table: how many objects and arrays are open, and where of the titles it is */
  unsigned int depth;
  char const *column;
} qq_json;
#define QQ_JSON(sa) { (sa), 0, 0, 0 }

/* Before the first of them, while there is one thread: with QQ_ROWS_TSV (qq/options.h) the titles
   are written, which have tabs between and stay the caller's, and what follows becomes rows below
   them: the members of each object, all of them titles and in their order. Of an array the cell has
   the elements with \\n between, of an object in it the members with blanks; what is null, or not
   in the object, is empty. */
void qq_rows_begin(int form, char const *titles);

/* The option that the form was asked for with: --json, --tsv. */
char const *qq_rows_option(int form);

/* Begins the object of a line; and ends it and the line. */
qq_json qq_json_begin(stralloc *out);
void qq_json_end(qq_json *);

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

/* The same with microseconds; null if it is not known, UINT64_MAX. */
void qq_json_exact(qq_json *, char const *name, qq_calendar *, uint64_t moment);

/* Text from outside: bytes that are no UTF-8 become U+FFFD, and a field NAME_base64 with all bytes
   of exact follows if they or the text have such bytes; not inside of an array, where nothing has a
   name. */
void qq_json_text(qq_json *, char const *name, char const *s, size_t n,
  char const *exact, size_t exact_length);

/* The same for bytes that are shown as they are. */
void qq_json_bytes(qq_json *, char const *name, char const *s, size_t n);

/* The same of a piece; null if its s is null. */
void qq_json_piece(qq_json *, char const *name, qq_piece const *);

/* Findings of checks on their way to a person. */

typedef struct qq_finding_output {
  uint64_t errors, warnings, hints;
  int rows;                     /* as objects or a table on standard output, not as text */
  int to_stderr;                /* with the program's name in front */
  /* Says whether to tell it; null: everything. */
  int (*is_wanted)(void const *wanted, qq_finding const *);
  void const *wanted;
} qq_finding_output;

#define QQ_FINDING_TITLES "severity\tname\tline\ttext"

/* For qq_findings, whose `to' is a qq_finding_output. */
void qq_output_finding(void *, qq_finding const *);

#endif
