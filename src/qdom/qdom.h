/* What the programs for domains, mailboxes and aliases share. */

#ifndef QQ_QDOM_H
#define QQ_QDOM_H

#include <qq/assign.h>
#include <qq/domains.h>
#include <qq/options.h>
#include <qq/site.h>

/* What --user says differs: those that add need an account, those that remove have no use for it,
   those that list take it for what is wanted. */
#define QQ_OPTIONS_DOM_FOR(place, user_help) \
  QQ_HEADING(N_("Which qmail, and how it is laid out")), \
  { 0, "mailnames", "DIR", N_("the directory of domains (HOME/mailnames)"), \
    qq_dom_take_mailnames, { .object = &(place) }, 0 }, \
  { 0, "user", "NAME", user_help, QQ_TEXT((place).user) }, \
  QQ_OPTIONS_WHICH

#define QQ_OPTION_DRY_RUN(place) \
  { 0, "dry-run", 0, N_("show what would be done, do nothing"), QQ_SETS((place).dry_run) }

#define QQ_OPTIONS_DOM_ADD(place) \
  QQ_OPTION_DRY_RUN(place), \
  QQ_OPTIONS_DOM_FOR(place, N_("the user that mail is delivered as (the domain's, or popuser)"))
#define QQ_OPTIONS_DOM_RM(place) \
  QQ_OPTION_DRY_RUN(place), \
  QQ_OPTIONS_DOM_FOR(place, N_("as for the other programs; it need not exist any more"))
#define QQ_OPTIONS_DOM_LIST(place) \
  QQ_OPTIONS_DOM_FOR(place, N_("only what is delivered as that user"))

/* What users/assign and control files are to be: put together first, shown or carried out then. */
typedef struct qq_plan { stralloc assign; qq_settings control; } qq_plan;

typedef struct qq_dom_place {
  qq_site site;
  stralloc mailnames;           /* the directory of domains, NUL-terminated */
  char const *user;             /* null: nothing was said */
  int said_mailnames;           /* --mailnames was given */
  qq_owner account;             /* of who adds: the user's */
  qq_plan plan;                 /* its assign begins as what users/assign is */
  int dry_run;
} qq_dom_place;

/* Takes --mailnames for the place that the option is to. */
qq_option_take qq_dom_take_mailnames;

/* Finds the account of the user, popuser unless --user says otherwise; or ends the program. */
void qq_dom_find_account(qq_dom_place *);

/* Opens everything, with the lock unless it is a dry run; or ends the program. For programs that
   add: finds the account, too, if --user was given. For programs that only read: without the
   lock. */
void qq_dom_open(qq_dom_place *);
void qq_dom_open_to_add(qq_dom_place *);
void qq_dom_open_to_read(qq_dom_place *);

/* Says whether the directory is there, or ends the program if it cannot be told. */
int qq_dom_is_there(char const *path);

/* The highest number that was ever a domain's prefix; and remembering one, unless this is a dry
   run. Each ends the program if it cannot. */
uint64_t qq_dom_last_prefix(qq_dom_place const *);
void qq_dom_note_prefix(qq_dom_place const *, char const *prefix, size_t n);

/* ---- names.c: operands, domains, mailboxes ---- */

/* The only operand, or the end of the program, which says what was expected; and one that is a
   DOMAIN, in small letters, allocated: it can be the name of a directory. */
char const *qq_dom_one_operand(char const *expected);
char *qq_dom_domain_operand(void);

/* What an operand USER@DOMAIN names. */
typedef struct qq_dom_box {
  char const *operand;
  char *user, *domain;          /* in small letters; allocated */
  stralloc home;                /* MAILNAMES/DOMAIN/USER, also for an alias; a string */
  stralloc address;             /* =PREFIX-USER; a string */
} qq_dom_box;

/* Says whether users/assign can hold it in a field: no colon, no control character. */
int qq_dom_is_assignable(char const *);

