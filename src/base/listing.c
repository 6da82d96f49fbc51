#include <errno.h>
#include <string.h>
#include <qq/listing.h>

int qq_listing_next(DIR *d, char const **name)
{
  do {
    struct dirent const *e;
    errno = 0;
    e = readdir(d);
    if (!e) return errno ? -1 : 0;
    *name = e->d_name;
  } while (!strcmp(*name, ".") || !strcmp(*name, ".."));
  return 1;
}
