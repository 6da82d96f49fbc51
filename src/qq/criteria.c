#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include <qq/diagnostic.h>
#include <qq/when.h>
#include "criteria.h"

qq_criteria qq_criteria_given;

/* A pattern as it was given; what kind it is, later options may say. */
typedef struct qq_pattern_option {
  int option;
  char const *value;
  int fd;                       /* of a list, opened before root is given up; else -1 */
} qq_pattern_option;

static void append(genalloc *g, void const *p, size_t n)
{
  if (!stralloc_catb(g, p, n)) qq_die_memory();
}

static void keep_pattern(qq_criteria *c, int option, char const *value, int is_file)
{
  qq_pattern_option o;
  o.option = option;
  o.value = value;
  o.fd = -1;
  if (is_file) {
    o.fd = open(value, O_RDONLY | O_CLOEXEC);
    if (o.fd < 0) {
      int const e = errno;
      qq_die(qq_exit_code_of(e), _("unable to open %s: %s"), value, strerror(e));
    }
  }
  append(&c->patterns, &o, sizeof o);
}

/* Of two values of the same criterion the wider one counts: one of them is enough. */
static void widen_down(uint64_t *limit, int *has, uint64_t v)
{
  if (!*has || v < *limit) *limit = v;
  *has = 1;
}

static void widen_up(uint64_t *limit, int *has, uint64_t v)
{
  if (!*has || v > *limit) *limit = v;
  *has = 1;
}

/* The address in the canonical form that received lines are read into. */
static void take_ip(qq_criteria *c, qq_option const *o, char const *value)
{
  unsigned char binary[16];
  char text[INET6_ADDRSTRLEN];
  char *copy;
  int family = AF_INET;
  if (inet_pton(AF_INET, value, binary) != 1) {
    family = AF_INET6;
    if (inet_pton(AF_INET6, value, binary) != 1)
      qq_bad_value(o->name, value, _("an IPv4 or IPv6 address"));
    if (IN6_IS_ADDR_V4MAPPED((struct in6_addr *)(void *)binary)) {
      memmove(binary, binary + 12, 4);
      family = AF_INET;
    }
  }
  if (!inet_ntop(family, binary, text, sizeof text) || !(copy = strdup(text))) qq_die_memory();
  append(&c->select.ips, &copy, sizeof copy);
}

static int take_measure(qq_criteria *c, qq_option const *o, char const *value)
{
  int *has = c->has;
  qq_select *s = &c->select;
  uint64_t const now = qq_now();
  uint64_t v;
  switch (o->value) {
    case QQ_CRITERION_AFTER: widen_down(&s->after, &has[0], qq_when_value(o, value)); return 1;
    case QQ_CRITERION_BEFORE:
      v = qq_when_value(o, value);
      widen_up(&s->before, &has[1], v ? v : 1);
      return 1;
    case QQ_CRITERION_OLDER:
      v = qq_age_value(o, value);
      widen_up(&s->older, &has[2], v < now ? now - v : 1);
      return 1;
    case QQ_CRITERION_NEWER:
      v = qq_age_value(o, value);
      widen_down(&s->newer, &has[3], v < now ? now - v : 0);
      return 1;
    case QQ_CRITERION_MIN_SIZE: widen_down(&s->min_size, &has[4], qq_size_value(o, value)); return 1;
    case QQ_CRITERION_MAX_SIZE: widen_up(&s->max_size, &s->has_max_size, qq_size_value(o, value)); return 1;
    case QQ_CRITERION_MIN_RECIPIENTS: widen_down(&s->min_recipients, &has[5], qq_number_value(o, value)); return 1;
    case QQ_CRITERION_UID:
      v = qq_number_value(o, value);
      append(&s->uids, &v, sizeof v);
      return 1;
    case QQ_CRITERION_IP: take_ip(c, o, value); return 1;
    case QQ_CRITERION_CHANNEL: append(&c->channels, &value, sizeof value); return 1;
    default: return 0;
  }
}

void qq_criteria_take(qq_option const *o, char const *value)
{
  qq_criteria *c = &qq_criteria_given;
  if (!take_measure(c, o, value)) keep_pattern(c, o->value, value, !strcmp(o->argument, "FILE"));
}

