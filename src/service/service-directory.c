#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <skalibs/genalloc.h>
#include <qq/child.h>
#include <qq/file.h>
#include "driver.h"

/* Where scan directories are, of any of the three. */
#define USUAL_PATH "/service:/etc/service:/run/service:/var/service"

/* A place that may be the service of this qmail. */
typedef struct candidate { stralloc path; qq_claim claim; dev_t device; ino_t inode; } candidate;

static int has_file(char const *directory, char const *name)
{
  stralloc path = STRALLOC_ZERO;
  struct stat st;
  int const is_there = qq_fmt(&path, "%s/%s", directory, name) && !lstat(path.s, &st);
  stralloc_free(&path);
  return is_there;
}

/* The file that only this one of the three makes (runit: runsv.c; s6: s6-supervise.c; daemontools:
   supervise.c). */
int qq_service_directory_kind(char const *directory)
{
  if (has_file(directory, "supervise/death_tally") || has_file(directory, "event"))
    return QQ_SUPERVISOR_S6;
  if (has_file(directory, "supervise/stat")) return QQ_SUPERVISOR_RUNIT;
  if (!has_file(directory, "supervise/status") && !has_file(directory, "supervise/ok")) return -1;
  return QQ_SUPERVISOR_DAEMONTOOLS;
}

/* Reads what is run there. Returns as qq_claim_read. */
static int read_run(stralloc *text, char const *directory)
{
  stralloc path = STRALLOC_ZERO;
  int const r = qq_fmt(&path, "%s/run", directory) ? qq_claim_read(text, path.s) : -1;
  stralloc_free(&path);
  return r;
}

static qq_claim claim_of(char const *directory, char const *name, char const *home)
{
  stralloc text = STRALLOC_ZERO;
  qq_claim claim = QQ_CLAIM_NONE;
  if (read_run(&text, directory) == 1)
    claim = qq_claim_of((qq_piece){ text.s, text.len }, name, home);
  stralloc_free(&text);
  return claim;
}

static int does_claim(qq_server const *s)
{
  char const *where = s->service.where.s, *slash = strrchr(where, '/');
  stralloc text = STRALLOC_ZERO;
  int r = read_run(&text, where);
  if (r > 0)
    r = qq_claim_counts((qq_piece){ text.s, text.len }, slash ? slash + 1 : where, s->home);
  stralloc_free(&text);
  return r;
}

/* Scan directories have links, and may lead to the same service twice. Says whether it is new, and
   sets which it is. */
static int is_new(genalloc const *all, candidate *c)
{
  struct stat st;
  size_t i;
  if (stat(c->path.s, &st) < 0) return 0;
  c->device = st.st_dev;
  c->inode = st.st_ino;
  for (i = 0; i < genalloc_len(candidate, all); i++) {
    candidate const *other = &genalloc_s(candidate, all)[i];
    if (other->device == c->device && other->inode == c->inode) return 0;
  }
  return 1;
}

/* Takes the directory if it is a service of that supervisor, and new. Returns 1, or -1. */
static int collect_one(genalloc *all, char const *scan, char const *name, char const *home,
  qq_supervisor which)
{
  candidate c = { STRALLOC_ZERO, QQ_CLAIM_NONE, 0, 0 };
  int r = qq_fmt(&c.path, "%s/%s", scan, name) ? 0 : -1;
  if (!r && qq_service_directory_kind(c.path.s) == (int)which && is_new(all, &c)) {
    c.claim = claim_of(c.path.s, name, home);
    r = genalloc_append(candidate, all, &c) ? 1 : -1;
  }
  if (r < 1) stralloc_free(&c.path);
  return r < 0 ? -1 : 1;
}

