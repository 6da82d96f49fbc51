#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <qq/diagnostic.h>
#include <qq/id.h>
#include <qq/options.h>

static void check(int r, stralloc const *why)
{
  int const e = errno;
  if (r == 1) return;
  if (!why->len) qq_die_memory();
  qq_die(e == EINVAL ? QQ_EXIT_USAGE : QQ_EXIT_TROUBLE, "%.*s", (int)why->len, why->s);
}

static void from_standard_input(genalloc *ids)
{
  stralloc why = STRALLOC_ZERO;
  if (isatty(0))
    qq_note(_("%s: reading ids from the terminal, one a line, until end of file"),
      qq_program_in_charge()->name);
  check(qq_ids_read(ids, 0, &why), &why);
}

static void from_operands(genalloc *ids)
{
  stralloc why = STRALLOC_ZERO;
  check(qq_ids_operands(ids, qq_operands(), &why), &why);
}

int qq_restriction(genalloc *ids)
{
  char const *const *operands = qq_operands();
  if (!*operands) return 0;
  if (strcmp(*operands, "-")) from_operands(ids);
  else if (operands[1])
    qq_die_usage(_("operand \"%s\" given behind -, expected none"), operands[1]);
  else from_standard_input(ids);
  qq_ids_sort(ids);
  return 1;
}

void qq_named(genalloc *ids)
{
  char const *const *operands = qq_operands();
  if (!*operands || (!strcmp(*operands, "-") && !operands[1])) from_standard_input(ids);
  else from_operands(ids);
}