static qq_pattern_kind kind_of(qq_criteria const *c)
{
  if (c->glob && c->regex) qq_die_usage("%s", _("options -g and -E exclude each other"));
  if (c->glob) return QQ_PATTERN_GLOB;
  if (c->regex) return c->whole ? QQ_PATTERN_REGEX_WHOLE : QQ_PATTERN_REGEX;
  return c->whole ? QQ_PATTERN_WHOLE : QQ_PATTERN_SUBSTRING;
}

static void give_up(int e, char const *option, stralloc const *why)
{
  if (e == ENOMEM) qq_die_memory();
  if (option) qq_die_usage(_("option %s: %.*s"), option, (int)why->len, why->s);
  qq_die(qq_exit_code_of(e), "%.*s", (int)why->len, why->s);
}

/* The patterns of the header field that begins NAME:PAT. */
static qq_patterns *header_patterns(qq_criteria *c, char const *value, size_t n)
{
  qq_select_header *h = genalloc_s(qq_select_header, &c->select.headers), made;
  size_t i;
  if (!n) qq_bad_value("header", value, _("NAME:PAT"));
  for (i = 0; i < genalloc_len(qq_select_header, &c->select.headers); i++)
    if (strlen(h[i].name) == n && !strncasecmp(h[i].name, value, n)) return &h[i].patterns;
  memset(&made, 0, sizeof made);
  made.name = malloc(n + 1);
  if (!made.name) qq_die_memory();
  memcpy(made.name, value, n);
  made.name[n] = 0;
  append(&c->select.headers, &made, sizeof made);
  return &genalloc_s(qq_select_header, &c->select.headers)[i].patterns;
}

static void add_pattern(qq_criteria *c, qq_pattern_option const *o)
{
  char const *value = o->value, *option = "--from";
  qq_patterns *p = &c->select.from;
  stralloc why = STRALLOC_ZERO;
  switch (o->option) {
    case QQ_CRITERION_TO: case QQ_CRITERION_TO_LIST: p = &c->select.to; option = "--to"; break;
    case QQ_CRITERION_DONE_TO: p = &c->select.done_to; option = "--done-to"; break;
    case QQ_CRITERION_SUBJECT: case QQ_CRITERION_SUBJECT_LIST: p = &c->select.subject; option = "--subject"; break;
    case QQ_CRITERION_BODY: p = &c->select.body; option = "--body"; break;
    case QQ_CRITERION_HEADER:
      if (!strchr(value, ':')) qq_bad_value("header", value, _("NAME:PAT"));
      p = header_patterns(c, value, strcspn(value, ":"));
      option = "--header";
      value = strchr(value, ':') + 1;
      break;
    default: break;
  }
  p->kind = kind_of(c);
  p->exact = c->exact;
  if (o->fd < 0) {
    if (qq_patterns_add(p, value, strlen(value), &why) < 0) give_up(errno, option, &why);
  }
  else if (qq_patterns_add_lines(p, o->fd, value, &why) < 0) give_up(errno, 0, &why);
  if (o->fd >= 0) close(o->fd);
  stralloc_free(&why);
}

void qq_criteria_ready(qq_queue const *q)
{
  qq_criteria *c = &qq_criteria_given;
  qq_pattern_option const *o = genalloc_s(qq_pattern_option, &c->patterns);
  char const *const *names = genalloc_s(char const *, &c->channels);
  size_t i;
  for (i = 0; i < genalloc_len(qq_pattern_option, &c->patterns); i++) add_pattern(c, &o[i]);
  for (i = 0; i < genalloc_len(char const *, &c->channels); i++) {
    int const channel = qq_queue_channel(q, names[i]);
    unsigned int const number = (unsigned int)channel;
    if (channel < 0) qq_die(QQ_EXIT_USAGE, _("option --channel: \"%s\" given, expected a channel of the queue %s"), names[i], q->path);
    append(&c->select.channels, &number, sizeof number);
  }
  if (qq_select_ready(&c->select) < 0) qq_die_memory();
}
