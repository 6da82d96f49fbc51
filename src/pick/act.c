#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <skalibs/allreadwrite.h>
#include <qq/diagnostic.h>
#include <qq/options.h>
#include <qq/output.h>
#include "pick.h"

void qq_say(qq_pick *p, char const *format, ...)
{
  va_list args;
  va_start(args, format);
  p->message.len = 0;
  qq_demand_memory(qq_vfmt(&p->message, format, args));
  va_end(args);
}

/* As qq-ids(5) has them. */
void qq_put_tokens(stralloc *out, qq_id const *ids, size_t count)
{
  size_t i;
  for (i = 0; i < count; i++) {
    qq_demand_memory(qq_room(out, QQ_ID_FMT));
    out->len += qq_id_format(out->s + out->len, &ids[i]);
    out->s[out->len++] = 0;
  }
}

/* ---- what was said ---- */

static void show(qq_pick *p, stralloc const *text)
{
  if (qq_pager_show(p->terminal, text)) qq_say(p, "%s", _("the pager, less, could not be run"));
}

static int say_first_line(qq_pick *p, stralloc const *said)
{
  qq_piece text = qq_piece_of(said), first;
  if (!qq_piece_line(&text, &first)) return 0;
  qq_say(p, "%.*s", (int)first.n, first.s);
  return 1;
}

/* A line that fits is shown on the screen, all else in the pager. */
static void tell(qq_pick *p, stralloc const *said, int code)
{
  char const *end = said->len ? memchr(said->s, '\n', said->len) : 0;
  if (end && (end + 1 < said->s + said->len
    || qq_cells(said->s, said->len - 1) > qq_screen_columns())) show(p, said);
  else if (!say_first_line(p, said) && code)
    qq_say(p, "%s", _("it could not be run, or ended without a word"));
}

/* ---- the list ---- */

/* From now on the messages are meant that were found, and none that gets the number of one. */
static void restrict_to(qq_pick *p)
{
  qq_row const *rows = genalloc_s(qq_row, &p->list.rows);
  size_t i;
  if (!p->is_restricted) return;
  p->ids.len = 0;
  for (i = 0; i < qq_list_all(&p->list); i++) qq_put_tokens(&p->ids, &rows[i].id, 1);
}

/* Returns the exit code of qq-show, or -1. */
static int load(qq_pick *p, qq_list *l, stralloc *said)
{
  qq_talk t = { .errand = QQ_ERRAND_LIST, .take = qq_list_take };
  int code;
  qq_draw(p, _("Reading the queue ..."));
  if (p->is_restricted) t.errand = QQ_ERRAND_LIST_SOME;
  t.input = qq_piece_of(&p->ids);
  t.data = l;
  code = qq_talk_run(&t);
  *said = t.said;
  return code;
}

void qq_pick_look(qq_pick *p)
{
  stralloc said = STRALLOC_ZERO;
  int const code = load(p, &p->list, &said);
  if (!p->is_restricted && !isatty(0)) {        /* who writes ids may have begun later than we */
    qq_screen_leave();
    qq_input_look();
  }
  if (!qq_list_all(&p->list) && (p->is_restricted || code < 0 || code > QQ_EXIT_NONE)) {
    qq_screen_leave();
    allwrite(2, said.s, said.len);
    qq_exit(code > 0 ? code : code < 0 ? QQ_EXIT_TROUBLE : QQ_EXIT_NONE);
  }
  say_first_line(p, &said);
  qq_list_sort(&p->list, QQ_COLUMN_DATE, 1);
  restrict_to(p);
  stralloc_free(&said);
}

