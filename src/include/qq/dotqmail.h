/* What qmail-local makes of a home and the .qmail file in it that an address leads to, as far as
   can be said without delivering anything (qmail-local.c:main, checkhome, qmesearch). */

#ifndef QQ_DOTQMAIL_H
#define QQ_DOTQMAIL_H

#include <sys/stat.h>
#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>
#include <qq/text.h>

typedef enum {
  QQ_VERDICT_HOME_FOREIGN = 1,  /* the home belongs to another uid: hardly as it is meant */
  QQ_VERDICT_PASSED,            /* a name that is no regular file, or leads to none, and does not
                                   count; what: the name */
  QQ_VERDICT_READS,             /* the file that counts */
  QQ_VERDICT_PROGRAM,           /* a line of it; what: the command, file or address */
  QQ_VERDICT_MAILDIR,
  QQ_VERDICT_MBOX,
  QQ_VERDICT_FORWARD,
  QQ_VERDICT_STOPS,             /* the program of the line before: lines below do not count */
  QQ_VERDICT_OTHER,             /* a line with +, of which qmail-local knows +list */
  QQ_VERDICT_TARGET_FOREIGN,    /* the maildir or mbox of the line before belongs to another uid */
  QQ_VERDICT_NO_CUR,            /* the maildir has no cur, which qmail-local does not need, but
                                   whoever reads it */
  QQ_VERDICT_ODD,               /* a line that is hardly meant: an address that nobody has, a
                                   carriage return at its end; what: the line */
  QQ_VERDICT_EMPTY,             /* the file: the default instructions count */
  QQ_VERDICT_NOTHING,           /* is in the file but comments: the mail is thrown away */
  QQ_VERDICT_DEFAULT,           /* there is no file: the default instructions count */
  /* Nobody knows. */
  QQ_VERDICT_STRANGER,          /* we are root, but cannot become the uid */
  QQ_VERDICT_HOME_HIDDEN,       /* it is we who may not enter the home */
  QQ_VERDICT_HIDDEN,            /* it is we who cannot read the file */
  QQ_VERDICT_UNSHOWN,           /* the file; what: why */
  QQ_VERDICT_UNSEEN,            /* where the line before leads; what: its path */
  /* The mail bounces. */
  QQ_VERDICT_BOUNCES,           /* there is no file */
  QQ_VERDICT_HOME_RELATIVE,     /* the home does not begin with a slash */
  QQ_VERDICT_BOUNCED,           /* by the program of the line before; lines below do not count */
  /* The mail is deferred. */
  QQ_VERDICT_HOMELESS,          /* the home is no directory that is there */
  QQ_VERDICT_HOME_SHUT,         /* the uid cannot enter it */
  QQ_VERDICT_HOME_WRITABLE,     /* by others */
  QQ_VERDICT_HOME_STICKY,
  QQ_VERDICT_WRITABLE,          /* the file, by others */
  QQ_VERDICT_UNREADABLE,        /* the file, for the uid */
  QQ_VERDICT_BLANK,             /* the first line */
  QQ_VERDICT_MISSING,           /* the program of the line before is not there; what: its path */
  QQ_VERDICT_FORBIDDEN,         /* the uid cannot run it; the same */
  QQ_VERDICT_DEFERRED,          /* by the program of the line before, which exits so */
  /* The maildir or mbox of the line before; what: its path, in a maildir with part behind it: */
  QQ_VERDICT_NO_DIRECTORY,      /* the maildir is no directory that is there */
  QQ_VERDICT_NO_PLACE,          /* the mbox is not there, nor the directory that it is to be in */
  QQ_VERDICT_TARGET_SHUT,       /* the uid may not enter it, or write to it */
  QQ_VERDICT_NO_FILE,           /* an mbox is a directory, a pipe or a device */
  /* The last ones: */
  QQ_VERDICT_REFUSED,           /* the line before: a file with the execute bit only forwards */
  QQ_VERDICT_REFUSED_LIST,      /* the same below +list */
  QQ_VERDICTS
} qq_verdict_kind;

