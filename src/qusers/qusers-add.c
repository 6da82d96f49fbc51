/* Adds assignments to users/assign. */

#include <string.h>
#include <skalibs/djbunix.h>
#include <qq/diagnostic.h>
#include <qq/os.h>
#include <qq/output.h>
#include <qq/text.h>
#include "qusers.h"

static int replace;
static qq_edit edit;
static char const *source;      /* what the lines are from */

static qq_option const options[] = {
  { 0, "replace", 0, N_("in the place of what the address is assigned to now"), QQ_SETS(replace) },
  { 0, "dry-run", 0, N_("show the lines that would change, change nothing"),
    QQ_SETS(edit.dry_run) },
  QQ_OPTIONS_HOME,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qusers-add", "=LOCAL|+PREFIX USER [UID GID] HOME [DASH [EXT]] | -",
  N_("Add an assignment to users/assign, on top, and make users/cdb anew; with - the lines on "
    "standard input."), options,
  N_("0 done; 100 wrong use, a bad line, or an address that is assigned, nothing changed; 111 "
    "trouble, and what it was.")
};

static void add_field(stralloc *line, char const *operand)
{
  if (strpbrk(operand, ":\n"))
    qq_die_usage(_("operand \"%s\": expected no colon and no newline"), operand);
  qq_demand_memory(stralloc_cats(line, operand) && stralloc_append(line, ':'));
}

/* uid and gid of a user who has no more than a name here. */
static void add_account(stralloc *line, char const *user)
{
  struct passwd const *pw;
  int const r = qq_getpw_name(&pw, user);
  if (r < 0) qq_die_unable(_("unable to look for the user %s"), user);
  if (!r) qq_die(QQ_EXIT_USAGE, _("there is no user \"%s\": give UID and GID"), user);
  qq_must_fmt(line, "%lu:%lu:", (unsigned long)pw->pw_uid, (unsigned long)pw->pw_gid);
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
  source = _("operands");
  while (o[n]) n++;
  if (n < 3) qq_die_usage("%s", _("expected =LOCAL or +PREFIX, USER and HOME"));
  address = *o++;
  qq_qusers_demand_address(address);
  add_field(line, address);
  add_field(line, o[0]);
  if (o[1][0] >= '0' && o[1][0] <= '9') {
    if (n < 5) qq_die_usage("%s", _("expected UID, GID and HOME"));
    add_field(line, o[1]);
    add_field(line, o[2]);
    o += 3;
  }
  else {
    add_account(line, o[0]);
    o++;
  }
  add_field(line, *o++);
  add_field(line, *o ? *o : usual_dash(address));
  if (*o) o++;
  add_field(line, *o ? *o : "");
  if (*o && o[1]) qq_die_usage(_("operand \"%s\": expected nothing after EXT"), o[1]);
  qq_demand_memory(stralloc_append(line, '\n'));
}

/* Lines as users/assign has them; without the dot. */
static void lines_of_input(stralloc *lines)
{
  source = _("standard input");
  if (!slurp(lines, 0)) qq_die_unable("%s", _("unable to read standard input"));
  if (lines->len && lines->s[lines->len - 1] != '\n')
    qq_die(QQ_EXIT_USAGE, "%s", _("standard input is cut off: its last line has no newline; "
      "nothing was changed"));
}

/* qmail-newu takes a carriage return for a part of the field, or passes over it at the end of a
   line; nobody means it. */
static char const *fault_of(qq_assignment const *one)
{
  return memchr(one->whole.s, '\r', one->whole.n)
    ? _("has a carriage return (CRLF), expected a newline alone") : qq_assign_fault(one);
}

/* Each line must be good by itself. */
static void check_lines(stralloc const *whole)
{
  qq_assignment one;
  qq_assign a;
  int r;
  qq_assign_begin(&a, whole->s, whole->len);
  while ((r = qq_assign_next(&a, &one)) > 0 && !(a.why = fault_of(&one))) ;
  if (r)
    qq_die(QQ_EXIT_USAGE, _("%s: line %zu: %s; nothing was changed"), source, a.line, a.why);
  if (a.end + 2 != whole->len)
    qq_die(QQ_EXIT_USAGE, _("%s: line %zu is a dot, after which nothing counts; nothing was "
      "changed"), source, a.line + 1);
}

/* Each address must be new: among the lines, and in users/assign, unless it was taken out there. */
static void check_new(genalloc const *keys)
{
  qq_assign_key const *s = genalloc_s(qq_assign_key, keys);
  size_t i;
  for (i = 0; i < genalloc_len(qq_assign_key, keys); i++) {
    char const type = s[i].is_wildcard ? '+' : '=';
    int const n = (int)s[i].address.n;
    if (i && qq_assign_key_same(&s[i - 1], &s[i]))
      qq_die(QQ_EXIT_USAGE, _("%s: line %zu: %c%.*s is assigned above it, too; nothing was "
        "changed"),
        source, s[i].line, type, n, s[i].address.s);
    if (s[i].is_found && !replace)
      qq_die(QQ_EXIT_USAGE, _("%s: line %zu: %c%.*s is assigned in %s/users/assign: use --replace; "
        "nothing was changed"), source, s[i].line, type, n, s[i].address.s,
        edit.site.home.s);
  }
}

/* The lines may stand there as they are: an earlier run that was stopped has added them. */
static void add_lines(stralloc const *lines)
{
  int const are_there = lines->len && edit.text.len >= lines->len
    && !memcmp(edit.text.s, lines->s, lines->len);
  stralloc whole = STRALLOC_ZERO;       /* as a file of their own */
  genalloc keys = GENALLOC_ZERO;        /* of qq_assign_key */
  qq_assign at;
  qq_demand_memory(qq_append(&whole, lines->s, lines->len) && stralloc_cats(&whole, ".\n"));
  check_lines(&whole);
  qq_demand_memory(qq_assign_keys_read(&keys, &whole));
  if (!qq_assign_remove(&edit.text, &keys, &at)) qq_qusers_refuse(&edit.site, &at);
  if (are_there) {
    qq_output_done(_("nothing has changed: it is so already"));
    qq_exit(0);
  }
  check_new(&keys);
  qq_demand_memory(stralloc_insert(&edit.text, 0, lines));
}

int main(int argc, char *const *argv)
{
  stralloc lines = STRALLOC_ZERO;
  char const *const *o;
  qq_start(&program, argc, argv);
  o = qq_operands();
  if (*o && !strcmp(*o, "-") && !o[1]) lines_of_input(&lines);
  else line_of_operands(&lines, o);
  qq_edit_begin(&edit);
  add_lines(&lines);
  if (lines.len) {
    qq_edit_end(&edit);
    if (!edit.dry_run)
      qq_output_done(_("users/assign and users/cdb have it, from the next delivery on"));
  }
  qq_exit(0);
}
