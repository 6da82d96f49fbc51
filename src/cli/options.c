#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <skalibs/sig.h>
#include <qq/diagnostic.h>
#include <qq/options.h>
#include <qq/output.h>

static qq_program const *program;
static struct {
  int argc, in_order;
  char *const *argv;
  char *letters;
  struct option *longs;
} parser;
qq_shared qq_shared_written = { 0, 0, 0, 0, -1 };
qq_shared const *const qq_shared_options = &qq_shared_written;

/* What getopt_long(3) returns for the long form: this and the place in the table. */
#define FIRST_LONG 256

qq_program const *qq_program_in_charge(void)
{
  return program;
}

void qq_occupy_descriptors(void)
{
  int fd;
  for (fd = 0; fd <= 2; fd++)
    if (fcntl(fd, F_GETFD) < 0 && errno == EBADF
      && open("/dev/null", fd ? O_RDONLY : O_WRONLY) < 0) _exit(QQ_EXIT_TROUBLE);
}

/* A write beyond RLIMIT_FSIZE is an error like others, and said, once this is there. Not SIG_IGN:
   what is run begins with the signal as it was meant. */
static void on_limit(int s)
{
  (void)s;
}

/* Characters are UTF-8 whatever the environment says: regular expressions and the width of a cell
   depend on it. The language alone is the user's. */
static void set_locale(void)
{
  qq_speak_as_asked();
  if (!setlocale(LC_CTYPE, "C.UTF-8") && !setlocale(LC_CTYPE, "en_US.UTF-8"))
    setlocale(LC_CTYPE, "");
}

/* What getopt_long(3) wants, from our table. */
static void make_tables(void)
{
  size_t n = 0, letters = 0, longs = 0;
  qq_option const *o;
  for (o = program->options; o->help; o++) n++;
  parser.letters = malloc(2 * n + 3);
  parser.longs = calloc(n + 1, sizeof *parser.longs);
  qq_demand_memory(parser.letters && parser.longs);
  if (parser.in_order) parser.letters[letters++] = '+';
  parser.letters[letters++] = ':';
  for (o = program->options; o->help; o++) {
    if (!o->name || o->take == qq_option_of_grep) continue;
    if (o->letter) parser.letters[letters++] = (char)o->letter;
    if (o->letter && o->argument) parser.letters[letters++] = ':';
    if (o->letter && !*o->help) continue;
    parser.longs[longs].name = o->name;
    parser.longs[longs].has_arg = o->argument ? required_argument : no_argument;
    parser.longs[longs++].val = FIRST_LONG + (int)(o - program->options);
  }
  parser.letters[letters] = 0;
}

void qq_start(qq_program const *p, int argc, char *const *argv)
{
  program = p;
  qq_occupy_descriptors();
  sig_catch(SIGXFSZ, on_limit);
  set_locale();
  qq_shared_written.end = qq_output_is_terminal() ? '\n' : 0;
  parser.argc = argc;
  parser.argv = argv;
  opterr = 0;
  make_tables();
  qq_read_options();
}

void qq_start_in_order(qq_program const *p, int argc, char *const *argv)
{
  parser.in_order = 1;
  qq_start(p, argc, argv);
}

char const *qq_take_operand(void)
{
  if (optind >= parser.argc) return 0;
  parser.argc -= optind;
  parser.argv += optind;
  optind = 0;                   /* begin anew behind it, also if that was `--' (getopt(3)) */
  return *parser.argv;
}

/* Ends the program: given is the beginning of several options. */
static void refuse_ambiguous(char const *given, size_t n)
{
  stralloc names = STRALLOC_ZERO;
  struct option const *o;
  for (o = parser.longs; o->name; o++)
    if (!strncmp(o->name, given + 2, n)) qq_must_fmt(&names, names.len ? ", "
      "--%s" : "--%s", o->name);
  if (names.len)
    qq_die_usage(_("option %s is ambiguous: %.*s"), given, (int)names.len, names.s);
}

static void refuse_option(int code)
{
  char const *given = parser.argv[optind - 1];
  size_t const n = strcspn(given, "=") - 2;     /* of a long one, without the dashes and a value */
  if (code == ':') qq_die_usage(_("option %s needs a value"), given);
  if (optopt && !strncmp(given, "--", 2) && strchr(given, '='))
    qq_die_usage(_("option %s: no value is expected"), given);
  if (optopt > 0 && optopt < FIRST_LONG) qq_die_usage(_("unknown option -%c"), optopt);
  refuse_ambiguous(given, n);
  qq_die_unknown(given, n, parser.argv[optind]);
}

void qq_read_options(void)
{
  int code;
  while ((code = getopt_long(parser.argc, parser.argv, parser.letters, parser.longs, 0)) != -1) {
    qq_option const *o = program->options;
    if (code == '?' || code == ':') refuse_option(code);
    if (code >= FIRST_LONG) o += code - FIRST_LONG;
    else while (o->letter != code) o++;
    o->take(o, optarg);
  }
}

char const *const *qq_operands(void)
{
  return (char const *const *)(parser.argv + optind);
}
