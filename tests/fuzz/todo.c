/* Records of todo/ID: recipients lie within what was read, and what is written down again reads the
   same. */
#include <qq/names.h>
#include "../../src/queue/queue-private.h"
#include "fuzz.h"

/* The records as qmail-queue would have written them, with silenced recipients as u. */
static void rewrite(stralloc *out, qq_message const *m)
{
  qq_recipient const *r = genalloc_s(qq_recipient, &m->recipients);
  size_t const n = genalloc_len(qq_recipient, &m->recipients);
  size_t i;
  promise(stralloc_append(out, QQ_RECORD_SENDER) && stralloc_catb(out, m->sender.s, m->sender.len)
          && stralloc_0(out),
      "memory");
  for (i = 0; i < n; i++) {
    promise(r[i].start <= m->addresses.len && r[i].length <= m->addresses.len - r[i].start,
        "address within the addresses");
    promise(stralloc_append(out, r[i].done ? QQ_RECORD_UID : QQ_RECORD_RECIPIENT)
            && stralloc_catb(out, qq_recipient_address(m, &r[i]), r[i].length) && stralloc_0(out),
        "memory");
  }
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static qq_queue queue;
  qq_shard shard = { &queue, 0, 0, "", 0 };
  qq_message m;
  stralloc first = STRALLOC_ZERO, second = STRALLOC_ZERO;
  char const *text = 0;
  qq_message_init(&m, &shard, 0);
  promise(stralloc_catb(&m.record, (char const *)data, size), "memory");
  if (qq_todo_parse(&m, &text) < 0) promise(text != 0, "a reason");
  else {
    rewrite(&first, &m);
    m.record.len = 0;
    promise(stralloc_catb(&m.record, first.s, first.len), "memory");
    promise(qq_todo_parse(&m, &text) == 1, "what was read is readable");
    rewrite(&second, &m);
    same(&first, &second, "reads the same again");
  }
  qq_message_free(&m);
  stralloc_free(&first);
  stralloc_free(&second);
  return 0;
}
