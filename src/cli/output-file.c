#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <qq/child.h>
#include <qq/diagnostic.h>
#include <qq/file.h>
#include <qq/output.h>

/* Only a file is replaced, not /dev/null; nor a link, as /dev/stdout is, unless somebody else could
   have put it there. */
static void check_target(qq_output_file const *f)
{
  struct stat directory, st;
  int const r = fstat(f->directory, &directory) < 0 ? -1 : qq_is_there(f->directory, f->name, &st);
  if (r < 0) qq_die_unable(_("unable to look at %s"), f->path);
  if (!r || S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)) return;
  if (!S_ISLNK(st.st_mode) || qq_is_ours_alone(&directory))
    qq_die(QQ_EXIT_USAGE, _("%s is not a regular file"), f->path);
}

void qq_output_open(qq_output_file *f, char const *path)
{
  f->path = path;
  f->directory = qq_path_open_above(path, &f->name);
  if (f->directory < 0) qq_die_unable(_("unable to open the directory of %s"), path);
  check_target(f);
}

void qq_output_replace(qq_output_file const *f, char const *s, size_t n)
{
  qq_owner const owner = qq_owner_self(0644);
  if (qq_replace(f->directory, f->name, s, n, &owner) < 0)
    qq_die_unable(_("unable to write %s"), f->path);
}

/* Collects what the child writes. */
static void write_for(pid_t child, int input, qq_output_act *act, void *data)
{
  stralloc text = STRALLOC_ZERO;
  int code;
  if (!slurp(&text, input)) qq_die_unable("%s", _("unable to read from a pipe"));
  code = qq_child_wait(child);
  if (code && code != QQ_EXIT_TROUBLE) text.len = 0;    /* wrong use; or it was killed half-way */
  act(data, &text);
  if (code < 0 || code > QQ_EXIT_TROUBLE)
    qq_die(QQ_EXIT_TROUBLE, "%s", _("the process that did the work was killed"));
  exit(code);
}

void qq_output_collect(qq_output_act *act, void *data)
{
  int ends[2];
  pid_t child;
  if (pipecoe(ends) < 0) qq_die_unable("%s", _("unable to make a pipe"));
  child = fork();
  if (child < 0) qq_die_unable("%s", _("unable to fork"));
  if (child) {
    close(ends[1]);
    write_for(child, ends[0], act, data);
  }
  if (fd_move(1, ends[1]) < 0) qq_die_unable("%s", _("unable to write to standard output"));
  close(ends[0]);
}

typedef struct target { qq_output_file file; char const *failed; } target;

static void replace(void *data, stralloc const *text)
{
  target const *t = data;
  if (text->len) qq_output_replace(&t->file, text->s, text->len);
  else qq_output_replace(&t->file, t->failed, strlen(t->failed));
}

void qq_output_into(char const *path, char const *failed)
{
  target t = { { path, 0, -1 }, failed };
  qq_output_open(&t.file, path);
  qq_output_collect(replace, &t);
  close(t.file.directory);
}
