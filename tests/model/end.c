/* end.c - a message is done: its bounce, and its files unlinked. */

#include "model.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int send_bounce(uint64_t id, char const *sender, int64_t began)
{
  char const *to = *sender ? sender : "postmaster@local.example", *from = *sender ? "" : "#@[]";
  int failures = open_file(path("bounce", id), O_RDONLY, 0),
      mess = open_file(path("mess", id), O_RDONLY, 0);
  int ok = failures >= 0 && mess >= 0 && (!set.bounces || send_letter(from, to, failures, mess));
  if (failures >= 0) close(failures);
  if (mess >= 0) close(mess);
  if (!ok) return trouble("warning: trouble injecting the bounce of %" PRIu64, id), 0;
  say("bounce msg %" PRIu64 " qp %ld", id, (long)getpid());
  say_at(began, "bounced msg %" PRIu64 " stamp %" PRIu64 " from <%s> to <%s>", id, stamp(id),
      shown(sender), shown(to));
  return 1;
}

static int settle_bounce(uint64_t id)
{
  text sender = { 0, 0, 0 };
  int64_t birth, began = clock_now();
  int ok = read_info(id, &sender, &birth), r = ok ? is_there(path("bounce", id)) : 0;
  if (r < 0) trouble("warning: unable to stat %s", path("bounce", id));
  if (r > 0) {
    linger();
    if (!strcmp(sender.s + 1, "#@[]")) say("triple bounce: discarding %s", path("bounce", id));
    else ok = send_bounce(id, sender.s + 1, began);
    if (ok && discard(path("bounce", id)) < 0) {
      trouble("warning: unable to unlink %s", path("bounce", id));
      ok = 0;
    }
  }
  free(sender.s);
  return ok && r >= 0;
}

int end_message(uint64_t id)
{
  int r = 0;
  for (unsigned c = 0; !r && c < channels; c++) r = is_there(path(channel[c], id));
  if (!r) r = is_there(path("todo", id));
  if (r > 0) return 1;
  if (!r && !(r = is_there(path("info", id)))) return 1;
  if (r < 0) return trouble("warning: unable to stat the files of message %" PRIu64, id), 0;
  if (!settle_bounce(id)) return 0;
  say("end msg %" PRIu64, id);
  say("end msg %" PRIu64 " stamp %" PRIu64, id, stamp(id));
  linger();
  if (discard(path("info", id)) < 0)
    return trouble("warning: unable to unlink %s", path("info", id)), 0;
  linger();
  clean(id, "mess");
  return 1;
}
