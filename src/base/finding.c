#include <stdarg.h>
#include <qq/finding.h>
#include <qq/text.h>

char const *qq_severity_word(qq_severity severity)
{
  static char const *const words[] = { "error", "warning", "hint" };
  return words[severity];
}

int qq_finding_say(qq_findings const *f, qq_severity severity, char const *name, size_t line,
  char const *format, ...)
{
  qq_finding finding = { severity, name, line, STRALLOC_ZERO };
  va_list args;
  int good;
  va_start(args, format);
  good = qq_vfmt(&finding.text, format, args);
  va_end(args);
  if (good) f->report(f->to, &finding);
  stralloc_free(&finding.text);
  return good ? 1 : -1;
}
