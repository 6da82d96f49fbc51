/* What is wrong with a queue, and what a message in it consists of: found by looking alone, beside
   a running qmail-send too (INTERNALS: damage). qq-check(8) says it, qq-fix(8) mends it, qq-rm(8)
   ends what is left of messages. */

#ifndef QQ_DAMAGE_H
#define QQ_DAMAGE_H

#include <sys/stat.h>
#include <qq/queue.h>

/* ---- kinds ---- */

/* What comes of it if nobody does anything. */
typedef enum {
  QQ_CLASS_LOST,                /* mail ends, or is removed, without delivery or bounce */
  QQ_CLASS_STRANGER,            /* goes to whom it does not concern */
  QQ_CLASS_STUCK,               /* is not delivered until somebody mends it */
  QQ_CLASS_BLOCKS,              /* keeps other mail from being taken or delivered */
  QQ_CLASS_SLOW,                /* works, but late or at a price */
  QQ_CLASS_OWNER,               /* owner or mode: who should may not, or who should not may */
  QQ_CLASS_DEBRIS               /* is in nobody's way */
} qq_damage_class;

/* M, I, T, F, R, B: files in mess, intd, todo, info, a channel, bounce. */
typedef enum {
  /* of messages: which files there are */
  QQ_DAMAGE_NO_RECIPIENTS,      /* M F, no R, no B */
  QQ_DAMAGE_NO_INFO,            /* M R, no F, no T */
  QQ_DAMAGE_NO_MESS,            /* F R, no M */
  QQ_DAMAGE_INFO_ALONE,         /* F, perhaps B; no M, no R */
  QQ_DAMAGE_TODO_ALONE,         /* T, no M */
  QQ_DAMAGE_INTD_ALONE,         /* I, no M, no T */
  QQ_DAMAGE_RECIPIENTS_ALONE,   /* R, no M, no F, no T */
  QQ_DAMAGE_BOUNCE_ALONE,       /* B, no F; M and T or not */
  QQ_DAMAGE_OLD_REMAINS,        /* M, or M I, for over 36 hours */
  /* what is in them */
  QQ_DAMAGE_TODO_EMPTY,         /* no sender before the first recipient, or none at all */
  QQ_DAMAGE_TODO_LETTER,        /* an unknown record type */
  QQ_DAMAGE_TODO_CUT,           /* the last record has no NUL */
  QQ_DAMAGE_INFO_BAD,           /* empty, without its NUL, or no F */
  QQ_DAMAGE_RECIPIENTS_EMPTY,
  QQ_DAMAGE_RECIPIENTS_LETTER,
  QQ_DAMAGE_RECIPIENTS_CUT,
  /* where they are */
  QQ_DAMAGE_NUMBER,             /* the name of M is not its inode number */
  QQ_DAMAGE_MESS_MISPLACED,     /* in a directory in which qmail does not look for it */
  QQ_DAMAGE_INFO_MISPLACED,
  QQ_DAMAGE_RECIPIENTS_MISPLACED,
  QQ_DAMAGE_TODO_MISPLACED,
  QQ_DAMAGE_INTD_MISPLACED,
  QQ_DAMAGE_BOUNCE_MISPLACED,
  QQ_DAMAGE_TWICE,              /* a second file of the same tree and name, in another directory */
  /* what they are, and whose */
  QQ_DAMAGE_FILE_TYPE,          /* no regular file */
  QQ_DAMAGE_MESS_OWNER,         /* not qmailq's; root's is held, qmails' is over: no damage */
  QQ_DAMAGE_MESS_MODE,          /* not to be read by all */
  QQ_DAMAGE_TODO_MODE,          /* T is not to be read by qmail-send */
  QQ_DAMAGE_RECORD_OWNER,       /* of F, R, B; owner or mode: qmail-send cannot use it */
  QQ_DAMAGE_FILE_LOOSE,         /* others can change it, or (T, I) its owner is not qmailq */
  /* directories */
  QQ_DAMAGE_NAME,               /* a name that is no number */
  QQ_DAMAGE_LEAVINGS,           /* what a change of ours left that was interrupted */
  QQ_DAMAGE_OLD_PID,            /* in pid/ for over 36 hours */
  QQ_DAMAGE_TREE_MISSING,       /* a whole tree, or pid/ */
  QQ_DAMAGE_DIRECTORY_MISSING,  /* a numbered one below the split */
  QQ_DAMAGE_DIRECTORY_TYPE,     /* no directory, or a link to one */
  QQ_DAMAGE_DIRECTORY_SPARE,    /* numbered, and not below the split */
  QQ_DAMAGE_DIRECTORY_OWNER,    /* owner or mode */
  QQ_DAMAGE_SPLIT,              /* not the one that qmail was built with */
  /* lock/ */
  QQ_DAMAGE_TRIGGER_MISSING,
  QQ_DAMAGE_TRIGGER_TYPE,
  QQ_DAMAGE_TRIGGER_OWNER,
  QQ_DAMAGE_MUTEX_MISSING,
  QQ_DAMAGE_MUTEX_TYPE,
  QQ_DAMAGE_MUTEX_OWNER,
  QQ_DAMAGE_TCPTO_MISSING,
  QQ_DAMAGE_TCPTO_SIZE,         /* empty, or no regular file */
  QQ_DAMAGE_TCPTO_OWNER,
  QQ_DAMAGES
} qq_damage_kind;

