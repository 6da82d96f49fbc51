#include <string.h>
#include <qq/check.h>
#include <qq/controltext.h>
#include <qq/gettext.h>

static qq_setting const *existing(qq_settings const *all, char const *name)
{
  qq_setting const *s = qq_settings_find(all, name);
  return s && s->exists ? s : 0;
}

static int check_relay(qq_findings const *to, qq_settings const *all)
{
  qq_setting const *more = existing(all, "morercpthosts"), *cdb = existing(all, "morercpthosts.cdb");
  if (!existing(all, "rcpthosts")) {
    if (qq_finding_say(to, QQ_SEVERITY_ERROR, "rcpthosts", 0, _("is missing: an open relay, this server takes mail from anybody to anywhere; an empty one takes none")) < 0) return -1;
    return more ? qq_finding_say(to, QQ_SEVERITY_WARNING, "morercpthosts", 0, _("has no effect without rcpthosts")) : 1;
  }
  if (!more) return cdb ? qq_finding_say(to, QQ_SEVERITY_HINT, "morercpthosts.cdb", 0, _("is read, but morercpthosts, which it was made from, is missing")) : 1;
  if (!cdb) return qq_finding_say(to, QQ_SEVERITY_WARNING, "morercpthosts", 0, _("has no effect: morercpthosts.cdb is missing; run qmail-newmrh"));
  if (more->mtime > cdb->mtime) return qq_finding_say(to, QQ_SEVERITY_WARNING, "morercpthosts", 0, _("is newer than morercpthosts.cdb, which is what is read; run qmail-newmrh"));
  return 1;
}

/* qmail-send asks locals first (qmail-send.c:rewrite). */
static int check_local_and_virtual(qq_findings const *to, qq_settings const *all)
{
  qq_setting const *locals = existing(all, "locals"), *virtual = existing(all, "virtualdomains");
  genalloc sorted = GENALLOC_ZERO;      /* of qq_piece */
  qq_entries e;
  int r;
  if (!locals || !virtual) return 1;
  r = qq_entries_pieces(locals->content.s, locals->content.len, &sorted);
  qq_pieces_sort(&sorted, qq_piece_compare_case);
  qq_entries_begin(&e, virtual->content.s, virtual->content.len);
  while (r > 0 && qq_entries_next(&e)) {
    char const *s = virtual->content.s + e.start, *colon = e.length ? memchr(s, ':', e.length) : 0;
    qq_piece domain;
    domain.s = s;
    domain.n = colon ? (size_t)(colon - s) : 0;
    if (domain.n && qq_pieces_have(&sorted, &domain, qq_piece_compare_case)) r = qq_finding_say(to, QQ_SEVERITY_WARNING, "virtualdomains", e.line, _("\"%.*s\" is in locals too, which is asked first: the line has no effect"), (int)(domain.n < 80 ? domain.n : 80), s);
  }
  genalloc_free(qq_piece, &sorted);
  return r;
}

int qq_check_set(qq_findings const *to, qq_settings const *all)
{
  if (!existing(all, "me") && qq_finding_say(to, QQ_SEVERITY_ERROR, "me", 0, _("is missing: this host has no name, and most programs refuse to work")) < 0) return -1;
  if (check_relay(to, all) < 0) return -1;
  return check_local_and_virtual(to, all);
}
