#include <errno.h>
#include <string.h>
#include <qq/diagnostic.h>
#include <qq/output.h>
#include <qq/server.h>
#include <qq/text.h>
#include "qdom.h"

static void tell(char const *s)
{
  qq_output(s, strlen(s));
}

int qq_dom_reread(qq_dom_place const *p)
{
  stralloc why = STRALLOC_ZERO;
  int r = qq_server_request(p->site.home.s, QQ_ORDER_REREAD, &why);
  if (r < 0 && errno == ENOENT) r = 2;  /* there is no queue here */
  if (r < 0) qq_warn(_("qmail-send was not told to reread virtualdomains: %.*s"), (int)why.len, why.s);
  if (r < 0 || r == 2) tell(_("HUP qmail-send: virtualdomains\n"));
  else if (r) tell(_("qmail-send rereads virtualdomains\n"));
  else tell(_("qmail-send is stopped: it reads virtualdomains when it starts\n"));
  stralloc_free(&why);
  return r >= 0;
}
