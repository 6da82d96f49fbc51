#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <config.h>
#include <qq/diagnostic.h>
#include <qq/home.h>
#include <qq/names.h>
#include <qq/options.h>
#include <qq/text.h>
#include "qsvc.h"

static void die(qq_server const *s)
{
  qq_die(qq_exit_code_of(errno), "%s", qq_server_why(s));
}

/* Without `..' and links, for other programs and for comparing. */
static char const *whole(stralloc *path)
{
  char *whole = *path->s ? realpath(path->s, 0) : 0;
  if (whole && !qq_copy_string(path, whole)) qq_die_memory();
  free(whole);
  return path->s;
}

/* The paths of the queue and, if it is known, the home that the options name. */
static void find_home(stralloc *queue, stralloc *home)
{
  qq_shared const *said = qq_shared_options;
  qq_demand_memory(qq_home_find(queue, home, said->queue, said->home, QQ_QMAIL_HOME));
}

void qq_svc_open(qq_server *s)
{
  static stralloc queue, home;
  struct stat st;
  find_home(&queue, &home);
  s->queue_fd = open(queue.s, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (s->queue_fd < 0) {
    qq_unable(&s->why, _("unable to open the queue %s"), queue.s);
    die(s);
  }
  if (fstatat(s->queue_fd, QQ_NAME_SENDMUTEX, &st, AT_SYMLINK_NOFOLLOW) < 0) {
    if (errno != ENOENT) qq_unable(&s->why, _("unable to look into the queue %s"), queue.s);
    else qq_say(&s->why, _("%s is no queue: it has no %s"), queue.s, QQ_NAME_SENDMUTEX);
    die(s);
  }
  s->queue = whole(&queue);
  s->home = whole(&home);
}

void qq_svc_look(qq_server *s)
{
  int r = qq_instance_look(&s->instance, s->queue_fd);
  if (r < 0) qq_unable(&s->why, _("unable to see what runs on %s"), s->queue);
  else r = qq_server_find(s);
  if (r < 0) die(s);
}

void qq_svc_lock(qq_server *s)
{
  if (qq_server_lock(s) < 0) qq_die(QQ_EXIT_TROUBLE, "%s", qq_server_why(s));
  qq_svc_look(s);
}

int qq_svc_load_control(qq_server const *s, qq_settings *live)
{
  stralloc path = STRALLOC_ZERO, why = STRALLOC_ZERO;
  int is_loaded;
  if (!*s->home) return 0;
  qq_must_say(&path, "%s/%s", s->home, QQ_NAME_CONTROL);
  is_loaded = qq_settings_load(live, path.s, 0, &why) > 0;
  if (!is_loaded) qq_settings_free(live);
  stralloc_free(&path);
  stralloc_free(&why);
  return is_loaded;
}
