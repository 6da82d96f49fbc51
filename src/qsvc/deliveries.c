/* What is being delivered: how many, of how many; and where a channel is full, each one. */

#include <qq/diagnostic.h>
#include <qq/id.h>
#include <qq/names.h>
#include <qq/when.h>
#include "qsvc.h"

/* How many deliveries the control files allow, but no more than qmail was built for, where that is
   known; empty: not known. */
static void find_limit(qq_svc_channel *c, qq_settings const *live, qq_built const *built)
{
  stralloc file = STRALLOC_ZERO;
  qq_control const *control;
  qq_must_fmt(&file, "concurrency%s", c->name.s);
  control = qq_control_find(file.s);
  if (control && live) qq_demand_memory(qq_value_get(&c->limit_text, control, live) >= 0);
  c->has_limit = c->limit_text.len && qq_number_scan(c->limit_text.s, c->limit_text.len, &c->limit);
  if (c->has_limit && built->is_asked && c->limit > built->spawn) {
    c->limit = built->spawn;
    c->limit_text.len = 0;
    qq_must_fmt(&c->limit_text, "%lu", built->spawn);
  }
  stralloc_free(&file);
}

void qq_svc_deliveries_find(qq_svc_deliveries *d, qq_instance const *i, unsigned int channels,
  qq_settings const *live, qq_built const *built)
{
  static qq_svc_channel const none = { STRALLOC_ZERO, STRALLOC_ZERO, 0, 0, 0 };
  unsigned int k;
  qq_demand_memory(qq_deliveries_find(&d->all, i) > 0);
  for (k = 0; k < channels; k++) {
    qq_svc_channel c = none;
    qq_demand_memory(qq_channel_name(&c.name, k));
    c.under_way = qq_instance_in_channel(i, k);
    find_limit(&c, live, built);
    qq_demand_memory(genalloc_append(qq_svc_channel, &d->channels, &c));
  }
}

static int is_full(qq_svc_channel const *c)
{
  return c->has_limit && c->limit && c->under_way >= c->limit;
}

static void append_age(stralloc *out, qq_delivery const *one)
{
  uint64_t const now = qq_now(), since = qq_os_process_started(&one->process);
  if (!since) qq_must_fmt(out, "?");
  else qq_demand_memory(qq_age_text(out, now > since ? now - since : 0));
}

/* ---- for people ---- */

/* What cannot be seen is a question mark. */
static void say_delivery(stralloc *out, qq_delivery const *one, char const *channel)
{
  stralloc to = STRALLOC_ZERO, age = STRALLOC_ZERO;
  char id[QQ_NUMBER_FMT + 1] = "?";
  if (one->id) id[qq_number_format(id, one->id)] = 0;
  qq_demand_memory(qq_safe(&to, one->recipient.len ? one->recipient.s : "?",
    one->recipient.len ? one->recipient.len : 1));
  append_age(&age, one);
  qq_must_fmt(out, _("  %s, message %s to %.*s: process %ld, for %.*s\n"), channel, id, (int)to.len,
    to.s, (long)one->process.pid, (int)age.len, age.s);
  stralloc_free(&to);
  stralloc_free(&age);
}

void qq_svc_deliveries_say(stralloc *out, qq_svc_deliveries const *d)
{
  qq_svc_channel const *c = genalloc_s(qq_svc_channel, &d->channels);
  qq_delivery const *one = genalloc_s(qq_delivery, &d->all);
  size_t const channels = genalloc_len(qq_svc_channel, &d->channels);
  size_t k;
  for (k = 0; k < channels; k++) {
    unsigned long long const n = c[k].under_way;
    stralloc const *limit = &c[k].limit_text;
    if (k) qq_must_fmt(out, ", ");
    else qq_must_fmt(out, "%s: ", _("deliveries"));
    if (limit->len)
      qq_must_fmt(out, _("%s %llu of %.*s"), c[k].name.s, n, (int)limit->len, limit->s);
    else qq_must_fmt(out, "%s %llu", c[k].name.s, n);
  }
  qq_must_fmt(out, "\n");
  for (k = 0; k < genalloc_len(qq_delivery, &d->all); k++)
    if (one[k].channel < channels && is_full(&c[one[k].channel]))
      say_delivery(out, &one[k], c[one[k].channel].name.s);
}

/* ---- for programs ---- */

void qq_svc_put_number(qq_json *j, char const *name, int is_known, uint64_t number)
{
  if (is_known) qq_json_number(j, name, number);
  else qq_json_null(j, name);
}

