#include <pwd.h>
#include <string.h>
#include <qq/queue.h>

int qq_queue_add_smtp_user(qq_queue *q, char const *name)
{
  uint64_t uid;
  if (!qq_number_scan(name, strlen(name), &uid)) {
    struct passwd const *pw = getpwnam(name);
    if (!pw) return 0;
    uid = pw->pw_uid;
  }
  return genalloc_append(uint64_t, &q->smtp_users, &uid) ? 1 : -1;
}
