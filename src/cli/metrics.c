#include <qq/diagnostic.h>
#include <qq/output.h>
#include <qq/when.h>

void qq_metric(stralloc *out, char const *name, char const *type, char const *help)
{
  qq_must_fmt(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

void qq_metric_number(stralloc *out, char const *name, char const *labels, uint64_t n)
{
  qq_must_fmt(out, "%s%s %llu\n", name, labels, (unsigned long long)n);
}

void qq_metric_seconds(stralloc *out, char const *name, char const *labels, uint64_t ns)
{
  qq_must_fmt(out, "%s%s %llu.%09llu\n", name, labels, (unsigned long long)(ns / QQ_SECOND),
    (unsigned long long)(ns % QQ_SECOND));
}
