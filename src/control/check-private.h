/* What the checks of one file share. */

#ifndef QQ_CHECK_PRIVATE_H
#define QQ_CHECK_PRIVATE_H

#include <qq/settings.h>

/* What qmail's programs may have been built with. */
typedef enum {
  QQ_SIGN_SMTPROUTES_SQMAIL,    /* s/qmail: another form of smtproutes */
  QQ_SIGN_SMTPROUTES_LOGIN,     /* qmail-remote can log in */
  QQ_SIGN_SMTPROUTES_IP6,       /* and reach IPv6 addresses */
  QQ_SIGN_BADMAILFROM_PATTERNS, /* qmail-smtpd has expressions there */
  QQ_SIGN_BADMAILFROM_SQMAIL    /* s/qmail: forms of its own */
} qq_sign;

/* The file that is checked. */
typedef struct qq_checked {
  qq_findings const *to;
  qq_control const *control;
  char const *name, *s;
  size_t n;
  int home;                     /* of qmail; -1: its programs are not asked */
  char const *home_path;
  unsigned int *asked, *found;  /* bits of qq_sign: what was asked, and what was found */
} qq_checked;

/* Says whether that sign is there; what cannot be seen is not. */
int qq_check_sign(qq_checked const *, qq_sign);

/* Report what is amiss in that line of a file; 0: with all of it. Like qq_finding_say. */
#define REPORT(f, severity, line, ...) \
  qq_finding_say((f)->to, QQ_SEVERITY_##severity, (f)->name, line, __VA_ARGS__)
#define ERROR(f, line, ...) REPORT(f, ERROR, line, __VA_ARGS__)
#define WARN(f, line, ...) REPORT(f, WARNING, line, __VA_ARGS__)
#define HINT(f, line, ...) REPORT(f, HINT, line, __VA_ARGS__)

/* For %.*s: as much of it as a person wants to read. */
#define SHOWN(s, n) (int)((n) < 80 ? (n) : 80), (s)

/* Each of these checks part of a file, and returns 1, or -1 with errno ENOMEM. */

/* A list or a map: its entries one by one, and whether two are the same. */
int qq_check_entries(qq_checked const *);

/* What one entry means, where that is known: a domain, DOMAIN:PREFIX, DOMAIN:RELAY, a sender. */
int qq_check_meaning(qq_checked const *, size_t line, char const *s, size_t n);

/* What stands behind the colon in smtproutes. */
int qq_check_relay(qq_checked const *, size_t line, char const *s, size_t n);

/* Domains of several files together (qq_check_set, qq_check_domains). */

/* Appends the entries of the value in force of a list, or the keys of a map, to names (of qq_piece,
   in value, which gets the text), sorted. */
int qq_names_collect(genalloc *names, stralloc *value, qq_settings const *, char const *name);

/* Says whether the domain is among them, or a pattern that has it, as `.example' has
   `a.example'. */
int qq_names_have(genalloc const *names, char const *s, size_t n);

#endif