/* What is to be said of a kind. All are whole sentences for people, through _(). */
typedef struct qq_damage_row {
  char const *word;             /* for scripts, never translated: `no-info' */
  qq_damage_class class;
  char const *is;               /* null: each finding has its own (qq_damage.is) */
  char const *does;             /* what qmail does with it */
  char const *mend;             /* what mends it, for most (qq_damage_mend) */
} qq_damage_row;
qq_damage_row const *qq_damage_about(qq_damage_kind);

/* lost, stranger ...: for JSON as it is, for people through _(). */
char const *qq_damage_class_word(qq_damage_class);

/* ---- what is there ---- */

#define QQ_NO_DIRECTORY (-1)

/* A file that has the number as its name. */
typedef struct qq_file {
  unsigned int tree;
  int directory;                /* the numbered one that it lies in, or QQ_NO_DIRECTORY */
  int is_misplaced;             /* qmail does not look for it there */
  uint64_t kinds;               /* what is wrong with it: 1 << qq_damage_kind for each */
  struct stat st;
} qq_file;

/* All that has one number. */
typedef struct qq_files {
  uint64_t id;
  genalloc files;               /* of qq_file; by tree, and the one that is in its place first */
  uint64_t kinds;               /* what is wrong with one of them */
  int is_over;                  /* it was removed, and is qmail-send's to end; once it is judged */
} qq_files;

/* The file in that tree, the one in its place before others; null: there is none. */
qq_file const *qq_files_in(qq_files const *, unsigned int tree);

/* Says whether the message is root's: held, whatever mark it has. */
static inline int qq_files_is_held(qq_files const *p)
{
  qq_file const *mess = qq_files_in(p, QQ_MESS);
  return mess && !mess->st.st_uid;
}

static inline int qq_files_have(qq_files const *p, qq_damage_kind kind)
{
  return p->kinds >> kind & 1;
}

/* A finding. */
typedef struct qq_damage {
  qq_damage_kind kind;
  char const *path;             /* within the queue: `info/5/1234'; `.' is the queue */
  char const *is;               /* what is wrong; translated */
  qq_files const *files;        /* of the number that it is about; null: it is about none */
} qq_damage;

/* What mends it; not translated. */
char const *qq_damage_mend(qq_damage const *);

/* Appends what a person is told, in one line: CLASS: PATH: what it is. What qmail does. What mends
   it. Returns 1, or 0 with errno ENOMEM. */
int qq_damage_say(stralloc *, qq_damage const *);

/* ---- what a queue should be ---- */

typedef enum { QQ_USER_QMAILQ, QQ_USER_QMAILS, QQ_USER_QMAILR, QQ_USERS } qq_queue_user;

/* Whose a queue should be, and what its qmail was built with. */
#define QQ_ANYBODY ((uid_t)-1)
typedef struct qq_expected {
  uid_t uids[QQ_USERS];         /* QQ_ANYBODY: not known */
  gid_t group;
  int is_known;                 /* qmail itself was asked, or there are users of these names; else
                                   it is what mess/ and info/ say */
  unsigned int split;           /* as qmail was built; 0: it was not asked */
} qq_expected;