/* Splits the operand; what is none ends the program with 100. That of a new address is not the rest
   of a domain, either, as `*' is elsewhere. */
void qq_dom_box_split(qq_dom_box *, char const *operand);
void qq_dom_box_split_new(qq_dom_box *, char const *operand);

/* Finds the domain, as qq_dom_find, and sets home and address. */
void qq_dom_box_find(qq_dom_place *, qq_dom_box *);

/* The same, and the account as qq_dom_adopt_account has it. */
void qq_dom_box_find_to_add(qq_dom_place *, qq_dom_box *);

/* The domain, or the end of the program: there is none of that name. Its mail names are taken to be
   where qq_dom_adopt_mailnames says. */
void qq_dom_find(qq_dom_place *, char const *name, qq_domain *);

/* Without --mailnames a domain that is there says itself where domains are: its own assignment
   leads to MAILNAMES/DOMAIN. */
void qq_dom_adopt_mailnames(qq_dom_place *, qq_domain const *);

/* Without --user that assignment says as whom, too, unless it is as root. Else the account is as
   qq_dom_find_account has it. */
void qq_dom_adopt_account(qq_dom_place *, qq_domain const *);

/* Appends the line of .qmail that forwards to the address to the stralloc that the option is to. */
qq_option_take qq_dom_take_forward;

/* ---- assignments.c: users/assign ---- */

/* Says whether an assignment is one of those that are meant. */
typedef int qq_dom_picks(qq_assignment const *, void const *which);

/* Those of an address, a string that begins with `=' or `+'; those whose home is a directory, a
   string. */
qq_dom_picks qq_dom_has_address, qq_dom_has_home;

/* The first one that users/assign has. Returns 1 or 0. */
int qq_dom_find_assignment(qq_dom_place const *, qq_dom_picks *, void const *which,
  qq_assignment *);

/* The prefix whose home is the directory. Returns 1 or 0. */
int qq_dom_find_prefix(qq_dom_place const *, char const *directory, qq_piece *prefix);

/* Takes those that are meant out of the plan. Returns how many. */
size_t qq_dom_unassign(qq_dom_place *, qq_dom_picks *, void const *which);

/* Adds the assignment of a home to the plan, in the place of one that the address has. */
void qq_dom_assign(qq_dom_place *, char const *address, char const *home);

/* Says whether users/assign gives that home to the address. */
int qq_dom_is_assigned(qq_dom_place const *, char const *address, char const *home);

/* Ends the program if users/assign gives the address to another home. */
void qq_dom_refuse_taken(qq_dom_place const *, char const *address, char const *home);

/* ---- lists.c: control files ---- */

/* Ends the program if the file of control/ cannot be read: what is in it is not known then. */
void qq_dom_demand_readable(qq_dom_place const *, char const *name);

/* Appends the entries of a list of control/, none if there is no such file, and sorts all. */
void qq_dom_read_list(qq_dom_place const *, char const *name, genalloc *entries);

/* Says whether they have the domain, or an end of it that begins with a dot. */
int qq_dom_is_listed(genalloc const *entries, char const *domain, size_t n);

/* Plans to add an entry to a list or map of control/, or to remove it, once a run for each file.
   qq_dom_unlist returns from how many lines. */
void qq_dom_list(qq_dom_place *, char const *name, char const *entry);
size_t qq_dom_unlist(qq_dom_place *, char const *name, char const *entry);

/* ---- carry-out.c ---- */

/* Makes the directory (text is null) or file whose path is the two strings together, the account's,
   or shows that in a dry run. Ends the program if it cannot be done. */
void qq_dom_make(qq_dom_place *, qq_step_kind, char const *directory, char const *rest,
  stralloc const *text, mode_t);

/* Ends the program if the control files of the plan are none that may be replaced: before anything
   else is made. */
void qq_dom_demand_control(qq_dom_place const *);

