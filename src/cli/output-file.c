#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <qq/child.h>
#include <qq/diagnostic.h>
#include <qq/file.h>
#include <qq/output.h>

typedef struct target {
  char const *path, *name;
  int directory;
} target;

static void replace(target const *t, char const *s, size_t n)
{
  qq_owner const owner = qq_owner_self(0644);
  if (qq_replace(t->directory, t->name, s, n, &owner) < 0)
    qq_die_unable(_("unable to write %s"), t->path);
}

/* Collects what the child writes. */
static void write_for(target const *t, pid_t child, int input, char const *failed)
{
  stralloc text = STRALLOC_ZERO;
  int code;
  if (qq_slurp(&text, input) < 0) qq_die_unable("%s", _("unable to read from a pipe"));
  code = qq_child_wait(child);
  if (code && code != QQ_EXIT_TROUBLE) text.len = 0;    /* wrong use; or it was killed half-way */
  if (text.len) replace(t, text.s, text.len);
  else replace(t, failed, strlen(failed));
  exit(code < 0 || code > QQ_EXIT_TROUBLE ? QQ_EXIT_TROUBLE : code);
}

void qq_output_into(char const *path, char const *failed)
{
  target t = { path, 0, -1 };
  int ends[2];
  pid_t child;
  t.directory = qq_path_open_above(path, &t.name);
  if (t.directory < 0) qq_die_unable(_("unable to open the directory of %s"), path);
  if (pipecoe(ends) < 0) qq_die_unable("%s", _("unable to make a pipe"));
  child = fork();
  if (child < 0) qq_die_unable("%s", _("unable to fork"));
  if (child) {
    close(ends[1]);
    write_for(&t, child, ends[0], failed);
  }
  if (fd_move(1, ends[1]) < 0) qq_die_unable("%s", _("unable to write to standard output"));
  close(ends[0]);
  close(t.directory);
}
