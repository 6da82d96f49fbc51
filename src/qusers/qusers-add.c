/* Adds assignments to users/assign. */

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <skalibs/djbunix.h>
#include <qq/assign.h>
#include <qq/diagnostic.h>
#include <qq/text.h>

#include "qusers.h"

static int replace, dry_run;

static qq_option const options[] = {
  { 0, "replace", 0, N_("in the place of what the address is assigned to now"), QQ_SETS(replace) },
  { 0, "dry-run", 0, N_("show the lines that would change, change nothing"), QQ_SETS(dry_run) },
  QQ_OPTIONS_HOME,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qusers-add", "=LOCAL|+PREFIX USER [UID GID] HOME [DASH [EXT]] | -", N_("Add an assignment to users/assign, on top, and make users/cdb anew; with - the lines on standard input."),
  options, N_("0 done; 100 wrong use, a bad line, or an address that is assigned, nothing changed; 111 trouble, and what it was.")
};

static void add_field(stralloc *line, char const *operand, char const *what)
{
  if (strpbrk(operand, ":\n")) qq_die_usage(_("%s \"%s\": expected no colon and no newline"), what, operand);
  if (!stralloc_cats(line, operand) || !stralloc_append(line, ':')) qq_die_memory();
}

static void add_number(stralloc *line, unsigned long number)
{
  if (!qq_say(line, "%lu:", number)) qq_die_memory();
}

/* uid and gid of a user who has no more than a name here. */
static void add_account(stralloc *line, char const *user)
{
  struct passwd const *pw;
  errno = 0;
  pw = getpwnam(user);
  if (!pw && errno) qq_die(QQ_EXIT_TROUBLE, _("unable to look for the user %s: %s"), user, strerror(errno));
  if (!pw) qq_die(QQ_EXIT_USAGE, _("there is no user \"%s\": give UID and GID"), user);
  add_number(line, (unsigned long)pw->pw_uid);
  add_number(line, (unsigned long)pw->pw_gid);
}

/* A prefix that ends with a dash, and the one that is empty, are those of a user's extensions. */
static char const *usual_dash(char const *address)
{
  size_t const n = strlen(address);
  return *address == '+' && (n == 1 || address[n - 1] == '-') ? "-" : "";
}

static void line_of_operands(stralloc *line, char const *const *o)
{
  size_t n = 0;
  char const *address;
  while (o[n]) n++;
  if (n < 3) qq_die_usage("%s", _("expected =LOCAL or +PREFIX, USER and HOME"));
  address = *o++;
  if (*address != '=' && *address != '+') qq_die_usage(_("operand \"%s\": expected =LOCAL or +PREFIX"), address);
  add_field(line, address, _("address"));
  add_field(line, o[0], _("user"));
  if (o[1][0] >= '0' && o[1][0] <= '9') {
    if (n < 5) qq_die_usage("%s", _("expected UID, GID and HOME"));
    add_field(line, o[1], _("uid"));
    add_field(line, o[2], _("gid"));
    o += 3;
  }
  else {
    add_account(line, o[0]);
    o++;
  }
  add_field(line, *o++, _("home"));
  add_field(line, *o ? *o : usual_dash(address), _("dash"));
  if (*o) o++;
  add_field(line, *o ? *o : "", _("ext"));
  if (*o && o[1]) qq_die_usage(_("operand \"%s\": expected nothing behind EXT"), o[1]);
  if (!stralloc_append(line, '\n')) qq_die_memory();
}

/* Lines as users/assign has them; without the dot. */
static void lines_of_input(stralloc *lines)
{
  if (!slurp(lines, 0)) qq_die(QQ_EXIT_TROUBLE, _("unable to read standard input: %s"), strerror(errno));
  if (lines->len && lines->s[lines->len - 1] != '\n')
    qq_die(QQ_EXIT_USAGE, "%s", _("standard input is cut off: its last line has no newline; nothing was changed"));
}

/* The lines as a file of their own. */
static void make_whole(stralloc *whole, stralloc const *lines)
{
  if (!qq_append(whole, lines->s, lines->len) || !stralloc_cats(whole, ".\n")) qq_die_memory();
}

