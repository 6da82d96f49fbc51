/* Says what is wrong with a queue. */

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <qq/change.h>
#include <qq/damage.h>
#include <qq/diagnostic.h>
#include <qq/file.h>
#include <qq/names.h>
#include <qq/output.h>
#include "reading.h"

static int rows;

static qq_option const options[] = {
  QQ_OPTIONS_ROWS(rows, N_("one JSON object a line")),
  QQ_OPTIONS_QUEUE,
  QQ_OPTIONS_JOBS,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qq-check", "",
  N_("Say what is wrong with the queue, what qmail does with it, and what mends it; change "
    "nothing."),
  options,
  N_("0 nothing is wrong; 1 something is; 100 wrong use; 111 trouble of the system, and not all "
    "was looked at.")
};

static qq_reading reading;
static qq_expected expected;
static uint64_t findings;
static int is_unreadable;       /* the directories of messages are not whose they should be */

/* ---- forms ---- */

static void put_text(stralloc *out, qq_damage const *d)
{
  stralloc text = STRALLOC_ZERO;
  qq_demand_memory(qq_damage_say(&text, d) && qq_safe(out, text.s, text.len));
  qq_must_fmt(out, "\n");
  stralloc_free(&text);
}

static void put_json(stralloc *out, qq_damage const *d)
{
  qq_damage_row const *row = qq_damage_about(d->kind);
  qq_json j = qq_json_begin(out);
  qq_json_word(&j, "class", qq_damage_class_word(row->class));
  qq_json_word(&j, "kind", row->word);
  qq_json_bytes(&j, "path", d->path, strlen(d->path));
  if (d->files) qq_json_number(&j, "id", d->files->id);
  else qq_json_null(&j, "id");
  qq_json_word(&j, "is", row->is ? row->is : d->is);
  qq_json_word(&j, "does", row->does);
  qq_json_word(&j, "mend", qq_damage_mend(d));
  qq_json_end(&j);
}

/* ---- what is found ---- */

/* Says whether the user who reads the messages may not list that directory, which is none of
   messages if qmailq alone works in it. */
static int is_shut(char const *path)
{
  struct stat st;
  mode_t may;
  if (!strcmp(path, ".") || !strncmp(path, QQ_NAME_INTD, 4)
    || qq_stat_below(reading.queue.fd, path, &st) < 0) return 0;
  may = st.st_uid == expected.uids[QQ_USER_QMAILS] ? st.st_mode >> 6
    : st.st_gid == expected.group ? st.st_mode >> 3 : st.st_mode;
  return (may & 5) != 5;
}

static void report(void *p, qq_damage const *d)
{
  stralloc out = STRALLOC_ZERO;
  (void)p;
  qq_reading_demand_same(&reading);
  findings++;
  if (d->kind == QQ_DAMAGE_DIRECTORY_OWNER) is_unreadable |= is_shut(d->path);
  (rows ? put_json : put_text)(&out, d);
  qq_output(out.s, out.len);
  stralloc_free(&out);
}

static void trouble(void *p, char const *s, size_t n)
{
  (void)p;
  qq_reading_demand_same(&reading);
  qq_trouble("%.*s", (int)n, s);
}

static void die_without_queue(stralloc *why)
{
  qq_demand_memory(qq_site_hint_create(&reading.site, why) > 0);
  qq_demand(-1, why);
}

static void open_queue(void)
{
  stralloc why = STRALLOC_ZERO;
  char const *path;
  int fd;
  qq_demand_memory(qq_site_find(&reading.site, qq_shared_options->queue,
    qq_shared_options->home) > 0);
  path = reading.site.queue.s;
  fd = qq_queue_enter(path, &why);
  if (fd < 0 || qq_queue_open_damaged(&reading.queue, path, &why) < 0) die_without_queue(&why);
  close(fd);
  qq_demand_done(qq_expected_find(&expected, &reading.queue, reading.site.home.s, &why), &why);
}

/* As the user who should be able to read all of it, if he is. */
static void give_up_root(void)
{
  reading.queue.qmails = expected.uids[QQ_USER_QMAILS];
  reading.queue.group = expected.group;
  if (!is_unreadable) qq_reading_give_up_root(&reading);
  else if (!geteuid())
    qq_warn(_("unable to give up root: the directories of %s are not whose they should be, and "
      "nobody else may read them"), reading.queue.path);
}

int main(int argc, char *const *argv)
{
  qq_look look = { .queue = &reading.queue, .expected = &expected, .report = report,
    .trouble = trouble, .progress = qq_progress };
  qq_start(&program, argc, argv);
  if (*qq_operands()) qq_die_usage(_("operand \"%s\": expected none"), *qq_operands());
  open_queue();
  qq_input_refuse_ids(0);
  qq_rows_begin(rows, "class\tkind\tpath\tid\tis\tdoes\tmend");
  qq_reading_check(&reading, qq_look_directories(&look));
  give_up_root();
  look.jobs = qq_walk_jobs(&reading.queue, qq_shared_options->jobs);
  qq_reading_check(&reading, qq_look_messages(&look));
  qq_progress_hide();
  if (!findings) qq_output_done(_("nothing is wrong with %s"), reading.queue.path);
  qq_exit(findings ? QQ_EXIT_NONE : 0);
}
