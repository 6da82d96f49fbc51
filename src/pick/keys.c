#include <qq/diagnostic.h>
#include "pick.h"

/* ---- where the cursor is ---- */

static void go_to(qq_pick *p, size_t at)
{
  size_t const count = qq_list_count(&p->list);
  p->at = at < count ? at : count ? count - 1 : 0;
}

static void go_up(qq_pick *p, size_t by)
{
  go_to(p, p->at > by ? p->at - by : 0);
}

static void up(qq_pick *p) { go_up(p, 1); }
static void down(qq_pick *p) { go_to(p, p->at + 1); }
static void page_up(qq_pick *p) { go_up(p, qq_draw_page()); }
static void page_down(qq_pick *p) { go_to(p, p->at + qq_draw_page()); }
static void first(qq_pick *p) { go_to(p, 0); }
static void last(qq_pick *p) { go_to(p, SIZE_MAX); }

/* ---- ticks ---- */

static void tick(qq_pick *p)
{
  qq_row *row;
  if (!qq_list_count(&p->list)) return;
  row = qq_list_row(&p->list, p->at);
  qq_list_tick(&p->list, row, !row->is_ticked);
  down(p);
}

static void tick_all(qq_pick *p)
{
  size_t i;
  for (i = 0; i < qq_list_count(&p->list); i++)
    qq_list_tick(&p->list, qq_list_row(&p->list, i), 1);
}

static void tick_none(qq_pick *p)
{
  size_t i;
  for (i = 0; i < qq_list_all(&p->list); i++)
    qq_list_tick(&p->list, &genalloc_s(qq_row, &p->list.rows)[i], 0);
}

static void invert(qq_pick *p)
{
  size_t i;
  for (i = 0; i < qq_list_count(&p->list); i++) {
    qq_row *row = qq_list_row(&p->list, i);
    qq_list_tick(&p->list, row, !row->is_ticked);
  }
}

/* ---- what is shown, and in what order ---- */

static qq_id here(qq_pick const *p)
{
  qq_id const none = { 0, 0 };
  return qq_list_count(&p->list) ? qq_list_row(&p->list, p->at)->id : none;
}

/* The cursor stays on its message where that is still shown. */
static void go_back(qq_pick *p, qq_id at)
{
  p->at = qq_list_place(&p->list, &at, 0);
}

static void narrow_again(qq_pick *p)
{
  qq_id const at = here(p);
  qq_list_narrow(&p->list);
  go_back(p, at);
}

static void show_all(qq_pick *p)
{
  p->list.narrow.len = 0;
  narrow_again(p);
}

/* Takes the key into the text. Returns whether that has changed. */
static int edit(stralloc *text, int key)
{
  if (key == QQ_KEY_BACKSPACE) {
    if (!text->len) return 0;
    while (text->len && (text->s[--text->len] & 0xc0) == 0x80) continue;
    return 1;
  }
  if (key >= QQ_KEY_UP || qq_steers((uint32_t)key)) return 0;
  qq_demand_memory(qq_room(text, 4));
  text->len += qq_utf8_encode(text->s + text->len, (uint32_t)key);
  return 1;
}

static void draw_typed(qq_pick *p)
{
  stralloc prompt = STRALLOC_ZERO;
  qq_must_fmt(&prompt, "/%.*s", (int)p->list.narrow.len, p->list.narrow.s);
  qq_demand_memory(stralloc_0(&prompt));
  qq_draw(p, prompt.s);
  stralloc_free(&prompt);
}

static void narrow(qq_pick *p)
{
  stralloc *text = &p->list.narrow;
  for (;;) {
    int key;
    draw_typed(p);
    key = qq_screen_key();
    if (key == QQ_KEY_ENTER) return;
    if (key == QQ_KEY_ESCAPE || (key == QQ_KEY_BACKSPACE && !text->len)) {
      show_all(p);
      return;
    }
    if (key == QQ_KEY_UP) up(p);
    else if (key == QQ_KEY_DOWN) down(p);
    else if (edit(text, key)) narrow_again(p);
  }
}

static void sort_by(qq_pick *p, qq_column column)
{
  qq_id const at = here(p);
  qq_list *l = &p->list;
  qq_list_sort(l, column, l->sorted_by == column ? !l->is_descending : 0);
  go_back(p, at);
}

static void sort(qq_pick *p)
{
  int key;
  do
    qq_draw(p, _("Sort by: 1 type  2 queued  3 size  4 from  5 to  6 subject  7 id"));
  while ((key = qq_screen_key()) == QQ_KEY_RESIZED);
  if (key > '0' && key <= '0' + QQ_COLUMNS) sort_by(p, (qq_column)(key - '1'));
}

/* ---- what each key does ---- */

static struct { int key; void (*act)(qq_pick *); } const acts[] = {
  { QQ_KEY_UP, up }, { 'k', up }, { QQ_KEY_DOWN, down }, { 'j', down },
  { QQ_KEY_PAGE_UP, page_up }, { QQ_KEY_CONTROL('b'), page_up },
  { QQ_KEY_PAGE_DOWN, page_down }, { QQ_KEY_CONTROL('f'), page_down },
  { QQ_KEY_HOME, first }, { 'g', first }, { QQ_KEY_END, last }, { 'G', last },
  { ' ', tick }, { 't', tick }, { '\t', tick },
  { 'a', tick_all }, { 'u', tick_none }, { 'i', invert },
  { '/', narrow }, { QQ_KEY_ESCAPE, show_all }, { 'S', sort },
  { QQ_KEY_ENTER, qq_read_message }, { QQ_KEY_REFRESH, qq_pick_look_again },
  { '?', qq_help }, { QQ_KEY_HELP, qq_help }, { 'q', qq_quit }
};

static struct { int key; qq_errand errand; } const errands[] = {
  { 'd', QQ_ERRAND_RM }, { 'h', QQ_ERRAND_HOLD }, { 'l', QQ_ERRAND_RELEASE },
  { 'r', QQ_ERRAND_REQUEUE }, { 'e', QQ_ERRAND_EXPIRE }, { 'w', QQ_ERRAND_WHY }
};

static void obey(qq_pick *p, int key)
{
  size_t i;
  if (key == QQ_KEY_RESIZED) return;
  p->message.len = 0;
  for (i = 0; i < sizeof acts / sizeof *acts; i++)
    if (acts[i].key == key) {
      acts[i].act(p);
      return;
    }
  for (i = 0; i < sizeof errands / sizeof *errands; i++)
    if (errands[i].key == key) {
      qq_act(p, errands[i].errand);
      return;
    }
  qq_say(p, "%s", _("no such key: ? says what keys there are"));
}

void qq_keys_run(qq_pick *p)
{
  qq_screen_meanwhile(qq_list_fold_some, &p->list);
  for (;;) {
    qq_draw(p, 0);
    obey(p, qq_screen_key());
  }
}
