/* What an assignment is to the programs that list domains and mailboxes. */

#ifndef QQ_DOM_LISTING_H
#define QQ_DOM_LISTING_H

#include <qq/assign_edit.h>
#include "place.h"

/* Says whether it is one that --user asks for: without the option, every one. */
int qq_dom_is_wanted(qq_dom_place const *, qq_assignment const *);

/* users/assign, the prefixes of virtualdomains and rcpthosts with morercpthosts, sorted, so that each domain finds its own without going through all. */
typedef struct qq_dom_index {
  qq_dom_place const *place;
  genalloc lines, prefixes, hosts;      /* of qq_assign_key; hosts: whose mail SMTP takes */
} qq_dom_index;

/* Makes it, or ends the program for want of memory. */
void qq_dom_index_make(qq_dom_index *, qq_dom_place const *);

/* Sets keys (of qq_assign_key) to the wanted assignments of the domain in the order of their lines: those of its prefix, +PREFIX, and of its addresses,
   =PREFIX-... Ends the program for want of memory. */
void qq_dom_index_find(qq_dom_index const *, qq_domain const *, genalloc *keys);

/* Says whether a domain has the prefix. */
int qq_dom_index_has(qq_dom_index const *, qq_piece const *prefix);

/* Says whether rcpthosts or morercpthosts has the domain, or an end of it that begins with a dot. */
int qq_dom_index_is_accepted(qq_dom_index const *, qq_domain const *);

/* The whole assignment of a key. */
void qq_dom_index_line(qq_dom_index const *, qq_assign_key const *, qq_assignment *);

/* Says whether the home is that of a mailbox of the user's name, MAILNAMES/DOMAIN/USER; what leads elsewhere is an alias. */
int qq_dom_is_box(qq_dom_place const *, qq_domain const *, qq_piece const *user, qq_piece const *home);

/* Says whether the home is the directory of the domain, or of another one that has the same prefix. */
int qq_dom_is_directory(qq_dom_place const *, qq_domain const *, qq_piece const *home);

#endif