void qq_svc_put_moment(qq_json *j, char const *name, uint64_t moment)
{
  qq_calendar calendar = QQ_CALENDAR_ZERO;
  if (moment) qq_json_moment(j, name, &calendar, moment);
  else qq_json_null(j, name);
}

/* NAME and NAME_limit. */
void qq_svc_deliveries_put(qq_json *j, qq_svc_deliveries const *d, int is_shown)
{
  qq_svc_channel const *c = genalloc_s(qq_svc_channel, &d->channels);
  stralloc name = STRALLOC_ZERO;
  size_t k;
  for (k = 0; k < genalloc_len(qq_svc_channel, &d->channels); k++) {
    qq_svc_put_number(j, c[k].name.s, is_shown, c[k].under_way);
    name.len = 0;
    qq_must_fmt(&name, "%s_limit", c[k].name.s);
    qq_svc_put_number(j, name.s, c[k].has_limit, c[k].limit);
  }
  stralloc_free(&name);
}

void qq_svc_deliveries_titles(stralloc *out, qq_svc_deliveries const *d)
{
  qq_svc_channel const *c = genalloc_s(qq_svc_channel, &d->channels);
  size_t k;
  for (k = 0; k < genalloc_len(qq_svc_channel, &d->channels); k++)
    qq_must_fmt(out, "\t%s\t%s_limit", c[k].name.s, c[k].name.s);
}

void qq_svc_deliveries_list(qq_json *j, qq_svc_deliveries const *d, int is_shown)
{
  qq_svc_channel const *c = genalloc_s(qq_svc_channel, &d->channels);
  qq_delivery const *one = genalloc_s(qq_delivery, &d->all);
  size_t k;
  if (!is_shown) {
    qq_json_null(j, "deliveries");
    return;
  }
  qq_json_array(j, "deliveries");
  for (k = 0; k < genalloc_len(qq_delivery, &d->all); k++) {
    if (one[k].channel >= genalloc_len(qq_svc_channel, &d->channels)) continue;
    qq_json_object(j, 0);
    qq_json_word(j, "channel", c[one[k].channel].name.s);
    qq_svc_put_number(j, "id", one[k].id != 0, one[k].id);
    if (one[k].recipient.len)
      qq_json_bytes(j, "recipient", one[k].recipient.s, one[k].recipient.len);
    else qq_json_null(j, "recipient");
    qq_json_number(j, "pid", (uint64_t)one[k].process.pid);
    qq_svc_put_moment(j, "since", qq_os_process_started(&one[k].process));
    qq_json_object_end(j);
  }
  qq_json_array_end(j);
}

/* ---- what is wrong ---- */

/* The deliveries are sorted: of each channel the oldest is the first. */
static qq_delivery const *oldest_of(qq_svc_deliveries const *d, size_t channel)
{
  qq_delivery const *one = genalloc_s(qq_delivery, &d->all);
  size_t k;
  for (k = 0; k < genalloc_len(qq_delivery, &d->all); k++)
    if (one[k].channel == channel) return &one[k];
  return 0;
}

void qq_svc_deliveries_warn(qq_svc_deliveries const *d)
{
  qq_svc_channel const *c = genalloc_s(qq_svc_channel, &d->channels);
  stralloc age = STRALLOC_ZERO;
  size_t k;
  for (k = 0; k < genalloc_len(qq_svc_channel, &d->channels); k++) {
    qq_delivery const *oldest = oldest_of(d, k);
    if (!is_full(&c[k]) || !oldest) continue;
    age.len = 0;
    append_age(&age, oldest);
    qq_warn(_("the channel %s is full: all %llu slots are taken, and the oldest delivery"
      " (process %ld) has been under way for %.*s"), c[k].name.s,
      (unsigned long long)c[k].limit, (long)oldest->process.pid, (int)age.len, age.s);
  }
  stralloc_free(&age);
}

void qq_svc_deliveries_free(qq_svc_deliveries *d)
{
  qq_svc_channel *c = genalloc_s(qq_svc_channel, &d->channels);
  size_t k;
  for (k = 0; k < genalloc_len(qq_svc_channel, &d->channels); k++) {
    stralloc_free(&c[k].name);
    stralloc_free(&c[k].limit_text);
  }
  genalloc_free(qq_svc_channel, &d->channels);
  qq_deliveries_free(&d->all);
}
