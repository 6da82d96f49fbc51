/* What is wrong with control files, with qmail's own way of reading in mind. */

#ifndef QQ_CHECK_H
#define QQ_CHECK_H

#include <stddef.h>
#include <qq/finding.h>
#include <qq/settings.h>

/* Checks the file by itself. Returns 1, or -1 with errno ENOMEM. */
int qq_check_file(qq_findings const *, qq_setting const *);

/* Checks the files against each other, and for those that are missing. The same. */
int qq_check_set(qq_findings const *, qq_settings const *);

/* Says whether s can be the name of a host or domain (RFC 1123 section 2.1). */
int qq_check_is_host(char const *s, size_t n);

#endif
