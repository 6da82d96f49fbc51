#include <fcntl.h>
#include <sys/stat.h>
#include <qq/names.h>
#include <qq/text.h>

int qq_channel_name(stralloc *name, unsigned int channel)
{
  name->len = 0;
  if (channel < 2) return qq_say(name, "%s", channel ? QQ_NAME_REMOTE : QQ_NAME_LOCAL);
  return qq_say(name, QQ_NAME_SUPPLEMENTAL "%u", channel - 2);
}

unsigned int qq_channels(int queue_fd)
{
  unsigned int n = 2;
  stralloc name = STRALLOC_ZERO;
  struct stat st;
  for (; qq_channel_name(&name, n); n++)
    if (fstatat(queue_fd, name.s, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(st.st_mode)) break;
  stralloc_free(&name);
  return n;
}
