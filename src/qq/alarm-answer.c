#include <qq/diagnostic.h>
#include <qq/when.h>
#include "alarm.h"

#define FIGURE(name) { name, { 0, 0, 0, 0 }, { 0, 0, 0, 0 }, 0 }
qq_alarm_figure qq_alarm_figures[QQ_ALARM_FIGURES] = {
  FIGURE("messages"), FIGURE("new"), FIGURE("oldest"), FIGURE("bounces"), FIGURE("failing"),
  FIGURE("held")
};

static void put_figure(stralloc *out, int i)
{
  qq_alarm_figure const *const f = qq_alarm_figures + i;
  qq_must_fmt(out, out->len ? ", " : "");
  if (i == QQ_ALARM_OLDEST) {
    qq_must_fmt(out, "oldest ");
    qq_demand_memory(qq_age_text(out, f->n * QQ_SECOND));
  }
  else qq_must_fmt(out, "%llu %s", (unsigned long long)f->n, f->name);
}

static void put_alarm(stralloc *out, int i, char const *level, qq_range const *r)
{
  put_figure(out, i);
  qq_must_fmt(out, " (%s ", level);
  qq_range_put(out, r);
  qq_must_fmt(out, ")");
}

/* Appends what is alarming. Returns how much. */
static int put_alarms(stralloc *out, int is_up)
{
  int i, worst = QQ_ALARM_OK;
  for (i = 0; i < QQ_ALARM_FIGURES; i++) {
    qq_alarm_figure const *const f = qq_alarm_figures + i;
    if (qq_range_alarms(&f->critical, f->n)) {
      put_alarm(out, i, "critical", &f->critical);
      worst = QQ_ALARM_CRITICAL;
    }
    else if (qq_range_alarms(&f->warning, f->n)) {
      put_alarm(out, i, "warning", &f->warning);
      if (worst == QQ_ALARM_OK) worst = QQ_ALARM_WARNING;
    }
  }
  if (is_up) return worst;
  qq_must_fmt(out, "%sqmail-send is not running", out->len ? ", " : "");
  return QQ_ALARM_CRITICAL;
}

void qq_alarm_put_data(stralloc *out)
{
  int i;
  qq_must_fmt(out, " |");
  for (i = 0; i < QQ_ALARM_FIGURES; i++) {
    qq_alarm_figure const *const f = qq_alarm_figures + i;
    char const *const unit = i == QQ_ALARM_OLDEST ? "s" : "";
    qq_must_fmt(out, " %s=%llu%s;", f->name, (unsigned long long)f->n, unit);
    qq_range_put(out, &f->warning);
    qq_must_fmt(out, ";");
    qq_range_put(out, &f->critical);
    qq_must_fmt(out, ";0");
  }
}

int qq_alarm_answer(stralloc *out, int is_up, int has_trouble)
{
  static char const *const words[] = { "OK", "WARNING", "CRITICAL", "UNKNOWN" };
  stralloc text = STRALLOC_ZERO;
  int const worst = put_alarms(&text, is_up);
  int const code = worst == QQ_ALARM_OK && has_trouble ? QQ_ALARM_UNKNOWN : worst;
  if (worst == QQ_ALARM_OK) {
    put_figure(&text, QQ_ALARM_MESSAGES);
    if (qq_alarm_figures[QQ_ALARM_MESSAGES].n) put_figure(&text, QQ_ALARM_OLDEST);
  }
  if (has_trouble) qq_must_fmt(&text, ", but not all could be read");
  qq_must_fmt(out, "%s: %.*s", words[code], (int)text.len, text.s);
  stralloc_free(&text);
  return code;
}