/* Where only the heading came, something went wrong. */
void qq_pick_look_again(qq_pick *p)
{
  qq_list list = QQ_LIST_ZERO;
  qq_id at = { 0, 0 };
  stralloc said = STRALLOC_ZERO;
  size_t const ticked = p->list.ticked;
  int const code = load(p, &list, &said);
  if (!say_first_line(p, &said) && code < 0)
    qq_say(p, "%s", _("it could not be run, or ended without a word"));
  stralloc_free(&said);
  if (!qq_list_all(&list) && (code < 0 || code > QQ_EXIT_NONE)) return;
  if (qq_list_count(&p->list)) at = qq_list_row(&p->list, p->at)->id;
  qq_list_replace(&p->list, &list);
  restrict_to(p);
  p->at = qq_list_place(&p->list, &at, p->at);
  if (ticked > p->list.ticked)
    qq_say(p, ngettext("%zu ticked message is not in the queue any more",
      "%zu ticked messages are not in the queue any more", ticked - p->list.ticked),
      ticked - p->list.ticked);
}

/* ---- one message ---- */

/* As much of a message as anybody reads. */
#define TEXT_MAX (32u << 20)

static int collect(void *text, char const *s, size_t n)
{
  stralloc *sa = text;
  return qq_append_up_to(sa, s, n, TEXT_MAX) && sa->len < TEXT_MAX;
}

/* Appends to text what the program writes of the messages, and sets said. Returns its exit code, or
   -1. */
static int run(qq_errand e, stralloc const *ids, stralloc *text, stralloc *said)
{
  qq_talk t = { .errand = e, .take = collect };
  int code;
  t.input = qq_piece_of(ids);
  t.data = text;
  code = qq_talk_run(&t);
  qq_demand_memory(qq_copy(said, t.said.s, t.said.len));
  stralloc_free(&t.said);
  return code;
}

void qq_read_message(qq_pick *p)
{
  stralloc ids = STRALLOC_ZERO, text = STRALLOC_ZERO, said = STRALLOC_ZERO;
  int code;
  if (!qq_list_count(&p->list)) return;
  qq_put_tokens(&ids, &qq_list_row(&p->list, p->at)->id, 1);
  code = run(QQ_ERRAND_DETAILS, &ids, &text, &said);
  if (code) tell(p, &said, code);
  if (text.len) {
    qq_demand_memory(stralloc_append(&text, '\n'));
    run(QQ_ERRAND_TEXT, &ids, &text, &said);
    qq_demand_memory(qq_append(&text, said.s, said.len));
    show(p, &text);
  }
  stralloc_free(&ids);
  stralloc_free(&text);
  stralloc_free(&said);
}

/* ---- what is meant ---- */

/* Whether the answer is y. What was typed before the question could be read answers nothing. */
static int ask(qq_pick *p, char const *question)
{
  int key;
  if (qq_cells(question, strlen(question)) >= qq_screen_rows() * qq_screen_columns()) {
    qq_say(p, "%s", _("the terminal is too small to ask"));
    return 0;
  }
  qq_draw(p, question);
  qq_screen_forget_keys();
  while ((key = qq_screen_key()) == QQ_KEY_RESIZED) qq_draw(p, question);
  return key == 'y' || key == 'Y';
}

/* QQ_ERRANDS stands for the pipe. */
static void put_question(stralloc *out, qq_errand e, size_t n)
{
  switch (e) {
    case QQ_ERRAND_RM:
      qq_must_fmt(out, ngettext("Remove %zu message?", "Remove %zu messages?", n), n);
      break;
    case QQ_ERRAND_HOLD:
      qq_must_fmt(out, ngettext("Hold %zu message?", "Hold %zu messages?", n), n);
      break;
    case QQ_ERRAND_RELEASE:
      qq_must_fmt(out, ngettext("Release %zu message?", "Release %zu messages?", n), n);
      break;
    case QQ_ERRAND_REQUEUE:
      qq_must_fmt(out, ngettext("Requeue %zu message?", "Requeue %zu messages?", n), n);
      break;
    case QQ_ERRAND_EXPIRE:
      qq_must_fmt(out, ngettext("Let the next attempt of %zu message be its last?",
        "Let the next attempt of %zu messages be their last?", n), n);
      break;
    case QQ_ERRAND_WHY:
      qq_must_fmt(out, ngettext("Ask why %zu message waits?", "Ask why %zu messages wait?", n), n);
      break;
    default:
      qq_must_fmt(out, ngettext("Send %zu id to the pipe?", "Send %zu ids to the pipe?", n), n);
  }
}

