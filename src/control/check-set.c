#include <stdlib.h>
#include <string.h>
#include <skalibs/bytestr.h>
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

/* An entry of a file. */
typedef struct piece { char const *s; size_t n; } piece;

static int compare(void const *a, void const *b)
{
  piece const *x = a, *y = b;
  int const r = case_diffb(x->s, x->n < y->n ? x->n : y->n, y->s);
  return r ? r : x->n < y->n ? -1 : x->n > y->n;
}

static int sort_entries(genalloc *pieces, qq_setting const *s)
{
  qq_entries e;
  qq_entries_begin(&e, s->content.s, s->content.len);
  while (qq_entries_next(&e)) {
    piece p;
    p.s = s->content.s + e.start;
    p.n = e.length;
    if (!genalloc_append(piece, pieces, &p)) return -1;
  }
  if (genalloc_len(piece, pieces)) qsort(genalloc_s(piece, pieces), genalloc_len(piece, pieces), sizeof(piece), compare);
  return 1;
}

static int has_entry(genalloc const *pieces, char const *s, size_t n)
{
  piece p;
  p.s = s;
  p.n = n;
  return genalloc_len(piece, pieces) && bsearch(&p, genalloc_s(piece, pieces), genalloc_len(piece, pieces), sizeof p, compare);
}

/* qmail-send asks locals first (qmail-send.c:rewrite). */
static int check_local_and_virtual(qq_findings const *to, qq_settings const *all)
{
  qq_setting const *locals = existing(all, "locals"), *virtual = existing(all, "virtualdomains");
  genalloc sorted = GENALLOC_ZERO;      /* of piece */
  qq_entries e;
  int r;
  if (!locals || !virtual) return 1;
  r = sort_entries(&sorted, locals);
  qq_entries_begin(&e, virtual->content.s, virtual->content.len);
  while (r > 0 && qq_entries_next(&e)) {
    char const *s = virtual->content.s + e.start, *colon = e.length ? memchr(s, ':', e.length) : 0;
    size_t const n = colon ? (size_t)(colon - s) : 0;
    if (n && has_entry(&sorted, s, n)) r = qq_finding_say(to, QQ_SEVERITY_WARNING, "virtualdomains", e.line, _("\"%.*s\" is in locals too, which is asked first: the line has no effect"), (int)(n < 80 ? n : 80), s);
  }
  genalloc_free(piece, &sorted);
  return r;
}

int qq_check_set(qq_findings const *to, qq_settings const *all)
{
  if (!existing(all, "me") && qq_finding_say(to, QQ_SEVERITY_ERROR, "me", 0, _("is missing: this host has no name, and most programs refuse to work")) < 0) return -1;
  if (check_relay(to, all) < 0) return -1;
  return check_local_and_virtual(to, all);
}
