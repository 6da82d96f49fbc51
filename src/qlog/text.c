#include <string.h>
#include <qq/diagnostic.h>
#include <qq/message.h>
#include <qq/names.h>
#include "qlog.h"

qq_piece qlog_text(qq_served const *r)
{
  qq_piece const text = { r->reason ? r->reason : "", r->reason_length };
  return text;
}

qq_piece qlog_host(qq_served const *r)
{
  qq_piece const none = { "", 0 }, host = qq_reply_host(qlog_text(r));
  if (host.n) return host;
  return r->channel ? qq_address_domain(r->address, r->address_length) : none;
}

void qlog_channel(stralloc *out, qq_served const *r)
{
  static char const *const names[] = { QQ_NAME_LOCAL, QQ_NAME_REMOTE };
  if (r->channel < 2) qq_demand_memory(stralloc_cats(out, names[r->channel]));
  else qq_must_fmt(out, QQ_NAME_SUPPLEMENTAL "%u", r->channel - 2u);
}
