/* qq-pick: a screen of messages to pick from.

   Two processes. The one that the user has started gives up root for the queue's reader before it
   reads a row: it keeps the list, draws, and runs the pager. The hand, forked before that, keeps
   the rights, has no terminal, and reads no mail: it runs the other programs when it is told to,
   each with words of its own, and hands on no more than descriptors. */

#ifndef QQ_PICK_H
#define QQ_PICK_H

#include <stddef.h>
#include <stdint.h>
#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>
#include <qq/id.h>
#include <qq/text.h>

/* ---- the other programs: hand.c, talk.c ---- */

typedef enum {
  QQ_ERRAND_LIST, QQ_ERRAND_LIST_SOME, QQ_ERRAND_DETAILS, QQ_ERRAND_TEXT, QQ_ERRAND_WHY,
  QQ_ERRAND_RM, QQ_ERRAND_HOLD, QQ_ERRAND_RELEASE, QQ_ERRAND_REQUEUE, QQ_ERRAND_EXPIRE,
  QQ_ERRANDS
} qq_errand;

/* Forks the hand. Ends the program if it cannot. */
void qq_hand_start(void);

/* Has the hand begin the errand with these as its standard input, output and error; finish waits
   for its end, and interrupt sends it SIGINT. Return 1 or its exit code, or -1 with errno. */
int qq_hand_begin(qq_errand, int const fds[3]);
int qq_hand_finish(void);
int qq_hand_interrupt(void);

/* An errand from its beginning to its end. */
typedef struct qq_talk {
  qq_errand errand;
  qq_piece input;               /* its standard input */
  /* Gets what it writes to standard output. Returns 1; 0: no more is wanted. */
  int (*take)(void *data, char const *s, size_t n);
  void *data;
  stralloc said;                /* its standard error */
} qq_talk;

/* Runs it. Ctrl-C interrupts it or, while the list is read, ends the program. Returns its exit
   code, or -1 with errno. */
int qq_talk_run(qq_talk *);

/* ---- the list: list.c, arrange.c ---- */

typedef enum {
  QQ_COLUMN_TYPE, QQ_COLUMN_DATE, QQ_COLUMN_SIZE, QQ_COLUMN_FROM, QQ_COLUMN_TO, QQ_COLUMN_SUBJECT,
  QQ_COLUMN_ID, QQ_COLUMNS
} qq_column;

#define QQ_TEXTS 4              /* the columns that are searched */

typedef struct qq_row {
  qq_id id;
  uint64_t size;
  size_t at;                    /* where it begins in text */
  size_t folded_at[QQ_TEXTS];   /* where what it has of texts begins in folded */
  size_t folded_end;
  uint32_t length;
  int is_ticked;
} qq_row;

typedef struct qq_list {
  stralloc text;                /* lines as qq-show --tsv wrote them */
  stralloc folded;              /* of each row, what is searched and sorted by: without case */
  size_t folded_rows;           /* so many of them are there */
  size_t read;                  /* of text: what is behind has not ended yet */
  genalloc rows;                /* of qq_row, as they came */
  genalloc order;               /* of uint32_t, which row: sorted */
  genalloc shown;               /* the same, without those that narrowing hides */
  size_t ticked;
  qq_column sorted_by;
  int is_descending;
  stralloc narrow;              /* the text that rows must have, as it was typed */
} qq_list;
#define QQ_LIST_ZERO { STRALLOC_ZERO, STRALLOC_ZERO, 0, 0, GENALLOC_ZERO, GENALLOC_ZERO, \
  GENALLOC_ZERO, 0, QQ_COLUMN_DATE, 1, STRALLOC_ZERO }

/* Appends what qq-show --tsv wrote, cut anywhere: for qq_talk. Always 1. */
int qq_list_take(void *list, char const *s, size_t n);

/* How many rows there are, and are shown; and the row in that place of those that are shown. */
size_t qq_list_all(qq_list const *);
size_t qq_list_count(qq_list const *);
qq_row *qq_list_row(qq_list const *, size_t place);

/* A field of the row as qq-show wrote it, that of QQ_COLUMN_ID being the token; or all of them,
   which takes as long as one. */
qq_piece qq_row_field(qq_list const *, qq_row const *, qq_column);
void qq_row_fields(qq_list const *, qq_row const *, qq_piece to[QQ_COLUMNS]);
/* How many recipients wait beside the one of QQ_COLUMN_TO, in digits. */
qq_piece qq_row_others(qq_list const *, qq_row const *);

/* Folds some rows, which sorting and narrowing need: to be done while nobody waits. Returns whether
   there are more. For qq_screen_meanwhile. */
int qq_list_fold_some(void *list);

/* Sorts, and narrows again. */
void qq_list_sort(qq_list *, qq_column, int is_descending);

/* Shows the rows that have the text of narrow, all if it is empty. */
void qq_list_narrow(qq_list *);

