#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <qq/os.h>
#include <qq/text.h>

int qq_vfmt(stralloc *sa, char const *format, va_list args)
{
  va_list again;
  int n;
  va_copy(again, args);
  n = vsnprintf(0, 0, format, again);
  va_end(again);
  if (n < 0) {
    errno = ENOMEM;
    return 0;
  }
  if (!stralloc_readyplus(sa, (size_t)n + 1)) return 0;
  vsnprintf(sa->s + sa->len, (size_t)n + 1, format, args);
  sa->len += (size_t)n;
  return 1;
}

int qq_fmt(stralloc *sa, char const *format, ...)
{
  va_list args;
  int r;
  va_start(args, format);
  r = qq_vfmt(sa, format, args);
  va_end(args);
  return r;
}

int qq_vunable(stralloc *sa, char const *format, va_list args)
{
  int const e = errno;
  if (qq_vfmt(sa, format, args) && qq_fmt(sa, ": "))
    qq_fmt(sa, (e == EACCES || e == EPERM) && !qq_os_is_of_root() ? _("%s (run it as root)")
      : "%s", strerror(e));
  errno = e;
  return -1;
}

int qq_unable(stralloc *sa, char const *format, ...)
{
  va_list args;
  va_start(args, format);
  qq_vunable(sa, format, args);
  va_end(args);
  return -1;
}

int qq_unable_with(stralloc *sa, char const *text, char const *name)
{
  char const *at = strstr(text, "%s");
  size_t const n = at ? (size_t)(at - text) : strlen(text);
  return qq_unable(sa, "%.*s%s%s", (int)n, text, at ? name : "", at ? at + 2 : "");
}

int qq_refuse(stralloc *why, int e, char const *format, ...)
{
  va_list args;
  va_start(args, format);
  qq_vfmt(why, format, args);
  va_end(args);
  errno = e;
  return -1;
}
