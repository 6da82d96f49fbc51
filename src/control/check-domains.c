/* A domain has to be in two files: rcpthosts, so that SMTP takes its mail, and locals or
   virtualdomains, so that it is delivered here. */

#include <string.h>
#include <skalibs/bytestr.h>
#include <qq/home.h>
#include "check-private.h"

enum { TAKEN, MORE, LOCAL, VIRTUAL, ROUTED, FILES };
static char const *const files[FILES] = {
  "rcpthosts", "morercpthosts", "locals", "virtualdomains", "smtproutes"
};

/* What is compared. */
typedef struct comparison {
  qq_findings const *to;
  qq_settings const *all;
  genalloc names[FILES];        /* of qq_piece */
  stralloc values[FILES];
  int are_known[FILES];
} comparison;

/* ---- what one list says of a domain, or of what is below one ---- */

static int ends_with(qq_piece const *name, char const *s, size_t n)
{
  return name->n >= n && !case_diffb(name->s + (name->n - n), n, s);
}

/* Says whether some name of the list lies below `.example'. */
static int has_below(genalloc const *names, char const *s, size_t n)
{
  qq_piece const *p = genalloc_s(qq_piece, names);
  size_t i;
  if (!n || *s != '.') return 0;
  for (i = 0; i < genalloc_len(qq_piece, names); i++) if (ends_with(&p[i], s, n)) return 1;
  return 0;
}

static int mentions(comparison const *c, int file, char const *s, size_t n)
{
  qq_piece const everything = { "", 0 };
  genalloc const *names = &c->names[file];
  return qq_names_have(names, s, n) || has_below(names, s, n)
    || (file == VIRTUAL && qq_pieces_have(names, &everything, qq_piece_compare_case));
}

/* Says whether mail for the name is to come from outside: localhost and the like have no dot. */
static int is_public(char const *s, size_t n)
{
  static char const local[] = "localhost.";
  size_t const dot = n && *s == '.';
  if (n >= sizeof local - 1 && !case_diffb(s, sizeof local - 1, local)) return 0;
  return qq_check_is_name(s + dot, n - dot) && byte_chr(s + dot, n - dot, '.') < n - dot;
}

/* ---- taken, and not delivered here; a route for it shows that it is not meant to be ---- */

static int is_delivered(comparison const *c, char const *s, size_t n)
{
  return mentions(c, LOCAL, s, n) || mentions(c, VIRTUAL, s, n) || mentions(c, ROUTED, s, n);
}

static int check_taken(comparison const *c, int file)
{
  stralloc const *text = &qq_settings_get(c->all, files[file])->content;
  qq_entries e;
  int r = 1;
  qq_entries_begin(&e, text->s, text->len);
  while (r > 0 && qq_entries_next(&e))
    if (is_public(e.entry.s, e.entry.n) && !is_delivered(c, e.entry.s, e.entry.n))
      r = qq_finding_say(c->to, QQ_SEVERITY_WARNING, files[file], e.line, _("\"%.*s\" is neither "
        "in locals nor in virtualdomains: its mail is taken and sent on, as a backup MX does"),
        SHOWN(e.entry.s, e.entry.n));
  return r;
}

/* ---- delivered here, and not taken ---- */

static int report_refused(comparison const *c, char const *name, size_t line, char const *s,
  size_t n)
{
  if (!is_public(s, n) || mentions(c, TAKEN, s, n) || mentions(c, MORE, s, n)) return 1;
  return qq_finding_say(c->to, QQ_SEVERITY_WARNING, name, line, _("\"%.*s\" is not in rcpthosts: "
    "SMTP takes no mail for it, except from clients that may relay"), SHOWN(s, n));
}

/* Without locals it is me. */
static int check_locals(comparison const *c)
{
  qq_setting const *s = qq_value_file(files[LOCAL], c->all);
  qq_entries e;
  int r = 1;
  if (!s->exists) return 1;
  if (strcmp(s->name, files[LOCAL]))
    return report_refused(c, s->name, 1, s->content.s,
      qq_controltext_line(s->content.s, s->content.len));
  qq_entries_begin(&e, s->content.s, s->content.len);
  while (r > 0 && qq_entries_next(&e))
    r = report_refused(c, s->name, e.line, e.entry.s, e.entry.n);
  return r;
}

/* Not for what is said to be elsewhere; nor for the mail of one user, which may be redirected. */
static int check_virtual(comparison const *c)
{
  stralloc const *text = &qq_settings_get(c->all, files[VIRTUAL])->content;
  qq_entries e;
  int r = 1;
  qq_entries_begin(&e, text->s, text->len);
  while (r > 0 && qq_entries_next(&e)) {
    size_t const key = byte_chr(e.entry.s, e.entry.n, ':');
    if (key + 1 < e.entry.n) r = report_refused(c, files[VIRTUAL], e.line, e.entry.s, key);
  }
  return r;
}

/* A file that cannot be read says nothing; nor does the source of a cdb that is gone. */
static int collect(comparison *c)
{
  int i;
  for (i = 0; i < FILES; i++) {
    c->are_known[i] = !qq_value_file(files[i], c->all)->error;
    if (qq_names_collect(&c->names[i], &c->values[i], c->all, files[i]) < 0) return -1;
  }
  c->are_known[TAKEN] &= qq_settings_get(c->all, files[TAKEN])->exists;
  c->are_known[MORE] &= qq_settings_get(c->all, files[MORE])->exists
    || !qq_settings_get(c->all, "morercpthosts.cdb")->exists;
  return 1;
}

int qq_check_domains(qq_findings const *to, qq_settings const *all)
{
  comparison c = { to, all, { GENALLOC_ZERO }, { STRALLOC_ZERO }, { 0 } };
  int r = collect(&c), i;
  int const *known = c.are_known;
  if (r > 0 && known[TAKEN] && known[LOCAL] && known[VIRTUAL] && known[ROUTED])
    r = check_taken(&c, TAKEN) < 0 ? -1 : check_taken(&c, MORE);
  if (r > 0 && known[TAKEN] && known[MORE]) r = check_locals(&c) < 0 ? -1 : check_virtual(&c);
  for (i = 0; i < FILES; i++) {
    genalloc_free(qq_piece, &c.names[i]);
    stralloc_free(&c.values[i]);
  }
  return r;
}
