/* Whether what a supervisor has started is qmail-send, or a process above it. */

#include <string.h>
#include <qq/names.h>
#include "driver.h"

static qq_supervises how_it_stands(pid_t pid, pid_t send)
{
  unsigned int i;
  if (!pid || !send) return QQ_SUPERVISES_NOT;
  for (i = 0; i < QQ_ABOVE_MAX && send > 1; i++) {
    qq_os_process p;
    if (pid == send) return i ? QQ_SUPERVISES_ABOVE : QQ_SUPERVISES_IT;
    if (qq_os_process_look(send, &p) != 1) break;
    send = p.parent;
  }
  return QQ_SUPERVISES_NOT;
}

/* A unit that has no main process, as one that systemd made of an init script. */
static int is_of_unit(qq_service const *s, pid_t send)
{
  stralloc unit = STRALLOC_ZERO;
  int r = s->supervisor == QQ_SUPERVISOR_SYSTEMD && s->answers && !s->pid && send;
  r = r && !s->unit.has_let_go && qq_os_process_unit(send, &unit) > 0
    && !strcmp(unit.s, s->where.s);
  stralloc_free(&unit);
  return r;
}

qq_supervises qq_service_supervises(qq_service const *s, qq_instance const *i)
{
  if (is_of_unit(s, i->send)) return QQ_SUPERVISES_ABOVE;
  if (i->is_shown || i->send) return how_it_stands(s->pid, i->send);
  return s->pid && i->runs ? QQ_SUPERVISES_IT : QQ_SUPERVISES_NOT;
}

/* Not one that has come up since the instance was looked at. */
static int is_another(qq_os_process const *p, qq_instance const *i)
{
  return !strcmp(p->name, QQ_NAME_QMAIL_SEND) && !qq_instance_member(i, p->pid)
    && qq_os_process_works_in(p->pid, i->device, i->inode) != 1;
}

int qq_service_supervises_another(pid_t pid, qq_instance const *i)
{
  genalloc all = GENALLOC_ZERO;
  int found = 0;
  size_t k;
  if (pid && qq_os_processes(&all) > 0)
    for (k = 0; k < genalloc_len(qq_os_process, &all); k++) {
      qq_os_process const *p = &genalloc_s(qq_os_process, &all)[k];
      if (is_another(p, i)) found |= how_it_stands(pid, p->pid) != QQ_SUPERVISES_NOT;
    }
  genalloc_free(qq_os_process, &all);
  return found;
}