/* qmail-newu takes it for a part of the field, or passes over it at the end of a line; nobody means
   it. */
static int has_return(qq_assignment const *one, char const **why)
{
  if (!memchr(one->whole.s, '\r', one->whole.n)) return 0;
  *why = _("has a carriage return (CRLF), expected a newline alone");
  return 1;
}

/* Each line must be good by itself. */
static void check_lines(stralloc const *whole, char const *source)
{
  qq_assignment one;
  char const *why;
  qq_assign a;
  int r;
  qq_assign_begin(&a, whole->s, whole->len);
  while ((r = qq_assign_next(&a, &one, &why)) > 0) if (has_return(&one, &why) || !qq_assign_edit_check(&one, &why)) break;
  if (r) qq_die(QQ_EXIT_USAGE, _("%s: line %zu %s; nothing was changed"), source, a.line, why);
  if (a.end + 2 != whole->len) qq_die(QQ_EXIT_USAGE, _("%s: line %zu is a dot, behind which nothing counts; nothing was changed"), source, a.line + 1);
}

/* Lines that stand in users/assign as they are: an earlier run that was stopped may have added
   them. */
static int are_there(stralloc const *text, stralloc const *lines)
{
  return text->len >= lines->len && lines->len && !memcmp(text->s, lines->s, lines->len);
}

/* Which of the addresses the text assigns; out of a text that may be changed they are taken. */
static unsigned char *find(qq_site const *site, stralloc *text, genalloc const *keys, int take_out)
{
  size_t const count = genalloc_len(qq_assign_key, keys);
  unsigned char *found = calloc(count ? count : 1, 1);
  char const *why;
  size_t line;
  if (!found) qq_die_memory();
  if (!(take_out ? qq_assign_edit_remove(text, keys, found, &line, &why) : qq_assign_keys_seen(keys, text, found, &line, &why))) qq_qusers_refuse(site, line, why);
  return found;
}

/* Each address must be new: among the lines, and in the text, unless it was taken out there. */
static void check_new(qq_site const *site, unsigned char const *found, genalloc const *keys,
  char const *source)
{
  qq_assign_key const *s = genalloc_s(qq_assign_key, keys);
  size_t i;
  for (i = 0; i < genalloc_len(qq_assign_key, keys); i++) {
    char const type = s[i].is_wildcard ? '+' : '=';
    int const n = (int)s[i].address.n;
    if (i && qq_assign_key_same(&s[i - 1], &s[i]))
      qq_die(QQ_EXIT_USAGE, _("%s: line %zu: %c%.*s stands above it too; nothing was changed"), source, s[i].line, type, n, s[i].address.s);
    if (found[i] && !replace)
      qq_die(QQ_EXIT_USAGE, _("%s: line %zu: %c%.*s is assigned in %s/users/assign: take --replace; nothing was changed"), source, s[i].line, type, n,
        s[i].address.s, site->home.s);
  }
}

int main(int argc, char *const *argv)
{
  int from_input;
  stralloc lines = STRALLOC_ZERO, text = STRALLOC_ZERO, whole = STRALLOC_ZERO;
  genalloc keys = GENALLOC_ZERO;        /* of qq_assign_key */
  char const *source;
  qq_site site;
  unsigned char *found;
  int done;
  qq_start(&program, argc, argv);
  from_input = *qq_operands() && !strcmp(*qq_operands(), "-") && !qq_operands()[1];
  source = from_input ? _("standard input") : _("operands");
  if (from_input) lines_of_input(&lines);
  else line_of_operands(&lines, qq_operands());
  if (dry_run) qq_qusers_open(&site);
  else qq_qusers_open_to_change(&site);
  qq_qusers_take(&site, &text, dry_run);
  make_whole(&whole, &lines);
  check_lines(&whole, source);
  if (!qq_assign_keys_read(&keys, &whole)) qq_die_memory();
  done = are_there(&text, &lines);
  found = find(&site, &text, &keys, replace && !done);
  if (done) qq_exit(0);
  check_new(&site, found, &keys, source);
  if (!qq_assign_edit_add(&text, &lines)) qq_die_memory();
  if (lines.len) qq_qusers_write(&site, &text, dry_run);
  qq_exit(0);
}
