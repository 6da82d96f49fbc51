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

#define QQ_OPTIONS_DOM_ADD(place) \
  QQ_OPTIONS_DOM_FOR(place, N_("the user whom mail is delivered as (popuser)"))
#define QQ_OPTIONS_DOM_RM(place) \
  QQ_OPTIONS_DOM_FOR(place, N_("taken as the others take it; need not exist any more"))
#define QQ_OPTIONS_DOM_LIST(place) \
  QQ_OPTIONS_DOM_FOR(place, N_("only what is delivered as that user"))

typedef struct qq_dom_place {
  qq_site site;
  stralloc mailnames;           /* the directory of domains, NUL-terminated */
  char const *user;             /* null: nothing was said */
  int said_mailnames;           /* --mailnames was given */
  qq_owner account;             /* of who adds: uid and gid of user; the mode is that of directories */
  qq_plan plan;                 /* its assign begins as what users/assign is */
  int dry_run;
} qq_dom_place;

/* Takes --mailnames for the place that the option is to. */
qq_option_take qq_dom_take_mailnames;

/* Opens everything, with the lock unless it is a dry run; or ends the program. */
void qq_dom_open(qq_dom_place *);

/* The same for programs that add: finds the account of the user, too. */
void qq_dom_open_to_add(qq_dom_place *);

/* The same for programs that only read. */
void qq_dom_open_to_read(qq_dom_place *);

/* Appends MAILNAMES/NAME to path, with /OTHER behind it if that is not null, and a NUL. */
void qq_dom_path(qq_dom_place const *, stralloc *path, char const *name, char const *other);

/* Says whether the directory is there. */
int qq_dom_is_there(char const *path);

/* The domain, or the end of the program: there is none of that name. Its mail names are taken to be
   where qq_dom_adopt_mailnames says. */
void qq_dom_find(qq_dom_place *, char const *name, qq_domain *);

/* Splits USER@DOMAIN; what is none ends the program with 100. The results are allocated. */
void qq_dom_split(char const *operand, char **user, char **domain);

/* The highest number that was ever a domain's prefix; and remembering one, unless this is a dry
   run. Each ends the program if it cannot. */
uint64_t qq_dom_given(qq_dom_place const *);
void qq_dom_note_given(qq_dom_place *, char const *prefix);

/* ---- assignments.c: users/assign ---- */

/* Adds the assignment (`=' or `+' and the address) of a home to the plan, in the place of one that
   the address has; or takes it out of the plan. Returns whether the text changed. */
int qq_dom_assign(qq_dom_place *, char const *address, char const *home);
int qq_dom_unassign(qq_dom_place *, char const *address);

/* Says whether users/assign gives that home to the address. */
int qq_dom_has(qq_dom_place const *, char const *address, char const *home);

/* Ends the program if users/assign gives the address to another home. */
void qq_dom_refuse_taken(qq_dom_place const *, char const *address, char const *home);

/* Says whether the assignment's home is the directory. */
int qq_dom_is_home(qq_assignment const *, char const *directory);

/* Without --mailnames a domain that is there says itself where domains are: its own assignment
   leads to MAILNAMES/DOMAIN. */
void qq_dom_adopt_mailnames(qq_dom_place *, qq_domain const *);

/* ---- lists.c: control files ---- */

/* Says whether a list of control/ has the domain, or an end of it that begins with a dot. Returns
   1, 0, or -1: there is no such file. */
int qq_dom_is_listed(qq_dom_place const *, char const *name, char const *domain, size_t n);

/* Takes an entry into the plan for a list or map of control/, or out of it. */
void qq_dom_list(qq_dom_place *, char const *name, char const *entry);
void qq_dom_unlist(qq_dom_place *, char const *name, char const *entry);

/* ---- carry-out.c ---- */

/* Says whether the plan changes users/assign, or that file of control/. */
int qq_dom_changes_assign(qq_dom_place const *);
int qq_dom_changes_control(qq_dom_place const *, char const *name);

/* The parts of the plan, each carried out or, in a dry run, shown. Each ends the program if it
   cannot be done. */
void qq_dom_do_files(qq_dom_place *);
void qq_dom_do_assign(qq_dom_place *);
void qq_dom_do_control(qq_dom_place *, char const *what);
void qq_dom_purge(qq_dom_place *, char const *path);

/* What an assignment is to the programs that list domains and mailboxes. */

/* Says whether it is one that --user asks for: without the option, every one. */
int qq_dom_is_wanted(qq_dom_place const *, qq_assignment const *);

/* users/assign, the prefixes of virtualdomains and rcpthosts with morercpthosts, sorted, so that
   each domain finds its own without going through all. */
typedef struct qq_dom_index {
  qq_dom_place const *place;
  genalloc lines, prefixes, hosts;      /* of qq_assign_key; hosts: whose mail SMTP takes */
} qq_dom_index;

/* Makes it, or ends the program for want of memory. */
void qq_dom_index_make(qq_dom_index *, qq_dom_place const *);

/* Sets keys (of qq_assign_key) to the wanted assignments of the domain in the order of their lines:
   those of its prefix, +PREFIX, and of its addresses, =PREFIX-... Ends the program for want of
   memory. */
void qq_dom_index_find(qq_dom_index const *, qq_domain const *, genalloc *keys);

/* Says whether a domain has the prefix. */
int qq_dom_index_has(qq_dom_index const *, qq_piece const *prefix);

/* Says whether rcpthosts or morercpthosts has the domain, or an end of it that begins with a dot. */
int qq_dom_index_is_accepted(qq_dom_index const *, qq_domain const *);

/* The whole assignment of a key. */
void qq_dom_index_line(qq_dom_index const *, qq_assign_key const *, qq_assignment *);

/* Says whether the home is that of a mailbox of the user's name, MAILNAMES/DOMAIN/USER; what leads
   elsewhere is an alias. */
int qq_dom_is_box(qq_dom_place const *, qq_domain const *, qq_piece const *user, qq_piece const *home);

/* Says whether the home is the directory of the domain, or of another one that has the same prefix. */
int qq_dom_is_directory(qq_dom_place const *, qq_domain const *, qq_piece const *home);

/* What qmail-send has to be told of a change of domains. */

/* To be called once control/virtualdomains is written, and before assignments are dropped that a
   domain had: qmail-send goes on with what it has read until it gets a HUP. Has it sent one by what
   supervises it, and says so on standard output. Where there is no queue it says that one is to be
   sent. Returns 1; or 0 after a warning: qmail-send may run, and could not be told. */
int qq_dom_reread(qq_dom_place const *);

#endif
