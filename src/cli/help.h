/* The text of --help and --version (private to cli). Its form is what package/completions reads. */

#ifndef QQ_HELP_H
#define QQ_HELP_H

#include <qq/options.h>

void qq_help(qq_program const *);
void qq_help_version(qq_program const *, char const *version);

#endif