/* Asks bin/qmail-showctl of the home, as qq_built_ask does; else the password database, if mess/ or
   info/ are root's; else it is as mess/ and info/ are, as in a copy, and in indimail's qmta. home
   may be the empty string. Returns 1; or -1 with errno and why. */
int qq_expected_find(qq_expected *, qq_queue const *, char const *home, stralloc *why);

/* A directory or a file of lock/, as qmail's installation makes it (hier.c:hier). */
typedef struct qq_fixture {
  char const *name;             /* within the queue; `.' is the queue */
  qq_queue_user user;
  mode_t mode;                  /* with S_IFDIR, S_IFREG or S_IFIFO */
  off_t size;                   /* of a regular file, at least */
  int is_optional;
} qq_fixture;

/* Those beside the trees: the queue, pid, lock and what is in it. The row behind the last has a
   null name. */
extern qq_fixture const qq_fixtures[];

/* Of a tree, and of the numbered directories in it; its name is qq_queue's. */
qq_fixture qq_fixture_of(qq_queue const *, unsigned int tree);

/* ---- looking ---- */

/* A queue of which files may be missing is opened with qq_queue_open_damaged (qq/queue.h). */
typedef struct qq_look {
  /* the caller sets */
  qq_queue const *queue;
  qq_expected const *expected;
  unsigned int jobs;            /* threads, from qq_walk_jobs */
  /* Nobody changes the queue, and the caller is root: nothing is asked twice, and intd/ is looked
     at with the messages. Else it is with the directories, while the caller still is root, and is
     in no files. */
  int is_still;
  /* Each is called by one thread at a time; each may be null. The texts and files are valid until
     it returns. report: a finding. number: all that has a number, sound or not, after what was
     found about it. trouble: what could not be looked at. */
  void (*report)(void *, qq_damage const *);
  void (*number)(void *, qq_files const *);
  void (*trouble)(void *, char const *s, size_t n);
  void *to;
  void (*progress)(uint64_t done, uint64_t all, uint64_t messages);
  /* private from here; all zero before */
  genalloc strays, suspects;    /* of qq_stray; of suspects */
  genalloc unsplit[QQ_CHANNEL]; /* of uint64_t: the numbers in trees that are not split */
  unsigned int next;
  uint64_t messages;
  int error, is_watched;
  pthread_mutex_t mutex;
} qq_look;

/* Looks at the directories, the files of lock/ and pid/, and for names that are in the wrong place;
   reads no file. (qq_look_fixtures: only at what is no message's, instead.) Then at the messages.
   All change nothing, and do not open the trigger. What is not as it should be, and may be on its
   way, is looked at until it has stayed so. Return 1, or -1 with errno when the queue cannot be
   read; what cannot be read of one message is trouble. */
int qq_look_directories(qq_look *);
int qq_look_fixtures(qq_look *);
int qq_look_messages(qq_look *);
void qq_look_free(qq_look *);

/* A file in a directory in which qmail does not look for it. */
typedef struct qq_stray { uint64_t id; unsigned int tree; int directory; } qq_stray;

/* Lists those of the queue, sorted by id (of qq_stray). Returns 1, or -1 with errno. */
int qq_strays_find(genalloc *strays, qq_queue const *);

/* Looks at one number, in the trees (1 << tree for each, or QQ_ALL_TREES) and among the strays,
   which may be null. The files, zeroed at first, belong to the caller, who frees them with
   qq_files_free. Returns 1; 0: nothing has the number; or -1 with errno and why. */
#define QQ_ALL_TREES UINT64_MAX
int qq_files_look(qq_files *, qq_shard *, genalloc const *strays, uint64_t id, uint64_t trees,
  stralloc *why);
void qq_files_free(qq_files *);

/* Finds what is wrong with files that were looked at, reads the envelope for it, and sets their
   kinds. Returns 1, or -1 with errno and why. */
int qq_files_judge(qq_files *, qq_shard *, qq_expected const *, stralloc *why);

/* Appends the file's name within the queue. Returns 1, or 0 with errno ENOMEM. */
int qq_file_path(stralloc *, qq_queue const *, qq_file const *, uint64_t id);

#endif
