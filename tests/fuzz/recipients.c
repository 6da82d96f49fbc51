/* Records of local/ID and its kin: what is accepted is exactly what the records say. */
#include <qq/names.h>
#include "../../src/queue/queue-private.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static qq_queue queue;
  qq_shard shard = { &queue, 0, 0, "", 0 };
  qq_message m;
  stralloc again = STRALLOC_ZERO, input = STRALLOC_ZERO;
  char const *text = 0;
  qq_message_init(&m, &shard, 0);
  promise(stralloc_catb(&input, (char const *)data, size), "memory");
  if (qq_recipients_parse(&m, input.s, input.len, 1, &text) < 0) promise(text != 0, "a reason");
  else {
    qq_recipient const *r = genalloc_s(qq_recipient, &m.recipients);
    size_t const n = genalloc_len(qq_recipient, &m.recipients);
    size_t i;
    for (i = 0; i < n; i++)
      promise(r[i].channel == 1
              && stralloc_append(&again, r[i].done ? QQ_RECORD_DONE : QQ_RECORD_RECIPIENT)
              && stralloc_catb(&again, qq_recipient_address(&m, &r[i]), r[i].length)
              && stralloc_0(&again),
          "memory");
    same(&input, &again, "the records again");
  }
  qq_message_free(&m);
  stralloc_free(&again);
  stralloc_free(&input);
  return 0;
}