/* Appends to ids (of qq_id) what is meant, and asks. Returns whether it is to be done. */
static int agree(qq_pick *p, qq_errand e, genalloc *ids)
{
  stralloc question = STRALLOC_ZERO;
  size_t const hidden = qq_list_hidden(&p->list);
  int is_agreed;
  qq_list_meant(&p->list, p->at, ids);
  if (!genalloc_len(qq_id, ids)) {
    qq_say(p, "%s", _("there is no message"));
    return 0;
  }
  put_question(&question, e, genalloc_len(qq_id, ids));
  qq_must_fmt(&question, " ");
  if (hidden)
    qq_must_fmt(&question, ngettext("%zu of them is not shown.", "%zu of them are not shown.",
      hidden), hidden);
  qq_must_fmt(&question, hidden ? " [y/N] " : "[y/N] ");
  qq_demand_memory(stralloc_0(&question));
  is_agreed = ask(p, question.s);
  stralloc_free(&question);
  return is_agreed;
}

static void carry_out(qq_pick *p, qq_errand e, genalloc const *ids)
{
  stralloc tokens = STRALLOC_ZERO, text = STRALLOC_ZERO, said = STRALLOC_ZERO;
  int code;
  qq_put_tokens(&tokens, genalloc_s(qq_id, ids), genalloc_len(qq_id, ids));
  qq_draw(p, _("Working; Ctrl-C interrupts ..."));
  code = run(e, &tokens, &text, &said);
  if (e != QQ_ERRAND_WHY) qq_pick_look_again(p);
  else if (text.len) {
    qq_demand_memory(qq_append(&text, said.s, said.len));
    show(p, &text);
    said.len = 0;
    code = 0;
  }
  tell(p, &said, code);
  stralloc_free(&tokens);
  stralloc_free(&text);
  stralloc_free(&said);
}

void qq_act(qq_pick *p, qq_errand e)
{
  genalloc ids = GENALLOC_ZERO;
  if (!qq_output_is_terminal())
    qq_say(p, "%s", _("in a pipeline nothing is done here: q sends the ids"));
  else if (agree(p, e, &ids)) carry_out(p, e, &ids);
  genalloc_free(qq_id, &ids);
}

void qq_quit(qq_pick *p)
{
  genalloc ids = GENALLOC_ZERO;
  stralloc out = STRALLOC_ZERO;
  size_t i;
  if (!qq_output_is_terminal()) {
    if (!agree(p, QQ_ERRANDS, &ids)) qq_screen_abandon();
    for (i = 0; i < genalloc_len(qq_id, &ids); i++)
      qq_output_token(&out, &genalloc_s(qq_id, &ids)[i]);
  }
  qq_screen_leave();
  qq_output(out.s, out.len);
  qq_exit(0);
}

/* ---- help ---- */

static char const help[] = N_("\
Ticked messages are meant; without ticks, the one under the cursor.\n\
\n\
  Up Down, k j              the message above, below\n\
  PageUp PageDown, ^B ^F    a page up, down\n\
  Home End, g G             the first, the last message\n\
  space, t, Tab             tick, or take the tick away\n\
  a                         tick all that are shown\n\
  u                         take all ticks away\n\
  i                         tick those shown that are not, and the other way round\n\
  /                         show only what has a text; Enter keeps that, Escape shows all\n\
  S                         sort; by the same column again: the other way round\n\
  Enter                     read the message and all about it (q leaves the pager)\n\
  F5, ^L                    look at the queue again; ticks stay\n\
  q, ^C                     quit\n\
\n\
In a pipeline, q writes the ids of what is meant, if you say y. Else, after a question:\n\
\n\
  d    qq-rm: remove            r    qq-requeue: queue as new\n\
  h    qq-hold: hold            e    qq-expire: the next attempt is the last\n\
  l    qq-release: let go       w    qq-why: why it waits\n");

void qq_help(qq_pick *p)
{
  stralloc text = STRALLOC_ZERO;
  qq_must_fmt(&text, "%s", _(help));
  show(p, &text);
  stralloc_free(&text);
}
