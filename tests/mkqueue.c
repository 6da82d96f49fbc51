/* mkqueue - builds a queue as qmail would have left it, of any size and shape, for tests and
   measurements.

   Names are real inode numbers; everything else follows from the options and the seed alone: one
   message, one random stream. The files are as qmail-queue and qmail-send write them
   (doc/qmail-queue.5), and a mess file is made in pid/ and moved, as qmail-queue does, because that
   decides where the file system puts its inode. */

#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define USAGE \
  "usage: mkqueue DIR N [options]\n" \
  "  --split N (23)      --bigtodo           todo/ and intd/ split too\n" \
  "  --suppl K (0)       this many channels beside local and remote\n" \
  "  --new PERCENT (2)   --bounces PERCENT (5)\n" \
  "  --recipients MAX (5) --body BYTES (2048, the median)\n" \
  "  --now SECONDS       --seed N (1)\n" \
  "  --qmailq UID --qmails UID --qmailr UID --group GID   the owners, for root (default: you)\n"

#define WEEK 604800
#define SUPPL_MAX 8
#define CHANNELS_MAX (2 + SUPPL_MAX)    /* local, remote, suppl0... */
#define WORDS_SIZE 262144               /* the text that all bodies are cut from */

typedef struct settings {
  unsigned long count, split, suppl, percent_new, percent_bounces, recipients, body, seed;
  int bigtodo;
  int64_t now;
  uid_t qmailq, qmails, qmailr;
  gid_t group;
} settings;

typedef struct text {
  char *s;
  size_t len, room;
} text;

typedef enum { FROM_NETWORK, BY_UID, BY_ALIAS, FOR_BOUNCE } invoked;

typedef struct message {
  unsigned long number;         /* 0..count-1 */
  int is_new;
  invoked how;
  unsigned uid, pid;
  struct timespec queued, birth;
  text sender, mess, todo, failures, channel[CHANNELS_MAX];
} message;

static settings set;
static char words[WORDS_SIZE];
static uint64_t stream;         /* of the message being made */

static void die(char const *what)
{
  fprintf(stderr, "mkqueue: %s: %s\n", what, strerror(errno));
  exit(111);
}

/* ---- chance ---- */

