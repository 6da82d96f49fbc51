/* claim - which scripts start the qmail of a home (src/service/claim.c). */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../../src/service/driver.h"
#include "tap.h"

static char home[] = "/tmp/claim.XXXXXX", other[] = "/tmp/claim.XXXXXX", link_to[64];

/* Each % in a text is the home, each @ another one, each & a link to the home. */
static qq_piece filled(char const *text)
{
  static char s[4096];
  size_t n = 0;
  for (; *text; text++) {
    char const *path = *text == '%' ? home : *text == '@' ? other : *text == '&' ? link_to : 0;
    if (path) n += (size_t)sprintf(s + n, "%s", path);
    else s[n++] = *text;
  }
  return (qq_piece){ s, n };
}

static qq_claim claim(char const *text, char const *name, char const *of)
{
  return qq_claim_of(filled(text), name, of);
}

static int counts(char const *text, char const *name, char const *of)
{
  return qq_claim_counts(filled(text), name, of);
}

static void texts(void)
{
  ok(claim("#!/bin/sh\nexec %/rc\n", "x", home) == QQ_CLAIM_TEXT, "rc");
  ok(claim("exec %/bin/qmail-start ./Mailbox splogger", "x", home) == QQ_CLAIM_TEXT, "qmail-start");
  ok(claim("PATH=\"%/bin:$PATH\"\nexec env - \"%/bin/qmail-start\"", "x", home) == QQ_CLAIM_TEXT,
      "in quotes");
  ok(claim("%/rc", "x", home) == QQ_CLAIM_TEXT, "nothing but a path");
  ok(claim("exec &/rc", "x", home) == QQ_CLAIM_TEXT, "through a link");
  ok(claim("exec %/../../%/rc\n", "x", home) == QQ_CLAIM_TEXT, "by a longer way");
  ok(claim("exec @/rc || exec %/rc", "x", home) == QQ_CLAIM_TEXT, "beside another");
  ok(claim("{ path=%/rc ; argv[]=%/rc ; ignore_errors=no }", "x", home) == QQ_CLAIM_TEXT,
      "as systemctl has it");
}

static void others(void)
{
  ok(claim("exec @/rc", "qmail-send", home) == QQ_CLAIM_NONE, "another home, in spite of the name");
  ok(claim("exec @/bin/qmail-start", "qmail", home) == QQ_CLAIM_NONE, "another home's qmail-start");
  ok(claim("exec %/rc.d/qmail", "x", home) == QQ_CLAIM_NONE, "a longer name is not rc");
  ok(claim("exec %/bin/qmail-start-old", "x", home) == QQ_CLAIM_NONE, "nor qmail-start");
  ok(claim("exec %2/rc", "send", home) == QQ_CLAIM_NONE, "a longer home is another");
  ok(claim("exec /no/such/home/rc", "send", home) == QQ_CLAIM_NONE,
      "one that is not there is another");
  ok(claim("exec %/bin/qmail-smtpd", "smtpd", home) == QQ_CLAIM_NONE,
      "another program of this home");
  ok(claim("", "", home) == QQ_CLAIM_NONE, "nothing");
}

static void names(void)
{
  ok(claim("exec /usr/local/sbin/start", "qmail-send", home) == QQ_CLAIM_NAME, "qmail-send");
  ok(claim("exec ./rc", "send", home) == QQ_CLAIM_NAME, "send, and a path that is not whole");
  ok(claim("", "qmail", home) == QQ_CLAIM_NAME, "qmail, and no text");
  ok(claim("exec qmail-start ./Maildir/", "qmail-deliver", home) == QQ_CLAIM_NAME, "qmail-deliver");
  ok(claim("exec qmail-smtpd", "qmail-smtpd", home) == QQ_CLAIM_NONE, "qmail-smtpd");
  ok(claim("exec /usr/local/sbin/start", "qmail2", home) == QQ_CLAIM_NONE, "qmail2");
  ok(claim("exec /usr/local/sbin/start", "send", "") == QQ_CLAIM_NAME, "no home, and no other");
  ok(claim("exec %/rc", "send", "") == QQ_CLAIM_NONE, "no home, and one is named");
}

/* What a supervisor has to say to be obeyed. */
static void counting(void)
{
  ok(counts("exec %/rc", "x", home), "rc counts");
  ok(counts("PATH=/usr/bin exec qmail-start ./Maildir/", "x", home), "qmail-start without a path");
  ok(counts("exec $QMAIL/bin/qmail-start", "x", home), "behind a variable");
  ok(counts("exec \"${QMAIL}/bin/qmail-start\" .", "x", home), "in quotes and braces");
  ok(counts("exec /usr/sbin/qmail-start", "x", home), "where no home is");
  ok(!counts("exec @/bin/qmail-start; qmail-start", "qmail", home), "not another home's");
  ok(!counts("exec cron -f # %/queue", "cron", home), "nor a path in this home");
  ok(!counts("exec panel --of %/bin/qmail-queue", "panel", home), "nor another program of it");
  ok(counts("exec %/bin/start-it", "send", home), "by a usual name, such a program counts");
  ok(!counts("exec /usr/local/sbin/panel", "qmail", home), "a usual name alone does not");
  ok(!counts("exec qmail-starter", "x", home), "nor a longer name");
  ok(!counts("exec my-qmail-start", "x", home), "at either end");
  ok(counts("exec @/rc", "x", ""), "where the home is not known, any does");
  ok(!counts("exec cron -f", "send", ""), "if there is one");
}

int main(void)
{
  if (!mkdtemp(home) || !mkdtemp(other)) return 99;
  snprintf(link_to, sizeof link_to, "%s.link", home);
  if (symlink(home, link_to) < 0) return 99;
  texts();
  others();
  names();
  counting();
  unlink(link_to);
  rmdir(home);
  rmdir(other);
  return done();
}