/* Takes the place of another list, whose ticks, order and narrowing it gets: those of messages that
   are still there. The other is freed. */
void qq_list_replace(qq_list *old, qq_list *);

/* Finds the message among those that are shown. Returns its place, or else as near as can be. */
size_t qq_list_place(qq_list const *, qq_id const *, size_t otherwise);

/* Ticks the row, or takes the tick away. */
void qq_list_tick(qq_list *, qq_row *, int is_ticked);
/* How many ticked rows are not shown. */
size_t qq_list_hidden(qq_list const *);
/* Appends to ids (of qq_id) the ticked rows, in the order of the list; without ticks, the row in
   that place, if there is one. */
void qq_list_meant(qq_list const *, size_t place, genalloc *ids);

/* ---- the terminal: screen.c, pager.c ---- */

/* A key is a character of Unicode, or one of these. */
enum {
  QQ_KEY_UP = 0x110000, QQ_KEY_DOWN, QQ_KEY_PAGE_UP, QQ_KEY_PAGE_DOWN, QQ_KEY_HOME, QQ_KEY_END,
  QQ_KEY_BACKSPACE, QQ_KEY_ENTER, QQ_KEY_REFRESH, QQ_KEY_HELP, QQ_KEY_RESIZED, QQ_KEY_OTHER
};
#define QQ_KEY_ESCAPE 27
#define QQ_KEY_CONTROL(letter) ((letter) & 31)

typedef enum { QQ_FACE_PLAIN, QQ_FACE_BOLD, QQ_FACE_REVERSE, QQ_FACE_MARKED } qq_face;

/* Opens /dev/tty. Ends the program with 100 if there is none. Returns the descriptor. */
int qq_screen_find(void);
/* Begins the screen there. Ends the program with 100 where the terminal cannot do it. */
void qq_screen_begin(int terminal);
/* Makes the terminal what it was; qq_screen_draw takes it again. */
void qq_screen_leave(void);
/* Leaves, and ends the program: nothing was picked. */
void qq_screen_abandon(void);

size_t qq_screen_rows(void);
size_t qq_screen_columns(void);

/* Waits for a key. What the terminal sends as signals is dealt with meanwhile. */
int qq_screen_key(void);
/* Has this called until it returns 0, and again from each key on, while no key is there. It must
   not take longer than anybody would wait for a key. */
void qq_screen_meanwhile(int (*)(void *), void *data);
/* Forgets what was typed before anybody could see what there is now; and what the terminal has sent
   as signals to somebody else. */
void qq_screen_forget_keys(void);
void qq_screen_forget_signals(void);

/* For who waits for something else: says whether Ctrl-C came, and deals with other signals. The
   descriptor is readable if one came. */
int qq_screen_is_interrupted(void);
int qq_screen_signals(void);
/* Stops this process as Ctrl-Z does; returns when it goes on. */
void qq_screen_stop(void);

/* Begins a line, and writes n bytes that are safe: what is too long goes on in the next. */
void qq_screen_line(size_t row, qq_face);
void qq_screen_put(size_t row, size_t column, char const *s, size_t n);
/* A line of text, cut to what fits. */
void qq_screen_text(size_t row, qq_face, char const *s, size_t n);
/* Shows what was written; the cursor stands there. */
void qq_screen_draw(size_t row, size_t column);

/* Shows the text, which need not be safe, in the pager, as who we are by now. Returns its exit
   code, or -1 with errno. */
int qq_pager_show(int terminal, stralloc const *text);

/* ---- what one sees and does: draw.c, act.c, keys.c ---- */

typedef struct qq_pick {
  int terminal;
  qq_list list;
  size_t at, top;               /* the place of the cursor, and of the first row on the screen */
  stralloc ids;                 /* tokens that the list is restricted to */
  int is_restricted;
  stralloc message;             /* what the last key came to */
} qq_pick;

/* Draws all of it; with a prompt in the place of the message, if there is one. */
void qq_draw(qq_pick *, char const *prompt);
/* How many rows of the list fit. */
size_t qq_draw_page(void);

/* Sets the message. */
void qq_say(qq_pick *, char const *format, ...) QQ_PRINTF(2, 3);

/* Appends tokens, as qq-ids(5) has them. */
void qq_put_tokens(stralloc *, qq_id const *, size_t count);

/* Reads the list, for the first time or again. */
void qq_pick_look(qq_pick *);
void qq_pick_look_again(qq_pick *);

/* Shows the message under the cursor; what keys there are. */
void qq_read_message(qq_pick *);
void qq_help(qq_pick *);
/* Asks, and has the errand done with what is meant. */
void qq_act(qq_pick *, qq_errand);
/* Ends the program; in a pipeline it asks, and writes the ids. */
void qq_quit(qq_pick *);

/* Does what the keys say, until the program ends. */
void qq_keys_run(qq_pick *);

#endif
