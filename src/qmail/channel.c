#include <sys/stat.h>
#include <qq/file.h>
#include <qq/names.h>
#include <qq/text.h>

int qq_channel_name(stralloc *name, unsigned int channel)
{
  name->len = 0;
  if (channel < 2) return qq_fmt(name, "%s", channel ? QQ_NAME_REMOTE : QQ_NAME_LOCAL);
  return qq_fmt(name, QQ_NAME_SUPPLEMENTAL "%u", channel - 2);
}

int qq_channels(int queue_fd)
{
  int n = 2, r;
  stralloc name = STRALLOC_ZERO;
  struct stat st;
  for (;; n++) {
    r = qq_channel_name(&name, (unsigned int)n) ? qq_is_there(queue_fd, name.s, &st) : -1;
    if (r != 1 || !S_ISDIR(st.st_mode)) break;
  }
  stralloc_free(&name);
  return r < 0 ? -1 : n;
}
