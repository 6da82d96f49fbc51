#include <string.h>
#include <skalibs/bytestr.h>
#include <qq/home.h>
#include "check-private.h"

static int check_cdb(qq_findings const *to, qq_settings const *all)
{
  qq_setting const *more = qq_settings_get(all, "morercpthosts");
  qq_setting const *cdb = qq_settings_get(all, "morercpthosts.cdb");
  if (!more->exists)
    return !cdb->exists ? 1 : qq_finding_say(to, QQ_SEVERITY_HINT, "morercpthosts.cdb", 0,
      _("is read, but morercpthosts, which it was made from, is missing"));
  if (!qq_settings_get(all, "rcpthosts")->exists)
    return qq_finding_say(to, QQ_SEVERITY_WARNING, "morercpthosts", 0,
      _("has no effect without rcpthosts"));
  if (cdb->exists && more->mtime <= cdb->mtime) return 1;
  return qq_finding_say(to, QQ_SEVERITY_WARNING, "morercpthosts", 0, !cdb->exists
    ? _("has no effect: morercpthosts.cdb is missing; run qmail-newmrh")
    : _("is newer than morercpthosts.cdb, which is what is read; run qmail-newmrh"));
}

/* qmail-send asks locals first (qmail-send.c:rewrite). */
static int check_local_and_virtual(qq_findings const *to, qq_settings const *all)
{
  stralloc const *virtual = &qq_settings_get(all, "virtualdomains")->content;
  stralloc value = STRALLOC_ZERO;
  genalloc locals = GENALLOC_ZERO;      /* of qq_piece */
  qq_entries e;
  int r = qq_names_collect(&locals, &value, all, "locals");
  qq_entries_begin(&e, virtual->s, virtual->len);
  while (r > 0 && qq_entries_next(&e)) {
    size_t const key = byte_chr(e.entry.s, e.entry.n, ':');
    qq_piece const domain = { e.entry.s, key < e.entry.n ? key : 0 };
    if (domain.n && qq_pieces_have(&locals, &domain, qq_piece_compare_case))
      r = qq_finding_say(to, QQ_SEVERITY_WARNING, "virtualdomains", e.line,
        _("\"%.*s\" is in locals too, which is asked first: the line has no effect"),
        SHOWN(domain.s, domain.n));
  }
  genalloc_free(qq_piece, &locals);
  stralloc_free(&value);
  return r;
}

/* Says whether mail for the domain is delivered here; with smtproutes instead: whether a route is
   for everything. Returns 1, 0, or -1 with errno ENOMEM. */
static int is_in(qq_settings const *all, char const *name, char const *s, size_t n)
{
  stralloc value = STRALLOC_ZERO;
  genalloc names = GENALLOC_ZERO;       /* of qq_piece */
  qq_piece const everything = { "", 0 };
  int r = qq_names_collect(&names, &value, all, name);
  if (r > 0) r = qq_names_have(&names, s, n)
    || (strcmp(name, "locals") && qq_pieces_have(&names, &everything, qq_piece_compare_case));
  genalloc_free(qq_piece, &names);
  stralloc_free(&value);
  return r;
}

/* Mail for the host itself, as that for its postmaster or about its cron, goes to its name. */
static int check_me(qq_findings const *to, qq_settings const *all)
{
  qq_setting const *me = qq_settings_get(all, "me");
  size_t const n = qq_controltext_line(me->content.s, me->content.len);
  char const *s = me->content.s;
  int r;
  if (!me->exists)
    return qq_finding_say(to, QQ_SEVERITY_ERROR, "me", 0,
      _("is missing: this host has no name, and most programs refuse to work"));
  if (!n || me->error || qq_settings_get(all, "locals")->error
    || qq_settings_get(all, "virtualdomains")->error) return 1;
  r = is_in(all, "locals", s, n);
  if (!r) r = is_in(all, "virtualdomains", s, n);
  if (!r) r = is_in(all, "smtproutes", "", 0);
  return r ? r : qq_finding_say(to, QQ_SEVERITY_WARNING, "me", 1, _("\"%.*s\" is neither in locals "
    "nor in virtualdomains: mail for this host, such as double bounces, is sent elsewhere"),
    SHOWN(s, n));
}

int qq_check_set(qq_findings const *to, qq_settings const *all)
{
  return check_me(to, all) < 0 || qq_check_closed(to, all) < 0 || check_cdb(to, all) < 0 ? -1
    : check_local_and_virtual(to, all);
}
