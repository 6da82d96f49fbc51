/* mklog MB [syslog] - writes a log of qmail-send of so many megabytes, as multilog or syslog with
   splogger has it: messages to one or several recipients, two of ten deferred once, numbers given
   again, 200 messages open at a time.

   mklog floor FILE - reads it and counts its lines: what qlog-* are measured against. */

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OPEN 200
#define BUFFER 262144

static uint64_t state = 88172645463325252u, second = 1794000000, nanosecond, written;
static unsigned long delivery;
static int is_syslog;

static unsigned long draw(unsigned long n)
{
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (unsigned long)(state % n);
}

static void stamp(void)
{
  nanosecond += draw(2000000);
  if (nanosecond >= 1000000000) {
    nanosecond -= 1000000000;
    second++;
  }
  if (is_syslog) {
    unsigned int const day = (unsigned int)(second / 86400 % 28) + 1;
    written += (uint64_t)printf("Nov %2u %02u:%02u:%02u mx1 qmail: %llu.%06lu ", day,
      (unsigned int)(second / 3600 % 24), (unsigned int)(second / 60 % 60),
      (unsigned int)(second % 60), (unsigned long long)second, (unsigned long)nanosecond / 1000);
  }
  else written += (uint64_t)printf("@%016llx%08lx ",
    (unsigned long long)(second + UINT64_C(0x400000000000000a)), (unsigned long)nanosecond);
}

typedef struct message { unsigned long number, recipient, recipients; int is_deferred; } message;

static void begin(message *m, unsigned long slot)
{
  m->number = 1000000 + slot * 1000 + draw(3);
  m->recipient = 0;
  m->recipients = 1 + draw(10) % 4;
  m->is_deferred = 0;
  stamp();
  written += (uint64_t)printf("new msg %lu\n", m->number);
  stamp();
  written += (uint64_t)printf("info msg %lu: bytes %lu from <sender%lu@client%lu.example> qp %lu "
    "uid 89\n", m->number, 500 + draw(90000), draw(400), draw(90), 300 + draw(32000));
}

static void status(void)
{
  stamp();
  written += (uint64_t)printf("status: local 0/10 remote %lu/120\n", draw(120));
}

/* One attempt. */
static void deliver(message *m)
{
  unsigned long const host = draw(200);
  stamp();
  written += (uint64_t)printf(
    "starting delivery %lu: msg %lu to remote user%lu.%lu@dest%lu.example\n", ++delivery,
    m->number, m->recipient, m->number % 997, host);
  status();
  stamp();
  m->is_deferred = !m->is_deferred && draw(10) < 2;
  written += (uint64_t)printf(m->is_deferred
    ? "delivery %lu: deferral: 192.0.2.%lu_does_not_like_recipient./Remote_host_said:_450_4.7.1_"
      "try_again_later/Giving_up_on_192.0.2.%lu./\n"
    : "delivery %lu: success: 192.0.2.%lu_accepted_message./Remote_host_said:_250_2.0.0_Ok:_queued_"
      "as_%lu/\n", delivery, host, 1000000 + draw(90000000));
  status();
  m->recipient += !m->is_deferred;
}

static void step(message *m, unsigned long slot)
{
  if (!m->recipients) begin(m, slot);
  else if (m->recipient < m->recipients) deliver(m);
  else {
    stamp();
    written += (uint64_t)printf("end msg %lu\n", m->number);
    m->recipients = 0;
  }
}

static int count_lines(char const *name)
{
  static char s[BUFFER];
  int const fd = open(name, O_RDONLY);
  unsigned long lines = 0;
  ssize_t n;
  while ((n = read(fd, s, sizeof s)) > 0) {
    char *at = s, *const end = s + n;
    while (at < end && (at = memchr(at, '\n', (size_t)(end - at)))) {
      lines++;
      at++;
    }
  }
  printf("%lu\n", lines);
  return n < 0;
}

int main(int argc, char **argv)
{
  static message open_messages[OPEN];
  uint64_t limit;
  if (argc == 3 && !strcmp(argv[1], "floor")) return count_lines(argv[2]);
  if (argc < 2) return 100;
  limit = strtoull(argv[1], 0, 10) * 1000000;
  is_syslog = argc > 2;
  while (written < limit) {
    unsigned long const slot = draw(OPEN);
    step(&open_messages[slot], slot);
  }
  return fflush(stdout) ? 111 : 0;
}