/* The parts of the plan. The same. The history has the program and the domain. */
void qq_dom_do_assign(qq_dom_place *);
void qq_dom_do_control(qq_dom_place *, char const *domain);

/* To be called once control/virtualdomains is written, and before assignments are dropped that a
   domain had: qmail-send goes on with what it has read until it gets a HUP. Has it sent one by what
   supervises it, and says so on standard output. Where there is no queue it says that one is to be
   sent. Returns 1; or 0 after a warning: qmail-send may run, and could not be told. */
int qq_dom_reread(qq_dom_place const *);

/* ---- forward.c: .qmail files of addresses ---- */

/* Says whether there is a file that does not say what is wanted. Returns 1 and what it says; 0; or
   -1 with errno. */
int qq_dom_is_otherwise(char const *path, stralloc const *wanted, stralloc *there);

/* Ends the program with 100 then: it may be somebody's work, and is not replaced. */
void qq_dom_refuse_otherwise(char const *path, stralloc const *wanted);

/* Sets path (a string) to the file that counts before all others for an address that was found, and
   the account to who gets its mail, whatever the layout; or ends the program: nobody does. */
void qq_dom_forward_find(qq_dom_place *, qq_dom_box const *, stralloc *path);

/* Says whether it is there, or ends the program if it does more than forward. */
int qq_dom_forward_is_there(char const *path);

/* Removes it, or shows that in a dry run. Ends the program if it cannot be done. */
void qq_dom_forward_remove(qq_dom_place const *, char const *path);

/* ---- purge.c: directories with all mail ---- */

/* Warns of each line of users/assign whose home is the directory or in it, but for those that `own'
   picks: what the line says may be spelled in another way, or lead there through links. Returns how
   many. */
size_t qq_dom_name_others(qq_dom_place const *, char const *path, qq_dom_picks *own,
  void const *which);

/* Before anything is done: ends the program if others were named, or if the directory is not one
   that can be removed. */
void qq_dom_refuse_purge(char const *path, size_t others);

/* Removes it with all that is in it, or shows that in a dry run. Ends the program if it cannot be
   done, and names what is left. */
void qq_dom_purge(qq_dom_place const *, char const *path);

/* ---- listing.c: what an assignment is to the programs that list ---- */

/* Says whether it is one that --user asks for: without the option, every one. */
int qq_dom_is_wanted(qq_dom_place const *, qq_assignment const *);

/* users/assign, sorted, so that each domain finds its own without going through all. */
typedef struct qq_dom_index {
  qq_dom_place const *place;
  genalloc lines;                       /* of qq_assign_key */
  genalloc found;                       /* of qq_assignment: of the domain at hand */
  size_t next, taken;                   /* of found; bytes of an address before the user */
} qq_dom_index;

/* Makes it. Of these three each ends the program for want of memory. */
void qq_dom_index_make(qq_dom_index *, qq_dom_place const *);

/* Starts over the wanted assignments of the domain in the order of their lines: those of its
   prefix, +PREFIX, and of its addresses, =PREFIX-USER. */
void qq_dom_index_begin(qq_dom_index *, qq_domain const *);

/* The next one, and its user, a piece of it; of the prefix's empty. Returns 1, or 0 after the
   last. */
int qq_dom_index_next(qq_dom_index *, qq_assignment *, qq_piece *user);

/* Says whether the home is in the directory of domains; rest is what follows, from a slash on. */
int qq_dom_is_in_mailnames(qq_dom_place const *, qq_piece const *home, qq_piece *rest);

/* Says whether the home is that of a mailbox of the user's name, MAILNAMES/DOMAIN/USER; what leads
   elsewhere is an alias. */
int qq_dom_is_box(qq_dom_place const *, qq_domain const *, qq_piece const *user,
  qq_piece const *home);

/* Says whether the home is the directory of the domain, or of another one that has the same
   prefix. */
int qq_dom_is_directory(qq_dom_place const *, qq_domain const *, qq_piece const *home);

#endif
