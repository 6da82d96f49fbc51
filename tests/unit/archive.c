/* archive.c - the pax archives of qq-save and qq-load: what is written is read again, by us and by
   tar; what is no such archive is refused by name. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <qq/archive.h>
#include "tap.h"

/* The last moment in a whole second that 64 bits of nanoseconds hold. */
#define LATEST UINT64_C(18446744072999999999)

static char path[] = "/var/tmp/qq-archive.XXXXXX";
static char space[700];         /* no multiple of anything */
static buffer in;
static qq_archive archive;
static qq_archive_entry entry;
static stralloc why;

/* Begins to read these bytes. */
static void start(stralloc const *text)
{
  static int fd = -1;
  static qq_archive const fresh;
  if (fd >= 0) close(fd);
  strcpy(strrchr(path, '.'), ".XXXXXX");
  fd = mkstemp(path);
  unlink(path);
  if (fd < 0 || write(fd, text->s, text->len) != (ssize_t)text->len || lseek(fd, 0, SEEK_SET))
    exit(111);
  buffer_init(&in, &buffer_read, fd, space, sizeof space);
  archive = fresh;
  archive.in = &in;
}

/* Whether the next entry is this one. */
static int is_next(char const *name, char const *content, uint64_t changed)
{
  char text[2000];
  size_t n = 0;
  ssize_t r;
  if (qq_archive_next(&archive, &entry, &why) != 1) return 0;
  while ((r = qq_archive_read(&archive, text + n, 7, &why)) > 0) n += (size_t)r;
  return !r && !strcmp(entry.name, name) && entry.changed == changed && entry.size == n
    && n == strlen(content) && !memcmp(text, content, n);
}

static int is_refused(char const *sentence)
{
  int r;
  why.len = 0;
  while ((r = qq_archive_next(&archive, &entry, &why)) > 0) ;
  if (r < 0 && errno == EPROTO && why.len == strlen(sentence) && !memcmp(why.s, sentence, why.len))
    return 1;
  printf("# %d: %.*s\n", r, (int)why.len, why.s);
  return 0;
}

static int add(stralloc *out, char const *name, char const *content, uint64_t changed)
{
  static char const zeros[QQ_ARCHIVE_BLOCK];
  size_t const n = strlen(content);
  return qq_archive_file(out, name, n, changed) && qq_append(out, content, n)
    && qq_append(out, zeros, qq_archive_padding(n));
}

static char const *octets(size_t n)
{
  static char text[2000];
  memset(text, 'x', n);
  text[n] = 0;
  return text;
}

static void sample(stralloc *out)
{
  out->len = 0;
  if (!qq_archive_comment(out, "of a queue") || !add(out, "1@2/mess", "Subject: x\n", 1500000000)
    || !add(out, "empty", "", 0) || !add(out, "block", octets(512), LATEST)
    || !add(out, "more", octets(1111), 1) || !qq_archive_end(out)) exit(111);
}

static void reading(stralloc *out)
{
  sample(out);
  start(out);
  ok(is_next("1@2/mess", "Subject: x\n", 1500000000), "the first file");
  ok(!strcmp(archive.comment, "of a queue"), "the comment");
  ok(is_next("empty", "", 0) && is_next("block", octets(512), LATEST)
    && is_next("more", octets(1111), 1), "and more of them, to the nanosecond");
  ok(!qq_archive_next(&archive, &entry, &why), "and the end");
  start(out);
  ok(qq_archive_next(&archive, &entry, &why) == 1 && qq_archive_next(&archive, &entry, &why) == 1
    && !strcmp(entry.name, "empty"), "what is not read is passed");
}

/* Cut off anywhere it is refused, and never taken for whole. */
static void cut(stralloc *out)
{
  size_t whole, n;
  int is_right = 1;
  sample(out);
  whole = out->len;
  for (n = 0; n < whole - QQ_ARCHIVE_BLOCK; n++) {
    out->len = n;
    start(out);
    is_right = is_right && is_refused("the archive is cut off");
  }
  ok(is_right, "cut off anywhere");
}

static void broken(stralloc *out)
{
  sample(out);
  out->s[1024 + 3]++;
  start(out);
  ok(is_refused("this is not a tar archive"), "a sum that is wrong");
  sample(out);
  memset(out->s, 'x', 512);
  start(out);
  ok(is_refused("this is not a tar archive"), "no header");
  sample(out);
  out->s[512] = 'x';
  start(out);
  ok(is_refused("the archive has a header that is not a pax header"), "no record");
}

/* What tar makes of ours, and we of its. */
static void tar(char const *what, stralloc const *text, char const *command)
{
  FILE *const f = popen(command, "w");
  if (!f || fwrite(text->s, 1, text->len, f) != text->len) exit(111);
  ok(!pclose(f), what);
}

static void read_output(stralloc *out, char const *command)
{
  char text[4096];
  size_t n;
  FILE *const f = popen(command, "r");
  out->len = 0;
  while (f && (n = fread(text, 1, sizeof text, f)) > 0) if (!qq_append(out, text, n)) exit(111);
  if (!f || pclose(f)) exit(111);
}

static void others(stralloc *out)
{
  sample(out);
  tar("tar lists ours, and has nothing to say", out,
    "test \"$(tar tf - 2>&1)\" = \"$(printf '1@2/mess\\nempty\\nblock\\nmore')\"");
  read_output(out, "d=$(mktemp -d) && cd $d && mkdir a && echo hello >a/f && touch -d @5.25 a/f"
    " && tar cf - --format=pax a/f && rm -r $d");
  start(out);
  ok(is_next("a/f", "hello\n", 5250000000), "we read a pax archive of tar");
  read_output(out, "d=$(mktemp -d) && cd $d && ln -s /etc/passwd f && tar cf - f && rm -r $d");
  start(out);
  ok(is_refused("f in the archive is not a plain file"), "a link is refused by its name");
  read_output(out, "d=$(mktemp -d) && cd $d && mkdir f && tar cf - f && rm -r $d");
  start(out);
  ok(is_refused("f/ in the archive is not a plain file"), "and a directory");
}

int main(void)
{
  stralloc out = STRALLOC_ZERO;
  reading(&out);
  cut(&out);
  broken(&out);
  others(&out);
  stralloc_free(&out);
  stralloc_free(&why);
  return done();
}
