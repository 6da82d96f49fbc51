#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <qq/names.h>
#include "queue-private.h"

/* Opens the message's record in the tree and reads it. Returns 1; QQ_GONE: there is none; or
   QQ_DAMAGED. */
static int read_record(qq_message *m, unsigned int tree)
{
  if (m->record_fd >= 0) close(m->record_fd);
  m->record_fd = qq_shard_open(m->shard, tree, m->id, O_RDONLY);
  if (m->record_fd < 0) return errno == ENOENT ? QQ_GONE : qq_message_unreadable(m, tree);
  m->record.len = 0;
  if (qq_records_read(&m->record, m->record_fd) > 0) return 1;
  return qq_message_unreadable(m, tree);
}

static int read_todo(qq_message *m)
{
  char const *text;
  int const r = read_record(m, QQ_TODO);
  if (r != 1) return r;
  if (qq_todo_parse(m, &text) < 0) return qq_message_damaged(m, QQ_TODO, text);
  m->is_new = 1;
  m->known |= KNOWS_RECIPIENTS;
  return 1;
}

/* info has one record, the sender; what is behind it is of no interest (qmail-send.c:getinfo). */
static int read_info(qq_message *m)
{
  int r = read_record(m, QQ_INFO);
  qq_piece rest = { m->record.s, m->record.len }, record;
  if (r != 1) return r;
  r = qq_record_next(&rest, &record);
  if (r != 1 || *record.s != QQ_RECORD_SENDER) return qq_message_doubt(m, QQ_INFO,
    !r ? _("is empty or no regular file, expected the envelope sender")
    : r < 0 ? _("has a record without its NUL")
    : _("begins with an unknown record letter, expected F"));
  m->sender.len = 0;
  if (!qq_append(&m->sender, record.s + 1, record.n - 1))
    return qq_message_unreadable(m, QQ_INFO);
  m->is_new = 0;
  return 1;
}

int qq_message_envelope(qq_message *m)
{
  int r = QQ_GONE;
  if (m->known & KNOWS_ENVELOPE) return 1;
  if (m->listed == QQ_LISTED_TODO) r = read_todo(m);
  if (r == QQ_GONE) r = read_info(m);
  if (r == QQ_GONE && m->listed != QQ_LISTED_TODO) {
    r = read_todo(m);
    if (r == QQ_GONE) r = read_info(m);         /* from todo to info between the two */
  }
  if (r == 1) m->known |= KNOWS_ENVELOPE;
  return r;
}

/* A listing of todo that is older than info can have missed the message, and todo_do may still be
   writing. The mtime of info is todo_do's own. */
int qq_message_state(qq_message *m)
{
  int r = qq_message_envelope(m);
  if (r != 1 || m->is_new || m->known & KNOWS_STATE) return r;
  r = qq_message_birth(m);
  if (r != 1) return r;
  r = m->listed != QQ_LISTED_NOWHERE && m->birth < m->since ? 0 : qq_message_has(m, QQ_TODO);
  if (r < 0) return r;
  m->known |= KNOWS_STATE;
  if (!r) return 1;
  m->listed = QQ_LISTED_TODO;
  return QQ_CHANGED;
}

int qq_message_birth(qq_message *m)
{
  struct stat st;
  if (m->known & KNOWS_BIRTH) return 1;
  if (fstat(m->record_fd, &st) < 0) return qq_message_unreadable(m, QQ_INFO);
  m->birth = qq_stamp(&st);
  m->known |= KNOWS_BIRTH;
  return 1;
}
