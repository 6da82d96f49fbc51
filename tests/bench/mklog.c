/* mklog MB [multilog|syslog [OPEN]] - writes a log of qmail-send of so many megabytes, as multilog
   or syslog with splogger has it: messages to one or several recipients, one attempt in ten
   deferred, numbers given again, OPEN (200) messages open at a time; two lines in five are
   `status:', as of a real one. The texts are as long as those of large providers.

   mklog floor FILE - reads it and counts its lines: what qlog-* are measured against. */

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
  nanosecond += draw(100000000);        /* 150 MB a day */
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

typedef struct message { unsigned long number, recipient, recipients; } message;

/* Of a hundred results on that channel, so many have the text: $ is a small number, * an id. */
static struct { unsigned int is_remote, share; char const *text; } const results[] = {
  { 0, 70, "success: did_1+0+0/" },
  { 0, 25, "success: did_0+1+0/qp_$/" },
  { 0, 5, "failure: Sorry,_no_mailbox_here_by_that_name._(#5.1.1)/" },
  { 1, 50, "success: 192.0.2.$_accepted_message./Remote_host_said:_250_2.0.0_Ok:_queued_as_*/" },
  { 1, 20, "success: 198.51.100.$_accepted_message./Remote_host_said:_250_2.0.0_OK__1794000000_"
    "*.$_-_gsmtp/" },
  { 1, 15, "success: 203.0.113.$_accepted_message./Remote_host_said:_250_2.6.0_<*@mail.dest$."
    "example>_[InternalId=$,_Hostname=*.prod.dest$.example]_12345_bytes_in_0.214,_56.3_KB/sec_"
    "Queued_mail_for_delivery/" },
  { 1, 4, "deferral: 192.0.2.$_does_not_like_recipient./Remote_host_said:_450_4.7.1_<user$@dest$."
    "example>:_Recipient_address_rejected:_Greylisted,_see_http://grey.example/help/dest$.html/"
    "Giving_up_on_192.0.2.$./" },
  { 1, 3, "deferral: 198.51.100.$_failed_after_I_sent_the_message./Remote_host_said:_421-4.7.28_"
    "[192.0.2.10______15]_Our_system_has_detected_an_unusual_rate_of/421-4.7.28_unsolicited_mail_"
    "originating_from_your_IP_address._To_protect_our/421-4.7.28_users_from_spam,_mail_sent_from_"
    "your_IP_address_has_been_temporarily/421-4.7.28_rate_limited._Please_visit/421_4.7.28_https:"
    "//support.example/mail/?p=RateLimit_*.$_-_gsmtp/" },
  { 1, 3, "deferral: Connected_to_203.0.113.$_but_connection_died._(#4.4.2)/" },
  { 1, 3, "deferral: Sorry,_I_wasn't_able_to_establish_an_SMTP_connection._(#4.4.1)/" },
  { 1, 2, "failure: 192.0.2.$_does_not_like_recipient./Remote_host_said:_550_5.1.1_<user$@dest$."
    "example>:_Recipient_address_rejected:_User_unknown_in_virtual_mailbox_table/Giving_up_on_"
    "192.0.2.$./" }
};

static void put_text(char const *s)
{
  static char const letters[] = "0123456789ABCDEFGHJKLMNPQRSTVWXYZ";
  unsigned int i;
  for (; *s; s++) {
    if (*s == '$') written += (uint64_t)printf("%lu", draw(250));
    else if (*s != '*') {
      putchar(*s);
      written++;
    }
    else for (i = 0; i < 11; i++, written++) putchar(letters[draw(i ? sizeof letters - 1 : 10)]);
  }
}

static void begin(message *m, unsigned long slot)
{
  m->number = 1000000 + slot * 10 + draw(3);
  m->recipient = 0;
  m->recipients = 1 + draw(10) % 4;
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
  unsigned int const is_remote = (m->number + m->recipient) % 5 != 0;
  long left = (long)draw(100);
  size_t i = is_remote ? 3 : 0;
  for (; left >= (long)results[i].share; i++) left -= (long)results[i].share;
  stamp();
  written += (uint64_t)printf(
    "starting delivery %lu: msg %lu to %s user%lu.%lu@dest%lu.example\n", ++delivery, m->number,
    is_remote ? "remote" : "local", m->recipient, m->number % 997, m->number % 199);
  status();
  stamp();
  written += (uint64_t)printf("delivery %lu: ", delivery);
  put_text(results[i].text);
  putchar('\n');
  written++;
  status();
  m->recipient += *results[i].text != 'd';
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
  unsigned long const many = argc > 3 ? strtoul(argv[3], 0, 10) : 200;
  message *open_messages = calloc(many, sizeof *open_messages);
  uint64_t limit;
  if (argc == 3 && !strcmp(argv[1], "floor")) return count_lines(argv[2]);
  if (argc < 2 || !open_messages) return 100;
  limit = strtoull(argv[1], 0, 10) * 1000000;
  is_syslog = argc > 2 && *argv[2] == 's';
  while (written < limit) {
    unsigned long const slot = draw(many);
    step(&open_messages[slot], slot);
  }
  return fflush(stdout) ? 111 : 0;
}
