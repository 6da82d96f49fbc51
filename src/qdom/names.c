#include <stdlib.h>
#include <string.h>
#include <skalibs/bytestr.h>
#include <qq/diagnostic.h>
#include <qq/settings.h>
#include "qdom.h"

char const *qq_dom_one_operand(char const *expected)
{
  char const *const *o = qq_operands();
  if (!o[0] || o[1]) qq_die_usage("%s", expected);
  return o[0];
}

/* As users/cdb and the directories have names. */
static char *in_small_letters(char const *s, size_t n)
{
  char *copy = strndup(s, n);
  qq_demand_memory(copy != 0);
  case_lowerb(copy, strlen(copy));
  return copy;
}

char *qq_dom_domain_operand(void)
{
  char const *operand = qq_dom_one_operand(_("expected DOMAIN"));
  char *domain = in_small_letters(operand, strlen(operand));
  if (strchr(domain, '/') || *domain == '.' || !*domain)
    qq_die_usage(_("operand \"%s\": expected a domain"), domain);
  return domain;
}

int qq_dom_is_assignable(char const *s)
{
  for (; *s; s++) if (*s == ':' || (unsigned char)*s < ' ' || *s == 127) return 0;
  return 1;
}

/* What is a name of a directory, of a line in users/assign, and of a file .qmail-...: no slash,
   colon, control character; no dot in front. */
static int is_good_user(char const *s)
{
  size_t i;
  if (!*s || *s == '.' || *s == '@') return 0;
  for (i = 0; s[i]; i++)
    if (s[i] == '/' || s[i] == ':' || (unsigned char)s[i] <= ' ' || (unsigned char)s[i] >= 127)
      return 0;
  return i < 200;
}

void qq_dom_box_split(qq_dom_box *box, char const *operand)
{
  char const *at = strrchr(operand, '@');
  if (!at || !qq_check_is_name(at + 1, strlen(at + 1)))
    qq_die_usage(_("operand \"%s\": expected USER@DOMAIN"), operand);
  memset(box, 0, sizeof *box);
  box->operand = operand;
  box->user = in_small_letters(operand, (size_t)(at - operand));
  box->domain = in_small_letters(at + 1, strlen(at + 1));
  if (!is_good_user(box->user))
    qq_die_usage(_("operand \"%s\": its user part cannot be the name of a directory"), operand);
}

void qq_dom_box_split_new(qq_dom_box *box, char const *operand)
{
  char const *at = *operand == '*' ? operand + 1 : operand;
  if (*at == '@')
    qq_die_usage(_("operand \"%s\": mail for all the rest of a domain goes by .qmail-default: "
      "qdom-add --catch-all changes that"), operand);
  qq_dom_box_split(box, operand);
}

void qq_dom_box_find(qq_dom_place *p, qq_dom_box *box)
{
  qq_domain d;
  qq_dom_find(p, box->domain, &d);
  qq_must_fmt(&box->home, "%s/%s/%s", p->mailnames.s, box->domain, box->user);
  qq_must_fmt(&box->address, "=%.*s-%s", (int)d.prefix.n, d.prefix.s, box->user);
}

void qq_dom_box_find_to_add(qq_dom_place *p, qq_dom_box *box)
{
  qq_domain d;
  qq_dom_box_find(p, box);
  qq_dom_find(p, box->domain, &d);
  qq_dom_adopt_account(p, &d);
}

void qq_dom_find(qq_dom_place *p, char const *name, qq_domain *d)
{
  if (!qq_domains_find(&p->site.live, name, strlen(name), d))
    qq_die(QQ_EXIT_USAGE, _("control/virtualdomains has no domain \"%s\""), name);
  qq_dom_adopt_mailnames(p, d);
}

/* Finds the domain's own line, if the last part of its home is the domain. Returns the length of
   what is before that, or 0: there is none. */
static size_t find_line(qq_dom_place const *p, qq_domain const *d, qq_assignment *one)
{
  stralloc address = STRALLOC_ZERO;
  qq_piece const *home = &one->fields[QQ_ASSIGN_HOME];
  size_t n = 0;
  qq_must_fmt(&address, "+%.*s", (int)d->prefix.n, d->prefix.s);
  if (qq_dom_find_assignment(p, qq_dom_has_address, address.s, one)
    && home->n > d->name.n + 1) {
    n = home->n - d->name.n - 1;
    if (home->s[n] != '/' || case_diffb(home->s + n + 1, d->name.n, d->name.s)) n = 0;
  }
  stralloc_free(&address);
  return n;
}

void qq_dom_adopt_mailnames(qq_dom_place *p, qq_domain const *d)
{
  qq_assignment one;
  size_t const n = p->said_mailnames ? 0 : find_line(p, d, &one);
  if (n)
    qq_demand_memory(qq_copy(&p->mailnames, one.fields[QQ_ASSIGN_HOME].s, n)
      && stralloc_0(&p->mailnames));
}

void qq_dom_adopt_account(qq_dom_place *p, qq_domain const *d)
{
  qq_assignment one;
  qq_piece const *user = &one.fields[QQ_ASSIGN_USER];
  uid_t uid;
  if (p->user) return;
  uid = find_line(p, d, &one) ? qq_assign_id(&one.fields[QQ_ASSIGN_UID]) : 0;
  if (!uid) {
    qq_dom_find_account(p);
    return;
  }
  p->user = strndup(user->s, user->n);
  qq_demand_memory(p->user != 0);
  p->account.uid = uid;
  p->account.gid = qq_assign_id(&one.fields[QQ_ASSIGN_GID]);
}

void qq_dom_take_forward(qq_option const *o, char const *address)
{
  char const *at = strrchr(address, '@');
  if (!at || at == address || strpbrk(address, " \t\n")
    || !qq_check_is_name(at + 1, strlen(at + 1)))
    qq_die_usage(_("option --%s: \"%s\" given, expected an address"), o->name, address);
  qq_must_fmt(o->to.object, "&%s\n", address);
}
