#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>
#include <qq/diagnostic.h>
#include <qq/id.h>
#include <qq/options.h>
#include <qq/os.h>
#include <qq/output.h>

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

/* ---- ids that nobody asked for ----

   Who forgets the `-' behind a pipe would have the whole queue where a few messages were meant. So
   whoever begins with the whole queue looks whether standard input has ids; it is not read. */

static int is_watching, takes_ids;

/* What else nobody asked for, and what is said of it; null: nothing. */
static qq_input_looks *is_unasked;
static char const *unasked;
#define UNASKED_BYTES 16384

/* Milliseconds for which a pipe that is open and silent is watched at the end. */
#define PATIENCE 300

static void refuse(char const *said)
{
  is_watching = 0;
  qq_output_spoil();
  qq_die(QQ_EXIT_USAGE, "%s", said);
}

static void refuse_ids(void)
{
  refuse(takes_ids ? _("standard input has ids: give - to look only among them, or </dev/null")
    : _("standard input has ids, and this program takes none: give </dev/null"));
}

static void look(void)
{
  char s[UNASKED_BYTES];
  ssize_t n;
  if (qq_os_is_marked_pipe(0)) refuse_ids();
  n = qq_os_peek(0, s, sizeof s);
  if (n < 0) qq_die_unable("%s", _("unable to look at standard input"));
  if (qq_ids_begin(s, (size_t)n)) refuse_ids();
  if (is_unasked && is_unasked(s, (size_t)n)) refuse(unasked);
}

void qq_input_look(void)
{
  if (is_watching) look();
}

/* Waits for the first byte of a pipe or a socket, if somebody may still write one. */
static void wait_for_writer(void)
{
  struct pollfd p = { 0, POLLIN, 0 };
  struct stat st;
  if (!fstat(0, &st) && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode))) poll(&p, 1, PATIENCE);
}

void qq_input_look_again(void)
{
  if (!is_watching) return;
  qq_input_look();
  wait_for_writer();
  qq_input_look();
}

int qq_restriction(genalloc *ids)
{
  char const *const *operands = qq_operands();
  if (!*operands) {
    is_watching = takes_ids = 1;
    qq_input_look();
    return 0;
  }
  if (strcmp(*operands, "-")) read_ids(ids, operands);
  else if (operands[1])
    qq_die_usage(_("operand \"%s\" given after -, expected none"), operands[1]);
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

void qq_input_refuse_such(qq_input_looks *looks, char const *said)
{
  is_watching = 1;
  is_unasked = looks;
  unasked = said;
}

void qq_input_refuse_ids(int is_read)
{
  struct pollfd p = { 0, POLLIN, 0 };
  is_watching = 1;
  if (is_read && !qq_os_is_marked_pipe(0)) poll(&p, 1, -1);
  qq_input_look();
  is_watching = !is_read;
}