#define QQ_VERDICT_IS_UNKNOWN(kind) \
  ((kind) >= QQ_VERDICT_STRANGER && (kind) < QQ_VERDICT_BOUNCES)
#define QQ_VERDICT_FAILS(kind) ((kind) >= QQ_VERDICT_BOUNCES)

typedef struct qq_verdict {
  qq_verdict_kind kind;
  qq_piece what;
  char const *part;             /* tmp or new; else empty */
  int error;                    /* errno, of what failed */
  int is_below;                 /* not met if the program of a line above exits with 99 */
} qq_verdict;

typedef struct qq_dotqmail {
  uid_t uid;                    /* that delivers */
  gid_t gid;
  mode_t patrn;                 /* what the mode of a home or file must not have */
  int is_user;                  /* we look at it as these two */
  int home_fd;                  /* while it is judged */
  stralloc home, name;          /* NUL-terminated; name: of the file in the home */
  stralloc passed;              /* the same, of one that does not count */
  struct stat home_stat, stat;
  stralloc text;                /* of the file */
  int runs, is_over;            /* a line of it runs a program; ends what is carried out */
  genalloc verdicts;            /* of qq_verdict, in the order in which qmail-local meets them */
} qq_dotqmail;

/* Judges for the fields of an assignment (qq/assign.h); patrn: the bits of a mode that are refused
   (qq_built). Root becomes whom qmail-local would run as,
   for as long as this takes (qq_os_act_as): no thread may be running. Anybody else sees what he may
   see. Nothing but regular files is opened, and no more than 1 MB of one read. Returns 1, and the
   caller frees it with qq_dotqmail_free; or 0 with errno: ENOMEM, or we cannot become root again,
   and there is nothing left to do but to end. */
int qq_dotqmail_judge(qq_dotqmail *, qq_piece const *fields, mode_t patrn);
void qq_dotqmail_free(qq_dotqmail *);

/* Appends the name in the home of the file that counts before all others for the fields. Returns 1,
   or 0 with errno ENOMEM. */
int qq_dotqmail_name(stralloc *name, qq_piece const *fields);

/* Says whether the home that was judged has a file .qmail for the dash and an extension with that
   beginning, or that is not ours to see; as the same user. Returns 1, 0, or -1 with errno. */
int qq_dotqmail_has_file(qq_dotqmail const *, qq_piece const *dash, qq_piece const *beginning);

/* Appends the words for a verdict: in them %h is the home, %f the file, %w what, %p its part; %M
   and %O mode and owner of the home, %m the mode of the file; %u the uid, %e the error; %b, unless
   a program above exits with 99. Returns 1, or 0 with errno ENOMEM. */
int qq_dotqmail_say(stralloc *, char const *words, qq_dotqmail const *, qq_verdict const *);

/* Says whether a line of .qmail forwards, and sets to to the address, a piece of it
   (qmail-local.c:main). Returns 1 or 0. */
int qq_dotqmail_forward(qq_piece line, qq_piece *to);

/* ---- private: where its lines lead. All return 1, or 0 with errno ENOMEM. ---- */

int qq_dotqmail_judge_text(qq_dotqmail *);

/* The n bytes of the command of a line; of a maildir or an mbox, at s. */
int qq_dotqmail_judge_program(qq_dotqmail *, char const *s, size_t n);
int qq_dotqmail_judge_target(qq_dotqmail *, char const *s, size_t n);

/* Adds a verdict, with errno. */
int qq_verdict_add(qq_dotqmail *, qq_verdict_kind, char const *what, size_t n);
int qq_verdict_add_part(qq_dotqmail *, qq_verdict_kind, char const *what, size_t n,
  char const *part);

/* Says whether the uid has the rights to what stat(2) has said, 04 to read, 02 to write, 01 to run
   or enter; where: its path from the home, asked itself if we are the user. */
int qq_dotqmail_may(qq_dotqmail const *, char const *where, struct stat const *, mode_t rights);

#endif
