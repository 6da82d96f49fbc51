#include <string.h>
#include <qq/gettext.h>
#include <qq/output.h>
#include "reread.h"

void qq_dom_reread(void)
{
  char const *s = _("HUP qmail-send: virtualdomains\n");
  qq_output(s, strlen(s));
}
