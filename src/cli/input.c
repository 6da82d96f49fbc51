#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <qq/diagnostic.h>
#include <qq/id.h>
#include <qq/options.h>

/* From the operands, or if they are null, from standard input. */
static void read_ids(genalloc *ids, char const *const *operands)
{
  stralloc why = STRALLOC_ZERO;
  int r;
  if (!operands && isatty(0))
    qq_note(_("%s: reading ids from the terminal, one a line, until end of file"),
      qq_program_in_charge()->name);
  r = operands ? qq_ids_operands(ids, operands, &why) : qq_ids_read(ids, 0, &why);
  if (r == 1) return;
  qq_demand_memory(why.len > 0);
  qq_die(errno == EINVAL ? QQ_EXIT_USAGE : QQ_EXIT_TROUBLE, "%.*s", (int)why.len, why.s);
}

int qq_restriction(genalloc *ids)
{
  char const *const *operands = qq_operands();
  if (!*operands) return 0;
  if (strcmp(*operands, "-")) read_ids(ids, operands);
  else if (operands[1])
    qq_die_usage(_("operand \"%s\" given behind -, expected none"), operands[1]);
  else read_ids(ids, 0);
  qq_ids_sort(ids);
  return 1;
}

void qq_named(genalloc *ids)
{
  char const *const *operands = qq_operands();
  int const is_stream = !*operands || (!strcmp(*operands, "-") && !operands[1]);
  read_ids(ids, is_stream ? 0 : operands);
}
