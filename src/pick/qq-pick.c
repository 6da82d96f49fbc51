/* Shows the messages in the queue on a screen, to pick from. */

#include <unistd.h>
#include <qq/diagnostic.h>
#include <qq/options.h>
#include <qq/os.h>
#include <qq/output.h>
#include <qq/queue.h>
#include <qq/select.h>
#include <qq/site.h>
#include "pick.h"

static qq_option const options[] = {
  QQ_OPTIONS_STREAM,
  QQ_OPTIONS_QUEUE,
  QQ_OPTIONS_OF_GREP,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qq-pick", "[ID ... | -]",
  N_("Show the messages in the queue on a screen, to pick from; with ids, only these."),
  options,
  N_("0 done, or the ids were written; 1 nothing was picked; 100 wrong use, or no terminal; "
    "111 trouble of the system.")
};

static qq_pick pick = { .list = QQ_LIST_ZERO };

/* For good: what reads the queue, and changes it, is the hand's. */
static void become_reader(void)
{
  qq_site site = { .shipped = 0 };
  qq_queue queue;
  stralloc why = STRALLOC_ZERO;
  uid_t uid;
  gid_t gid;
  qq_demand_memory(qq_site_find(&site, qq_shared_options->queue, qq_shared_options->home) > 0);
  qq_demand(qq_queue_open(&queue, site.queue.s, &why), &why);
  qq_queue_reader(&queue, &uid, &gid);
  qq_queue_close(&queue);
  qq_hand_start();
  if (!geteuid() && qq_os_become(uid, gid) < 0)
    qq_die_unable(_("unable to become uid %u, gid %u"), (unsigned int)uid, (unsigned int)gid);
}

static void read_ids(void)
{
  genalloc ids = GENALLOC_ZERO;
  pick.is_restricted = qq_restriction(&ids);
  qq_put_tokens(&pick.ids, genalloc_s(qq_id, &ids), genalloc_len(qq_id, &ids));
  genalloc_free(qq_id, &ids);
}

int main(int argc, char *const *argv)
{
  qq_start(&program, argc, argv);
  if (!qq_output_is_terminal()) qq_output_has_tokens();
  pick.terminal = qq_screen_find();
  become_reader();
  read_ids();
  qq_screen_begin(pick.terminal);
  qq_pick_look(&pick);
  qq_keys_run(&pick);
}