/* The service directories of that supervisor in one scan directory, if that can be read. */
static int collect(genalloc *all, char const *scan, size_t n, char const *home, qq_supervisor which)
{
  stralloc path = STRALLOC_ZERO;
  qq_directory d;
  int r = qq_fmt(&path, "%.*s", (int)n, scan) ? 1 : -1;
  if (r > 0 && qq_directory_begin(&d, open(path.s, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) > 0) {
    while (r > 0 && qq_directory_next(&d) > 0)
      if (*d.entry->d_name != '.') r = collect_one(all, path.s, d.entry->d_name, home, which);
    qq_directory_end(&d);
  }
  stralloc_free(&path);
  return r;
}

static int collect_all(genalloc *all, char const *home, qq_supervisor which)
{
  char const *said = getenv("QQ_SERVICE_PATH");
  stralloc path = STRALLOC_ZERO;
  char const *at;
  size_t n;
  int r = qq_fmt(&path, "%s", said && *said ? said : USUAL_PATH) ? 1 : -1;
  if (r > 0 && *home && !qq_fmt(&path, ":%s/supervise", home)) r = -1;
  for (at = path.s; r > 0 && (n = qq_next_path(&at)); at += n) r = collect(all, at, n, home, which);
  stralloc_free(&path);
  return r;
}

static int try_directory(qq_server *s, qq_supervisor which, char const *path)
{
  if (qq_server_take(s, which, path) < 0) return -1;
  return s->service.supervises != QQ_SUPERVISES_NOT;
}

/* The one that has started qmail-send; those that are likely to have are asked first. */
static int find_running(qq_server *s, genalloc const *all, qq_supervisor which)
{
  candidate const *c = genalloc_s(candidate, all);
  size_t const n = genalloc_len(candidate, all);
  int claim, r = 0;
  size_t k;
  for (claim = QQ_CLAIM_TEXT; claim >= QQ_CLAIM_NONE; claim--)
    for (k = 0; k < n && !r; k++)
      if ((int)c[k].claim == claim) r = try_directory(s, which, c[k].path.s);
  return r;
}

/* The process above qmail-send that has the name. Returns 1, 0, or -1 with errno. */
static int find_process(qq_os_process *p, pid_t send, char const *name)
{
  unsigned int above;
  int r = qq_os_process_look(send, p);
  for (above = 0; above < QQ_ABOVE_MAX && r == 1 && p->parent > 1; above++) {
    r = qq_os_process_look(p->parent, p);
    if (r == 1 && !strcmp(p->name, name)) return 1;
  }
  return r < 0 ? -1 : 0;
}

/* What calls itself a supervisor, and is not to be obeyed, is found all the same: nothing else is
   the service then. */
static int take_above(qq_server *s, qq_supervisor which, char const *path, pid_t pid)
{
  qq_service *service = &s->service;
  if (qq_service_begin(service, which, path) < 0 || qq_trust_process(service, pid) < 0
    || qq_server_look_at_service(s) < 0) return -1;
  if (service->doubt.len) service->supervises = QQ_SUPERVISES_ABOVE;
  return service->supervises != QQ_SUPERVISES_NOT;
}

/* One that is in none of the directories that are looked through: each of the three works in the
   service directory that it is for. */
static int find_above(qq_server *s, qq_supervisor which)
{
  static char const *const names[] = { "s6-supervise", "supervise", "runsv" };
  stralloc path = STRALLOC_ZERO;
  qq_os_process p;
  int r = find_process(&p, s->instance.send, names[which]);
  if (r > 0) r = qq_os_process_path(p.pid, &path);
  if (r > 0) r = qq_service_directory_kind(path.s) == (int)which;
  if (r > 0) r = take_above(s, which, path.s, p.pid);
  stralloc_free(&path);
  return r;
}

/* By what their scripts say; a name counts only where none of them says more. It has to be the only
   one: two may be for two queues of one home, or one of them from before. */
static candidate const *find_claimed(genalloc const *all)
{
  candidate const *c = genalloc_s(candidate, all), *found = 0;
  size_t i, count = 0;
  for (i = 0; i < genalloc_len(candidate, all); i++) {
    if (c[i].claim == QQ_CLAIM_NONE || (found && c[i].claim < found->claim)) continue;
    count = found && c[i].claim == found->claim ? count + 1 : 1;
    found = &c[i];
  }
  return count == 1 ? found : 0;
}

static int choose(qq_server *s, genalloc const *all, qq_supervisor which)
{
  int const is_seen = s->instance.is_shown && s->instance.send;
  int r = is_seen ? find_running(s, all, which) : 0;
  candidate const *c;
  if (!r && is_seen) r = find_above(s, which);
  c = r ? 0 : find_claimed(all);
  if (!c) return r;
  if (qq_server_take(s, which, c->path.s) < 0) return -1;
  return c->claim == QQ_CLAIM_TEXT || !qq_service_supervises_another(s->service.pid, &s->instance);
}

int qq_service_directory_find(qq_server *s, qq_supervisor which)
{
  genalloc all = GENALLOC_ZERO;
  int r = collect_all(&all, s->home, which);
  size_t k;
  if (r > 0) r = choose(s, &all, which);
  if (r > 0 && (s->service.claims = does_claim(s)) < 0) r = -1;
  for (k = 0; k < genalloc_len(candidate, &all); k++)
    stralloc_free(&genalloc_s(candidate, &all)[k].path);
  genalloc_free(candidate, &all);
  return r;
}
