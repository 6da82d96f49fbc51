#include <string.h>
#include <qq/controltext.h>
#include <qq/settings.h>
#include <qq/text.h>

static int check_relay(qq_findings const *to, qq_settings const *all)
{
  qq_setting const *more = qq_settings_get(all, "morercpthosts");
  qq_setting const *cdb = qq_settings_get(all, "morercpthosts.cdb");
  if (!qq_settings_get(all, "rcpthosts")->exists) {
    if (qq_finding_say(to, QQ_SEVERITY_ERROR, "rcpthosts", 0, _("is missing: an open relay, this "
      "server takes mail from anybody to anywhere; an empty one takes none")) < 0) return -1;
    return !more->exists ? 1 : qq_finding_say(to, QQ_SEVERITY_WARNING, "morercpthosts", 0,
      _("has no effect without rcpthosts"));
  }
  if (!more->exists)
    return !cdb->exists ? 1 : qq_finding_say(to, QQ_SEVERITY_HINT, "morercpthosts.cdb", 0,
      _("is read, but morercpthosts, which it was made from, is missing"));
  if (cdb->exists && more->mtime <= cdb->mtime) return 1;
  return qq_finding_say(to, QQ_SEVERITY_WARNING, "morercpthosts", 0, !cdb->exists
    ? _("has no effect: morercpthosts.cdb is missing; run qmail-newmrh")
    : _("is newer than morercpthosts.cdb, which is what is read; run qmail-newmrh"));
}

/* qmail-send asks locals first (qmail-send.c:rewrite). */
static int check_local_and_virtual(qq_findings const *to, qq_settings const *all)
{
  stralloc const *locals = &qq_settings_get(all, "locals")->content;
  stralloc const *virtual = &qq_settings_get(all, "virtualdomains")->content;
  genalloc sorted = GENALLOC_ZERO;      /* of qq_piece */
  qq_entries e;
  int r = qq_entries_pieces(locals->s, locals->len, &sorted);
  qq_pieces_sort(&sorted, qq_piece_compare_case);
  qq_entries_begin(&e, virtual->s, virtual->len);
  while (r > 0 && qq_entries_next(&e)) {
    char const *s = virtual->s + e.start, *colon = e.length ? memchr(s, ':', e.length) : 0;
    qq_piece const domain = { s, colon ? (size_t)(colon - s) : 0 };
    if (domain.n && qq_pieces_have(&sorted, &domain, qq_piece_compare_case))
      r = qq_finding_say(to, QQ_SEVERITY_WARNING, "virtualdomains", e.line,
        _("\"%.*s\" is in locals too, which is asked first: the line has no effect"),
        (int)(domain.n < 80 ? domain.n : 80), s);
  }
  genalloc_free(qq_piece, &sorted);
  return r;
}

int qq_check_set(qq_findings const *to, qq_settings const *all)
{
  if (!qq_settings_get(all, "me")->exists && qq_finding_say(to, QQ_SEVERITY_ERROR, "me", 0,
    _("is missing: this host has no name, and most programs refuse to work")) < 0) return -1;
  if (check_relay(to, all) < 0) return -1;
  return check_local_and_virtual(to, all);
}
