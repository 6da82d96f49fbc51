#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/direntry.h>
#include <skalibs/genalloc.h>
#include <qq/append.h>
#include <qq/names.h>
#include <qq/say.h>
#include "driver.h"

/* Where scan directories are, of any of the three. */
#define USUAL_PATH "/service:/etc/service:/run/service:/var/service"

/* A place that may be the service of this qmail. */
typedef struct candidate { stralloc path; qq_claim claim; dev_t device; ino_t inode; } candidate;

static int has(char const *directory, char const *name)
{
  stralloc path = STRALLOC_ZERO;
  struct stat st;
  int const there = qq_say(&path, "%s/%s", directory, name) && stralloc_0(&path) && !lstat(path.s, &st);
  stralloc_free(&path);
  return there;
}

/* The file that only this one of the three makes (runit: runsv.c; s6: s6-supervise.c; daemontools: supervise.c). */
int qq_directory_kind(char const *directory)
{
  if (has(directory, "supervise/death_tally") || has(directory, "event")) return QQ_SUPERVISOR_S6;
  if (has(directory, "supervise/stat")) return QQ_SUPERVISOR_RUNIT;
  return has(directory, "supervise/status") || has(directory, "supervise/ok") ? QQ_SUPERVISOR_DAEMONTOOLS : -1;
}

static qq_claim claim_of(char const *directory, char const *name, char const *home)
{
  stralloc path = STRALLOC_ZERO, text = STRALLOC_ZERO;
  qq_claim claim = QQ_CLAIM_NONE;
  if (qq_say(&path, "%s/run", directory) && stralloc_0(&path) && qq_claim_read(&text, path.s) == 1) claim = qq_claim_of(text.s, text.len, name, home);
  stralloc_free(&path);
  stralloc_free(&text);
  return claim;
}

/* Scan directories have links, and may lead to the same service twice. Says whether it is new, and sets which it is. */
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

/* The service directories of that supervisor in one scan directory. */
static int collect(genalloc *all, char const *scan, size_t n, char const *home, qq_supervisor which)
{
  stralloc path = STRALLOC_ZERO;
  struct dirent const *e;
  DIR *d;
  int r = 1;
  if (!stralloc_catb(&path, scan, n) || !stralloc_0(&path)) return -1;
  d = opendir(path.s);
  while (d && r > 0 && (e = readdir(d))) {
    candidate c = { STRALLOC_ZERO, QQ_CLAIM_NONE, 0, 0 };
    if (*e->d_name == '.') continue;
    if (!qq_say(&c.path, "%s/%s", path.s, e->d_name) || !stralloc_0(&c.path)) r = -1;
    else if (qq_directory_kind(c.path.s) == (int)which && is_new(all, &c)) {
      c.claim = claim_of(c.path.s, e->d_name, home);
      r = genalloc_append(candidate, all, &c) ? 1 : -1;
      continue;
    }
    stralloc_free(&c.path);
  }
  if (d) dir_close(d);
  stralloc_free(&path);
  return r;
}

static int collect_all(genalloc *all, char const *home, qq_supervisor which)
{
  char const *s = getenv("QQ_SERVICE_PATH");
  stralloc path = STRALLOC_ZERO;
  char const *at;
  int r = 1;
  if (!qq_say(&path, "%s", s && *s ? s : USUAL_PATH) || (*home && !qq_say(&path, ":%s/supervise", home)) || !stralloc_0(&path)) return -1;
  for (at = path.s; r > 0 && *at; at += strspn(at, ":")) {
    size_t const n = strcspn(at, ":");
    r = n ? collect(all, at, n, home, which) : 1;
    at += n;
  }
  stralloc_free(&path);
  return r;
}

static int look(qq_service *s, candidate const *c, qq_supervisor which, qq_instance const *i)
{
  static qq_driver const *const drivers[] = { &qq_driver_s6, &qq_driver_daemontools, &qq_driver_runit };
  if (!qq_copy(&s->where, c->path.s, c->path.len)) return -1;
  s->supervisor = which;
  if (drivers[which]->look(s) < 0) return -1;
  s->supervises = qq_service_supervises(s, i);
  return 1;
}

/* The one that has started qmail-send; those that are likely to have are asked first. */
static int find_running(qq_service *s, genalloc const *all, qq_supervisor which, qq_instance const *i)
{
  candidate const *c = genalloc_s(candidate, all);
  size_t const n = genalloc_len(candidate, all);
  int claim;
  size_t k;
  for (claim = QQ_CLAIM_TEXT; claim >= QQ_CLAIM_NONE; claim--)
    for (k = 0; k < n; k++) {
      if ((int)c[k].claim != claim) continue;
      if (look(s, &c[k], which, i) < 0) return -1;
      if (s->supervises != QQ_SUPERVISES_NOT) return 1;
    }
  return 0;
}

/* One that is in none of the directories that are looked through: each of the three works in the service directory that it is for. */
static int find_above(qq_service *s, qq_supervisor which, qq_instance const *i)
{
  static char const *const names[] = { "s6-supervise", "supervise", "runsv" };
  candidate c = { STRALLOC_ZERO, QQ_CLAIM_NONE, 0, 0 };
  qq_os_process p;
  unsigned int above;
  int r = qq_os_process_look(i->send, &p);
  for (above = 0; above < QQ_ABOVE_MAX && r == 1 && p.parent > 1; above++) {
    r = qq_os_process_look(p.parent, &p);
    if (r == 1 && !strcmp(p.name, names[which])) break;
  }
  if (r == 1 && !strcmp(p.name, names[which])) r = qq_os_process_path(p.pid, &c.path);
  else r = 0;
  if (r > 0) r = qq_directory_kind(c.path.s) == (int)which ? look(s, &c, which, i) : 0;
  stralloc_free(&c.path);
  return r < 0 ? -1 : r && s->supervises != QQ_SUPERVISES_NOT;
}

/* The one that makes the claim, if no other does: two may be for two queues of one home, or one of them from before. */
static candidate const *find_only(genalloc const *all, qq_claim claim, size_t *count)
{
  candidate const *c = genalloc_s(candidate, all), *found = 0;
  size_t i;
  for (*count = i = 0; i < genalloc_len(candidate, all); i++) if (c[i].claim == claim && !(*count)++) found = &c[i];
  return *count == 1 ? found : 0;
}

/* By what their scripts say; a name counts only where none of them says more. */
static candidate const *find_claimed(genalloc const *all)
{
  size_t count;
  candidate const *c = find_only(all, QQ_CLAIM_TEXT, &count);
  return c || count ? c : find_only(all, QQ_CLAIM_NAME, &count);
}

static int choose(qq_service *s, genalloc const *all, qq_instance const *i, qq_supervisor which)
{
  int r = i->is_shown && i->send ? find_running(s, all, which, i) : 0;
  candidate const *c;
  if (!r && i->is_shown && i->send) r = find_above(s, which, i);
  c = r ? 0 : find_claimed(all);
  if (!c) return r;
  if (look(s, c, which, i) < 0) return -1;
  return c->claim == QQ_CLAIM_TEXT || !qq_service_supervises_another(s->pid, i);
}

int qq_directory_find(qq_service *s, qq_instance const *i, char const *home, qq_supervisor which)
{
  genalloc all = GENALLOC_ZERO;
  int r = collect_all(&all, home, which);
  size_t k;
  if (r > 0) r = choose(s, &all, i, which);
  for (k = 0; k < genalloc_len(candidate, &all); k++) stralloc_free(&genalloc_s(candidate, &all)[k].path);
  genalloc_free(candidate, &all);
  return r;
}
