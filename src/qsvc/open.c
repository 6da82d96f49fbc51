#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <qq/diagnostic.h>
#include <qq/file.h>
#include <qq/home.h>
#include <qq/names.h>
#include <qq/options.h>
#include <qq/site.h>
#include <qq/text.h>
#include "qsvc.h"

static qq_site site;

static void die(qq_server const *s)
{
  qq_die(qq_exit_code_of(errno), "%s", qq_server_why(s));
}

static void die_without_queue(qq_server *s)
{
  qq_demand_memory(qq_site_hint_create(&site, &s->why) > 0);
  die(s);
}

static void refuse_without_mutex(qq_server *s, char const *queue)
{
  struct stat st;
  if (errno != ENOENT) qq_unable(&s->why, _("unable to look into the queue %s"), queue);
  else if (qq_is_there(s->queue_fd, QQ_NAME_MESS, &st) == 1)
    qq_refuse(&s->why, EPERM, _("%s has no %s, without which qmail-send cannot start: qq-fix makes "
      "it, and qq-check says what else is wrong"), queue, QQ_NAME_SENDMUTEX);
  else if (!qq_home_name_queues(s->queue_fd, queue, &s->why))
    qq_refuse(&s->why, ENOENT, _("%s is not a queue: it has no %s"), queue, QQ_NAME_SENDMUTEX);
  die_without_queue(s);
}

static char const *find_queue(void)
{
  qq_demand_memory(qq_site_find(&site, qq_shared_options->queue, qq_shared_options->home) > 0);
  return site.queue.s;
}

static void take_queue(qq_server *s)
{
  struct stat st;
  if (s->queue_fd < 0) die_without_queue(s);
  if (qq_stat_below(s->queue_fd, QQ_NAME_SENDMUTEX, &st) < 0)
    refuse_without_mutex(s, site.queue.s);
  qq_demand_memory(qq_site_resolve(&site.queue) > 0 && qq_site_resolve(&site.home) > 0);
  s->queue = site.queue.s;
  s->home = site.home.s;
}

void qq_svc_open(qq_server *s)
{
  s->queue_fd = qq_queue_enter(find_queue(), &s->why);
  take_queue(s);
}

void qq_svc_open_closed(qq_server *s)
{
  char const *path = find_queue();
  s->queue_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (s->queue_fd < 0) qq_unable(&s->why, _("unable to open the queue %s"), path);
  take_queue(s);
}

/* r is what looking at the instance returned. */
static void find_service(qq_server *s, int r)
{
  if (r < 0) qq_unable(&s->why, _("unable to see what runs on %s"), s->queue);
  else r = qq_server_find(s);
  if (r < 0) die(s);
}

void qq_svc_look(qq_server *s)
{
  find_service(s, qq_instance_watch(&s->instance, s->queue_fd));
}

void qq_svc_lock(qq_server *s)
{
  if (qq_server_lock(s) < 0) qq_die(QQ_EXIT_TROUBLE, "%s", qq_server_why(s));
  find_service(s, qq_instance_look(&s->instance, s->queue_fd));
}

int qq_svc_load_control(qq_server const *s, qq_settings *live)
{
  stralloc path = STRALLOC_ZERO, why = STRALLOC_ZERO;
  int is_loaded;
  if (!*s->home) return 0;
  qq_must_fmt(&path, "%s/%s", s->home, QQ_NAME_CONTROL);
  is_loaded = qq_settings_load(live, open(path.s, O_RDONLY | O_DIRECTORY | O_CLOEXEC), path.s, 0,
    &why) > 0;
  if (!is_loaded) qq_settings_free(live);
  stralloc_free(&path);
  stralloc_free(&why);
  return is_loaded;
}
