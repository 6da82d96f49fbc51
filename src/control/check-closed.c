/* Whether the SMTP server takes mail from anybody to anywhere. */

#include <skalibs/bytestr.h>
#include <qq/home.h>
#include "check-private.h"

/* .com and the like: a pattern of one label has all of a top-level domain (rcpthosts.c). */
static int check_patterns(qq_findings const *to, qq_setting const *s)
{
  qq_entries e;
  int r = 1;
  qq_entries_begin(&e, s->content.s, s->content.len);
  while (r > 0 && qq_entries_next(&e)) {
    char const *entry = e.entry.s;
    size_t const n = e.entry.n;
    if (n > 1 && *entry == '.' && byte_chr(entry + 1, n - 1, '.') == n - 1)
      r = qq_finding_say(to, QQ_SEVERITY_ERROR, s->name, e.line, _("\"%.*s\" is all of a top-level "
        "domain: an open relay, this server takes mail from anybody to there"), SHOWN(entry, n));
  }
  return r;
}

/* qmail-smtpd looks at what is behind the @, and takes what has none (rcpthosts.c:rcpthosts);
   qmail-send makes user@host of user%host (qmail-send.c:rewrite). */
static int report_hack(qq_findings const *to, size_t line, qq_piece const *domain, int is_taken)
{
  return qq_finding_say(to, QQ_SEVERITY_ERROR, "percenthack", line, is_taken
    ? _("\"%.*s\" is in rcpthosts too: an open relay, mail to user%%host@%.*s goes to user@host")
    : _("\"%.*s\" is envnoathost: an open relay, mail to user%%host goes to user%%host@%.*s, and "
      "so to user@host"), SHOWN(domain->s, domain->n), SHOWN(domain->s, domain->n));
}

static int check_hack(qq_findings const *to, qq_settings const *all, genalloc const *taken)
{
  stralloc const *hack = &qq_settings_get(all, "percenthack")->content;
  stralloc without = STRALLOC_ZERO;
  qq_entries e;
  int r = qq_value_get(&without, qq_control_find("envnoathost"), all) < 0 ? -1 : 1;
  qq_entries_begin(&e, hack->s, hack->len);
  while (r > 0 && qq_entries_next(&e)) {
    qq_piece const host = qq_piece_of(&without);
    int const is_taken = qq_names_have(taken, e.entry.s, e.entry.n);
    if (e.entry.n && (is_taken || !qq_piece_compare_case(&e.entry, &host)))
      r = report_hack(to, e.line, &e.entry, is_taken);
  }
  stralloc_free(&without);
  return r;
}

int qq_check_closed(qq_findings const *to, qq_settings const *all)
{
  qq_setting const *hosts = qq_settings_get(all, "rcpthosts");
  qq_setting const *more = qq_settings_get(all, "morercpthosts");
  stralloc values[2] = { STRALLOC_ZERO, STRALLOC_ZERO };
  genalloc taken = GENALLOC_ZERO;       /* of qq_piece */
  int r;
  if (!hosts->exists)
    return qq_finding_say(to, QQ_SEVERITY_ERROR, "rcpthosts", 0, _("is missing: an open relay, "
      "this server takes mail from anybody to anywhere; an empty one takes none"));
  r = check_patterns(to, hosts);
  if (r > 0) r = check_patterns(to, more);
  if (r > 0) r = qq_names_collect(&taken, &values[0], all, "rcpthosts");
  if (r > 0) r = qq_names_collect(&taken, &values[1], all, "morercpthosts");
  if (r > 0) r = check_hack(to, all, &taken);
  genalloc_free(qq_piece, &taken);
  stralloc_free(&values[0]);
  stralloc_free(&values[1]);
  return r;
}
