#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <config.h>
#include <qq/diagnostic.h>
#include <qq/options.h>
#include <qq/output.h>
#include "help.h"

static qq_program const *program;
static struct { int argc; char *const *argv; int in_order; char *letters; struct option *longs; } parser;
static qq_shared shared = { 0, 0, 0, 0, -1 };
qq_shared const *const qq_shared_options = &shared;

qq_program const *qq_program_in_charge(void)
{
  return program;
}

/* A file that is opened must not become standard output by accident; reading and writing there must fail as if it were closed. */
static void occupy_standard_descriptors(void)
{
  int fd;
  for (fd = 0; fd <= 2; fd++)
    if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", fd ? O_RDONLY : O_WRONLY) < 0) _exit(QQ_EXIT_TROUBLE);
}

/* Characters are UTF-8 whatever the environment says: regular expressions and the width of a cell depend on it.
   LC_MESSAGES alone is the user's. */
static void set_locale(void)
{
  setlocale(LC_MESSAGES, "");
  if (!setlocale(LC_CTYPE, "C.UTF-8") && !setlocale(LC_CTYPE, "en_US.UTF-8")) setlocale(LC_CTYPE, "");
}

/* What getopt_long(3) wants, from our table. */
static void make_tables(void)
{
  size_t n = 0, letters = 0, longs = 0;
  qq_option const *o;
  for (o = program->options; o->id; o++) n++;
  parser.letters = malloc(2 * n + 3);
  parser.longs = calloc(n + 1, sizeof *parser.longs);
  if (!parser.letters || !parser.longs) qq_die_memory();
  if (parser.in_order) parser.letters[letters++] = '+';
  parser.letters[letters++] = ':';
  for (o = program->options; o->id; o++) {
    if (o->id == QQ_OPTION_HEADING) continue;
    if (o->id < 256) {
      parser.letters[letters++] = (char)o->id;
      if (o->argument) parser.letters[letters++] = ':';
    }
    if (!o->name) continue;
    parser.longs[longs].name = o->name;
    parser.longs[longs].has_arg = o->argument ? required_argument : no_argument;
    parser.longs[longs++].val = o->id;
  }
  parser.letters[letters] = 0;
}

void qq_start(qq_program const *p, int argc, char *const *argv)
{
  program = p;
  occupy_standard_descriptors();
  set_locale();
  shared.end = qq_output_is_terminal() ? '\n' : 0;
  parser.argc = argc;
  parser.argv = argv;
  opterr = 0;
  make_tables();
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

static void refuse_option(int letter)
{
  char const *given = parser.argv[optind - 1];
  if (letter == ':') qq_die_usage(_("option %s needs a value"), given);
  if (optopt && !strncmp(given, "--", 2) && strchr(given, '=')) qq_die_usage(_("option %s: no value expected"), given);
  if (optopt > 0 && optopt < 256) qq_die_usage(_("unknown option -%c"), optopt);
  qq_die_usage(_("unknown or ambiguous option %s"), given);
}

static int take_shared(int id, char const *value)
{
  uint64_t jobs;
  switch (id) {
    case QQ_OPTION_HELP: qq_help(program); qq_exit(0); return 1;
    case QQ_OPTION_VERSION: qq_help_version(program, QQ_VERSION); qq_exit(0); return 1;
    case QQ_OPTION_QUEUE: shared.queue = value; return 1;
    case QQ_OPTION_HOME: shared.home = value; return 1;
    case QQ_OPTION_NULL: shared.end = 0; return 1;
    case QQ_OPTION_LINES: shared.end = '\n'; return 1;
    case QQ_OPTION_PROGRESS: shared.progress = 1; return 1;
    case QQ_OPTION_NO_PROGRESS: shared.progress = 0; return 1;
    case QQ_OPTION_JOBS:
      jobs = qq_number_value("--jobs", value);
      if (!jobs || jobs > 1024) qq_bad_value("--jobs", value, _("a number from 1 to 1024"));
      shared.jobs = (unsigned int)jobs;
      return 1;
    default: return 0;
  }
}

int qq_next_option(char const **value)
{
  for (;;) {
    int const id = getopt_long(parser.argc, parser.argv, parser.letters, parser.longs, 0);
    if (id == -1) return 0;
    if (id == '?' || id == ':') refuse_option(id);
    *value = optarg;
    if (!take_shared(id, optarg)) return id;
  }
}

char const *const *qq_operands(void)
{
  return (char const *const *)(parser.argv + optind);
}
