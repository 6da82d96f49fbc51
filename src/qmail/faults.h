/* What is wrong with owners and modes, as lock/ and programs share it. */

#ifndef QQ_FAULTS_H
#define QQ_FAULTS_H

#include <sys/stat.h>
#include <sys/types.h>
#include <skalibs/stralloc.h>

/* Whose the queue is (hier.c:hier). */
typedef struct qq_owners {
  uid_t qmailq, qmails;         /* owners of mess/ and info/ */
  gid_t qmail;                  /* group of mess/ */
} qq_owners;

/* Returns 1, or -1 with errno. */
int qq_owners_find(qq_owners *, int queue_fd);

/* Appends `NAME is prw------- root:root, expected ...: what follows', or `NAME is not there: what
   follows', with a NUL behind it. Return 1, or -1 with errno ENOMEM. */
int qq_fault_add(stralloc *faults, char const *name, struct stat const *is, mode_t mode, uid_t uid,
  gid_t gid, char const *then);
int qq_fault_add_missing(stralloc *faults, char const *name, char const *then);

#endif