static uint64_t draw(void)      /* splitmix64: every seed is a good one */
{
  uint64_t z = stream += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

static unsigned long below(unsigned long n) { return (unsigned long)(draw() % n); }
static int percent(unsigned long p) { return below(100) < p; }
static double fraction(void) { return (double)(draw() >> 11) / 9007199254740992.0; }

static size_t lognormal(double median)
{
  double sum = 0;
  for (int i = 0; i < 12; i++) sum += fraction();       /* close enough to a normal distribution */
  return (size_t)(median * exp(0.9 * (sum - 6)));
}

/* ---- text ---- */

static void add(text *t, char const *s, size_t n)
{
  if (t->len + n > t->room) {
    t->room = 2 * (t->len + n) + 256;
    if (!(t->s = realloc(t->s, t->room))) die("memory");
  }
  if (n) memcpy(t->s + t->len, s, n);
  t->len += n;
}

#ifdef __GNUC__
__attribute__((format(printf, 2, 3)))
#endif
static void addf(text *t, char const *format, ...)
{
  char line[1024];
  va_list args;
  va_start(args, format);
  int n = vsnprintf(line, sizeof line, format, args);
  va_end(args);
  add(t, line, n < (int)sizeof line ? (size_t)n : sizeof line - 1);
}

/* A record: its letter, the text, a NUL. */
static void add_record(text *t, char letter, char const *s, size_t n)
{
  add(t, &letter, 1);
  add(t, s, n);
  add(t, "", 1);
}

static void add_date(text *t, time_t when)
{
  char line[64];
  struct tm tm;
  gmtime_r(&when, &tm);
  add(t, line, strftime(line, sizeof line, "%d %b %Y %H:%M:%S -0000", &tm));
}

static void make_words(void)
{
  static char const *const word[] = { "order", "the", "invoice", "meeting", "of", "price",
    "delivery", "for", "you", "report", "a", "schedule", "number", "we", "account", "and", "thanks",
    "please", "regards", "to", "customer", "server", "next", "week", "is", "attached", "draft",
    "contract" };
  size_t column = 0, used = 0;
  stream = 42; /* the same for every seed: only where a body starts depends on it */
  while (used < sizeof words) {
    char const *w = word[below(sizeof word / sizeof *word)];
    for (; *w && used < sizeof words; column++) words[used++] = *w++;
    if (used < sizeof words) words[used++] = column > 60 ? '\n' : ' ';
    if (column++ > 60) column = 0;
  }
}

static void add_words(text *t, size_t n)
{
  while (n) {
    size_t at = below(sizeof words / 2), part = n < sizeof words / 2 ? n : sizeof words / 2;
    add(t, words + at, part);
    n -= part;
  }
  add(t, "\n", 1);
}

static void add_base64(text *t, unsigned char const *s, size_t n, size_t line)
{
  static char const digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (size_t i = 0, out = 0; i < n; i += 3) {
    unsigned a = s[i], b = i + 1 < n ? s[i + 1] : 0, c = i + 2 < n ? s[i + 2] : 0;
    char four[4] = { digit[a >> 2], digit[(a & 3) << 4 | b >> 4],
      i + 1 < n ? digit[(b & 15) << 2 | c >> 6] : '=', i + 2 < n ? digit[c & 63] : '=' };
    add(t, four, 4);
    if (line && (out += 4) % line == 0) add(t, "\n", 1);
  }
}

/* Quoted-printable, also as encoded words want it (q). */
static void add_quoted(text *t, char const *s, size_t n, int q)
{
  size_t column = 0;
  for (size_t i = 0; i < n; i++) {
    unsigned char c = (unsigned char)s[i];
    if (q && c == ' ') add(t, "_", 1);
    else if (c == '\n' && !q) { add(t, "\n", 1); column = 0; continue; }
    else if (c == '=' || c > 126 || c < 32 || (q && (c == '?' || c == '_'))) addf(t, "=%02X", c);
    else add(t, s + i, 1);
    if (!q && ++column > 65) { add(t, "=\n", 2); column = 0; }
  }
}

/* ---- addresses ---- */

static char const *const given_name[] = { "alice", "bob", "carol", "dave", "erika", "frank",
  "grace", "heidi", "info", "ivan", "judy", "mallory", "news", "office", "olivia", "orders",
  "peggy", "sales", "shop", "support", "trent", "ute", "victor", "walter" };

static void add_domain(text *t)
{
  static char const *const kind[] = { "example", "test", "invalid", "example" };
  unsigned long n = below(400);
  n = n * n / 400;              /* some domains have much more mail than others */
  addf(t, "%s%lu.%s", n % 3 ? "host" : "mail", n, kind[n % 4]);
}

static void add_address(text *t)
{
  addf(t, "%s%lu@", given_name[below(sizeof given_name / sizeof *given_name)], below(50));
  add_domain(t);
}

static void add_sender(message *m, int bounce)
{
  if (bounce) {
    if (percent(10)) add(&m->sender, "#@[]", 4);
  } else if (percent(5)) {      /* a spam run */
    addf(&m->sender, "spammer%lu@bulk.example", below(20));
  } else if (percent(5)) {      /* a mailing list that wants one envelope a recipient */
    addf(&m->sender, "list-%lu-@lists.example-@[]", below(10));
  } else {
    add_address(&m->sender);
  }
}

/* ---- the parts of a message ---- */

static unsigned long recipient_count(void)
{
  if (set.recipients > 5 && percent(1)) return 1 + below(set.recipients);
  unsigned long n = 1;
  while (n < 5 && n < set.recipients && percent(30)) n++;
  return n;
}

static void add_failure(message *m, char const *address, size_t n)
{
  static char const *const said[] = { "550 5.1.1 User unknown", "552 5.2.2 Mailbox full",
    "554 5.7.1 Rejected as spam", "550 5.4.1 Relaying denied" };
  char ip[32];
  sprintf(ip, "192.0.2.%lu", below(250) + 1);
  add(&m->failures, "<", 1);
  add(&m->failures, address, n);
  addf(&m->failures, ">:\n%s does not like recipient.\nRemote host said: %s\nGiving up on %s.\n\n",
      ip, said[below(4)], ip);
}

/* In todo/ all recipients stand behind the sender; qmail-send has sorted them by channel, and marks
   those that are over. A channel where all are over has no file any more. */
static void make_recipients(message *m)
{
  unsigned long n = recipient_count(), kind = below(100), waiting[CHANNELS_MAX] = { 0 };
  int partly = percent(40), failing = percent(4);
  text a = { 0, 0, 0 };

  addf(&m->todo, "u%u%cp%u%c", m->uid, 0, m->pid, 0);
  add_record(&m->todo, 'F', m->sender.s, m->sender.len);
  for (unsigned long i = 0; i < n; i++) {
    int local = kind < 10 || (kind < 20 && i % 2 == 0); /* some local, some both, most remote */
    size_t channel = local ? 0 : set.suppl && percent(30) ? 2 + below(set.suppl) : 1;
    int done = !m->is_new && i && (partly || failing) && percent(50);
    a.len = 0;
    if (local)
      addf(&a, "%lu-%s%lu@customer%lu.example", below(30), given_name[below(24)], below(50),
          below(30));
    else add_address(&a);
    add_record(&m->todo, 'T', a.s, a.len);
    add_record(&m->channel[channel], done ? 'D' : 'T', a.s, a.len);
    waiting[channel] += !done;
    if (failing && done) add_failure(m, a.s, a.len);
  }
  if (failing && !m->is_new && !m->failures.len)
    add_failure(m, "gone@host1.example", 18); /* its channel is over */
  for (size_t c = 0; c < CHANNELS_MAX; c++) if (!waiting[c]) m->channel[c].len = 0;
  free(a.s);
}

static void add_subject(message *m)
{
  static char const *const plain[][2] = { { "Invoice ", "" }, { "Re: order ", "" },
    { "Newsletter of week ", "" }, { "Your appointment no. ", "" },
    { "Backup report ", ": all is well" } };
  static char const *const foreign[][2] = { { "G\303\274nstige Pillen Nr. ", "" },
    { "R\303\251union du ", " mars" }, { "\320\241\321\207\321\221\321\202 \342\204\226 ", "" },
    { "\346\263\250\346\226\207 ", "" } };
  char line[128];
  int n, how = (int)below(100);
  unsigned long k = below(1000);
  if (how < 2) return;                                          /* no subject at all */
  if (m->how == FOR_BOUNCE) { addf(&m->mess, "Subject: failure notice\n"); return; }
  char const *const *subject = how < 75 ? plain[k % 5] : foreign[k % 4];
  n = sprintf(line, "%s%lu%s", subject[0], k, subject[1]);
  addf(&m->mess, "Subject: ");
  if (how < 75) {
    add(&m->mess, line, (size_t)n);
    if (how < 8) addf(&m->mess, "\n  and what else\n\tthere is to say");  /* folded */
  } else if (how < 88) {
    addf(&m->mess, "=?UTF-8?B?");
    add_base64(&m->mess, (unsigned char *)line, (size_t)n, 0);
    addf(&m->mess, "?=");
  } else if (how < 98) {
    addf(&m->mess, "=?utf-8?Q?");
    add_quoted(&m->mess, line, (size_t)n, 1);
    addf(&m->mess, "?=");
  } else {
    add(&m->mess, line, (size_t)n);                             /* raw */
  }
  addf(&m->mess, "\n");
}

static void add_received(message *m)
{
  char from[64];
  int login;
  addf(&m->mess, "Received: (qmail %u invoked ", m->pid);
  if (m->how == BY_UID) addf(&m->mess, "by uid %u", m->uid);
  else
    addf(&m->mess, "%s",
        m->how == BY_ALIAS         ? "by alias"
            : m->how == FOR_BOUNCE ? "for bounce"
                                   : "from network");
  addf(&m->mess, "); ");
  add_date(&m->mess, m->queued.tv_sec);
  addf(&m->mess, "\n");
  if (m->how != FROM_NETWORK) return;
  if (percent(90)) sprintf(from, "%s198.51.100.%lu", percent(10) ? "user@" : "", below(250) + 1);
  else sprintf(from, "2001:db8::%lx", below(65535) + 1);
  login = *from == 'u';
  addf(&m->mess,
      "Received: from %s%lu.isp.example (HELO mx%lu.example) (%s)\n  by mx.example.test with %s; ",
      percent(30) ? "unknown" : "client", below(900), below(90), from,
      percent(60) ? login ? "ESMTPSA" : "ESMTPS" : login ? "ESMTPA" : "SMTP");
  add_date(&m->mess, m->queued.tv_sec);
  addf(&m->mess,
      "\nReceived: from [10.%lu.%lu.%lu] by smtp%lu.isp.example (8.17.1/8.17.1) with ESMTPSA id "
      "4AKCqv%lu;\n\t",
      below(250), below(250), below(250), below(20), below(1000000));
  add_date(&m->mess, m->queued.tv_sec - (time_t)below(20));
  addf(&m->mess, "\n");
}

static void add_fields(message *m)
{
  addf(&m->mess, "Date: ");
  add_date(&m->mess, m->queued.tv_sec);
  addf(&m->mess, "\n");
  if (m->how == FROM_NETWORK && percent(60)) {
    addf(&m->mess,
        "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=host%lu.example; "
        "s=mail;\n\tt=%ld; h=date:from:to:subject;\n\tb=",
        below(400), (long)m->queued.tv_sec);
    for (int i = 0; i < 10; i++)
      addf(&m->mess, "%016llx%s", (unsigned long long)draw(), i % 4 == 3 ? "\n\t " : "");
    addf(&m->mess, "\n");
  }
  addf(&m->mess, "Message-ID: <%08lx.%u@mx%lu.example>\nFrom: ", below(0xffffffff), m->pid,
      below(90));
  if (m->how == FOR_BOUNCE) addf(&m->mess, "MAILER-DAEMON@mx.example.test");
  else if (m->sender.len) {
    addf(&m->mess, "%s <", percent(10) ? "=?iso-8859-1?Q?J=F6rg_M=FCller?=" : "Some One");
    add(&m->mess, m->sender.s, m->sender.len);
    addf(&m->mess, ">");
  } else addf(&m->mess, "postmaster@host%lu.example", below(400));
  addf(&m->mess, "\nTo: ");
  add_address(&m->mess);
  addf(&m->mess, "\n");
  add_subject(m);
  addf(&m->mess, "X-Mailer: %s\n", percent(50) ? "Mailer 4.2" : "phpmail");
  if (percent(5)) addf(&m->mess, "X-Spam-Flag: YES\n");
}

static void add_body(message *m)
{
  size_t n = lognormal((double)set.body), start, how = below(100);
  char remark[96];
  text raw = { 0, 0, 0 };
  if (percent(1)) n += 50000;
  sprintf(remark, "Ref %lu: sch\303\266ne Gr\303\274\303\237e, 5 = %lu\n", m->number, below(100));
  if (how < 75) {
    addf(&m->mess,
        "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: "
        "8bit\n\n%s",
        remark);
    add_words(&m->mess, n);
    return;
  }
  addf(&raw, "%s", remark);
  add_words(&raw, n);
  addf(&m->mess, "MIME-Version: 1.0\n");
  if (how < 85) {
    addf(&m->mess,
        "Content-Type: text/plain; charset=\"UTF-8\"\nContent-Transfer-Encoding: "
        "quoted-printable\n\n");
    add_quoted(&m->mess, raw.s, raw.len, 0);
  } else if (how < 90) {
    addf(&m->mess, "Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n\n");
    add_base64(&m->mess, (unsigned char *)raw.s, raw.len, 76);
    addf(&m->mess, "\n");
  } else {                      /* a text and an attachment */
    addf(&m->mess,
        "Content-Type: multipart/mixed;\n boundary=\"=_%lu\"\n\nThis is a message in MIME "
        "format.\n\n--=_%lu\n",
        m->number, m->number);
    addf(
        &m->mess, "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n");
    start = raw.len < 600 ? raw.len : 600;
    add_base64(&m->mess, (unsigned char *)raw.s, start, 76);
    addf(&m->mess,
        "\n\n--=_%lu\nContent-Type: application/octet-stream; "
        "name=\"data.bin\"\nContent-Transfer-Encoding: base64\n\n",
        m->number);
    add_base64(&m->mess, (unsigned char *)raw.s + start, raw.len - start, 76);
    addf(&m->mess, "\n\n--=_%lu--\n", m->number);
  }
  free(raw.s);
}

static void make(message *m, unsigned long number)
{
  static unsigned const users[] = { 0, 33, 110, 1000, 1001, 1002, 1003 };
  double age;
  int bounce, who;

  stream = (set.seed << 32) + number;
  m->number = number;
  m->sender.len = m->mess.len = m->todo.len = m->failures.len = 0;
  for (size_t i = 0; i < CHANNELS_MAX; i++) m->channel[i].len = 0;

  m->is_new = percent(set.percent_new);
  bounce = percent(set.percent_bounces);
  age = fraction();
  age = m->is_new
      ? age * 900
      : age * age * (WEEK - 900) + 900; /* young mail is the most, and what is new is very young */
  m->queued.tv_sec = set.now - (int64_t)age - 1;
  m->queued.tv_nsec = (long)below(1000000000);
  m->birth = m->queued;
  m->birth.tv_nsec += (long)below(400000000);
  if (m->birth.tv_nsec >= 1000000000) { m->birth.tv_nsec -= 1000000000; m->birth.tv_sec++; }

  add_sender(m, bounce);
  who = (int)below(100);
  m->how = bounce && (m->sender.len || who < 70) ? FOR_BOUNCE
      : who < 70                                 ? FROM_NETWORK
      : who < 95                                 ? BY_UID
                                                 : BY_ALIAS;
  m->uid = m->how == BY_UID ? users[below(7)] : m->how == FOR_BOUNCE ? (unsigned)set.qmails : 64011;
  m->pid = 300 + (unsigned)below(32000);

  make_recipients(m);
  add_received(m);
  add_fields(m);
  add_body(m);
}

/* ---- files ---- */

static void write_file(
    int fd, char const *name, text const *t, struct timespec const *when, uid_t owner)
{
  struct timespec times[2];
  if (write(fd, t->s, t->len) != (ssize_t)t->len) die(name);
  if (when) {
    times[0] = times[1] = *when;
    if (futimens(fd, times) < 0) die(name);
  }
  if ((owner != geteuid() || set.group != getegid()) && fchown(fd, owner, set.group) < 0) die(name);
}

static void create(
    char const *name, text const *t, struct timespec const *when, uid_t owner, mode_t mode)
{
  int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
  if (fd < 0) die(name);
  write_file(fd, name, t, when, owner);
  if (close(fd) < 0) die(name);
}

static char const *path(char const *dir, int split, uint64_t id)
{
  static char name[2][64];
  static int turn;
  turn = !turn;
  if (split)
    sprintf(
        name[turn], "%s/%lu/%llu", dir, (unsigned long)(id % set.split), (unsigned long long)id);
  else sprintf(name[turn], "%s/%llu", dir, (unsigned long long)id);
  return name[turn];
}

static char const *channel_name(size_t c)
{
  static char name[32];
  if (c < 2) return c ? "remote" : "local";
  sprintf(name, "suppl%lu", (unsigned long)(c - 2));
  return name;
}

static void store(message const *m)
{
  struct stat st;
  text info = { 0, 0, 0 };
  int fd = open("pid/mkqueue", O_WRONLY | O_CREAT | O_EXCL, 0644);
  if (fd < 0) die("pid/mkqueue");
  write_file(fd, "pid/mkqueue", &m->mess, &m->queued, set.qmailq);
  if (fstat(fd, &st) < 0 || close(fd) < 0 || rename("pid/mkqueue", path("mess", 1, st.st_ino)) < 0)
    die("pid/mkqueue");

  if (m->is_new) {
    create(path("intd", set.bigtodo, st.st_ino), &m->todo, &m->birth, set.qmailq, 0644);
    if (link(path("intd", set.bigtodo, st.st_ino), path("todo", set.bigtodo, st.st_ino)) < 0)
      die("todo");
    return;
  }
  add_record(&info, 'F', m->sender.s, m->sender.len);
  create(path("info", 1, st.st_ino), &info, &m->birth, set.qmails, 0600);
  free(info.s);
  for (size_t c = 0; c < CHANNELS_MAX; c++)
    if (m->channel[c].len)
      create(path(channel_name(c), 1, st.st_ino), &m->channel[c], 0, set.qmails, 0600);
  if (m->failures.len) create(path("bounce", 0, st.st_ino), &m->failures, 0, set.qmails, 0600);
}

static void make_dir(char const *name, int split, uid_t owner, mode_t mode)
{
  char sub[64];
  if (mkdir(name, mode) < 0 || chown(name, owner, set.group) < 0) die(name);
  for (unsigned long i = 0; split && i < set.split; i++) {
    sprintf(sub, "%s/%lu", name, i);
    make_dir(sub, 0, owner, mode);
  }
}

static void make_dirs(char const *dir)
{
  text nothing = { 0, 0, 0 }, tcpto = { 0, 0, 0 };
  static char const zeros[1024];
  umask(0);
  if ((mkdir(dir, 0750) < 0 && errno != EEXIST) || chdir(dir) < 0
      || chown(".", set.qmailq, set.group) < 0 || chmod(".", 0750) < 0)
    die(dir);
  make_dir("pid", 0, set.qmailq, 0700);
  make_dir("mess", 1, set.qmailq, 0750);
  make_dir("intd", set.bigtodo, set.qmailq, 0700);
  make_dir("todo", set.bigtodo, set.qmailq, 0750);
  make_dir("info", 1, set.qmails, 0700);
  for (size_t c = 0; c < 2 + set.suppl; c++) make_dir(channel_name(c), 1, set.qmails, 0700);
  make_dir("bounce", 0, set.qmails, 0700);
  make_dir("lock", 0, set.qmailq, 0750);
  create("lock/sendmutex", &nothing, 0, set.qmails, 0600);
  if (mkfifo("lock/trigger", 0622) < 0 || chown("lock/trigger", set.qmails, set.group) < 0)
    die("lock/trigger");
  add(&tcpto, zeros, sizeof zeros);
  create("lock/tcpto", &tcpto, 0, set.qmailr, 0644);
  free(tcpto.s);
}

/* ---- */

static unsigned long number(char const *s)
{
  char *end;
  unsigned long n = strtoul(s, &end, 10);
  if (*s < '0' || *s > '9' || *end) { fputs(USAGE, stderr); exit(100); }
  return n;
}

static void options(int argc, char **argv)
{
  enum {
    SPLIT = 1,
    BIGTODO,
    SUPPL,
    NEW,
    BOUNCES,
    RECIPIENTS,
    BODY,
    NOW,
    SEED,
    QMAILQ,
    QMAILS,
    QMAILR,
    GROUP
  };
  static struct option const option[] = { { "split", 1, 0, SPLIT }, { "bigtodo", 0, 0, BIGTODO },
    { "suppl", 1, 0, SUPPL }, { "new", 1, 0, NEW }, { "bounces", 1, 0, BOUNCES },
    { "recipients", 1, 0, RECIPIENTS }, { "body", 1, 0, BODY }, { "now", 1, 0, NOW },
    { "seed", 1, 0, SEED }, { "qmailq", 1, 0, QMAILQ }, { "qmails", 1, 0, QMAILS },
    { "qmailr", 1, 0, QMAILR }, { "group", 1, 0, GROUP }, { 0, 0, 0, 0 } };
  set = (settings){ .split = 23,
    .percent_new = 2,
    .percent_bounces = 5,
    .recipients = 5,
    .body = 2048,
    .seed = 1,
    .now = (int64_t)time(0),
    .qmailq = geteuid(), .qmails = geteuid(), .qmailr = geteuid(), .group = getegid() };
  for (int c; (c = getopt_long(argc, argv, "", option, 0)) != -1; ) {
    unsigned long n = c == BIGTODO || c == '?' ? 0 : number(optarg);
    switch (c) {
    case SPLIT: set.split = n; break;
    case BIGTODO: set.bigtodo = 1; break;
    case SUPPL: set.suppl = n; break;
    case NEW: set.percent_new = n; break;
    case BOUNCES: set.percent_bounces = n; break;
    case RECIPIENTS: set.recipients = n; break;
    case BODY: set.body = n; break;
    case NOW: set.now = (int64_t)n; break;
    case SEED: set.seed = n; break;
    case QMAILQ: set.qmailq = (uid_t)n; break;
    case QMAILS: set.qmails = (uid_t)n; break;
    case QMAILR: set.qmailr = (uid_t)n; break;
    case GROUP: set.group = (gid_t)n; break;
    default: fputs(USAGE, stderr); exit(100);
    }
  }
  if (argc - optind != 2 || !set.split || set.suppl > SUPPL_MAX || !set.recipients) {
    fputs(USAGE, stderr);
    exit(100);
  }
  set.count = number(argv[optind + 1]);
}

int main(int argc, char **argv)
{
  static message m;
  options(argc, argv);
  make_words();
  make_dirs(argv[optind]);
  for (unsigned long i = 0; i < set.count; i++) {
    make(&m, i);
    store(&m);
  }
  return 0;
}
