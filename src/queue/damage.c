/* The kinds of damage, and what a person is told of each. */

#include <qq/damage.h>
#include <qq/names.h>
#include <qq/text.h>

/* What mends most of them. */
#define STOPPED N_("`qsvc stopped qq-fix' mends it.")
/* `qsvc stopped' has nothing to lock. */
#define ALONE N_("`qq-fix' mends it.")
#define HOLDS N_("`qsvc stopped qq-fix' holds the message, and says what it had to guess.")
#define ASIDE N_("`qsvc stopped qq-fix' puts it aside.")
#define OWNERS N_("`qsvc stopped qq-fix --owners' mends it.")

static qq_damage_row const rows[QQ_DAMAGES] = {
  [QQ_DAMAGE_NO_RECIPIENTS] = { "no-recipients", QQ_CLASS_LOST,
    N_("The message has no recipients."),
    N_("qmail-send ends it when it starts, without a delivery or a bounce: right if all were "
      "served (its log says), else they are lost."), ASIDE },
  [QQ_DAMAGE_NO_INFO] = { "no-info", QQ_CLASS_LOST,
    N_("The message has recipients, but no file in info/, which had its sender."),
    N_("qmail-send does not know of it, and has it removed when nobody has read it for 36 hours."),
    N_("`qsvc stopped qq-fix --log LOG' takes the sender from the log, and holds it; else it is "
      "put aside.") },
  [QQ_DAMAGE_NO_MESS] = { "no-mess", QQ_CLASS_STUCK,
    N_("The message itself is missing; its sender and its recipients are there."),
    N_("qmail-send puts off every delivery, until it is too old, and then tries to bounce it for "
      "ever."),
    N_("`qsvc stopped qq-fix' puts it aside, and says who sent what to whom; or `qsvc stopped "
      "qq-rm' with the number ends it.") },
  [QQ_DAMAGE_INFO_ALONE] = { "info-alone", QQ_CLASS_DEBRIS,
    N_("It is left over from a message that is not there."),
    N_("qmail-send removes it when it starts."),
    N_("`qsvc stopped qq-fix' puts it aside; or `qsvc stopped qq-rm' with the number ends it.") },
  [QQ_DAMAGE_TODO_ALONE] = { "todo-alone", QQ_CLASS_BLOCKS,
    N_("It is the envelope of a message that is not there."),
    N_("qmail-send logs `unable to stat' at each look at todo/, and qmail-queue refuses the new "
      "message that gets this number."),
    N_("`qsvc stopped qq-fix' puts it aside; or `qsvc stopped qq-rm' with the number ends it.") },
  [QQ_DAMAGE_INTD_ALONE] = { "intd-alone", QQ_CLASS_BLOCKS,
    N_("It is the unfinished envelope of a message that is not there."),
    N_("qmail-queue refuses the new message that gets this number."),
    N_("`qsvc stopped qq-fix' puts it aside; or `qsvc stopped qq-rm' with the number ends it.") },
  [QQ_DAMAGE_RECIPIENTS_ALONE] = { "recipients-alone", QQ_CLASS_DEBRIS,
    N_("They are the recipients of a message that is not there."),
    N_("qmail-send removes them when a new message gets this number."),
    N_("`qsvc stopped qq-fix' puts them aside; or `qsvc stopped qq-rm' with the number ends "
      "them.") },
  [QQ_DAMAGE_BOUNCE_ALONE] = { "bounce-alone", QQ_CLASS_STRANGER,
    N_("It is left over from another message."),
    N_("qmail-send sends it to the sender of the next message that gets this number."),
    N_("`qsvc stopped qq-fix' puts it aside.") },
  [QQ_DAMAGE_OLD_REMAINS] = { "old-remains", QQ_CLASS_DEBRIS,
    N_("It is what a qmail-queue that was killed has left, or a removal."),
    N_("qmail-send has it removed within a day, if it runs."),
    N_("Nothing has to be done.") },
  [QQ_DAMAGE_TODO_EMPTY] = { "todo-empty", QQ_CLASS_STUCK,
    N_("The envelope has no sender."),
    N_("qmail-send makes an empty file in info/ of it, and never delivers the message."), ASIDE },
  [QQ_DAMAGE_TODO_LETTER] = { "todo-letter", QQ_CLASS_STUCK,
    N_("The envelope has a record of an unknown type."),
    N_("qmail-send logs `unknown record type' at each look at todo/, and never delivers the "
      "message."), HOLDS },
  [QQ_DAMAGE_TODO_CUT] = { "todo-cut", QQ_CLASS_LOST,
    N_("The envelope is cut off: its last record has no NUL."),
    N_("qmail-send drops the last recipient, without a delivery or a bounce."), HOLDS },
  [QQ_DAMAGE_INFO_BAD] = { "info-bad", QQ_CLASS_STUCK,
    N_("The file has no whole record with the sender."),
    N_("qmail-send logs `trouble opening' every two minutes, and never delivers the message."),
    N_("`qsvc stopped qq-fix --log LOG' takes the sender from the log, and holds the message; "
      "else it is put aside.") },
  [QQ_DAMAGE_RECIPIENTS_EMPTY] = { "recipients-empty", QQ_CLASS_LOST,
    N_("The file of recipients is empty."),
    N_("qmail-send ends the message at its next look, without a delivery or a bounce."),
    N_("`qsvc stopped qq-fix' holds the message, if another file has recipients; else it is put "
      "aside.") },
  [QQ_DAMAGE_RECIPIENTS_LETTER] = { "recipients-letter", QQ_CLASS_STUCK,
    N_("The file of recipients has a record of an unknown type."),
    N_("qmail-send logs `unknown record type', and does not serve the recipients behind it."),
    HOLDS },
  [QQ_DAMAGE_RECIPIENTS_CUT] = { "recipients-cut", QQ_CLASS_LOST,
    N_("The file of recipients is cut off: its last record has no NUL."),
    N_("qmail-send never serves that recipient, and ends the message without it."), HOLDS },
  [QQ_DAMAGE_NUMBER] = { "number", QQ_CLASS_BLOCKS,
    N_("Its name is not its inode number, as after a backup was restored."),
    N_("qmail-send delivers it; but a new message may get the same number, which qmail-queue then "
      "refuses."), STOPPED },
  [QQ_DAMAGE_MESS_MISPLACED] = { "mess-misplaced", QQ_CLASS_STUCK,
    N_("The message is in the wrong split directory."),
    N_("qmail-send puts off every delivery, because it cannot open it."), STOPPED },
  [QQ_DAMAGE_INFO_MISPLACED] = { "info-misplaced", QQ_CLASS_LOST,
    N_("It is in the wrong split directory."),
    N_("qmail-send does not find the message, and has it removed when nobody has read it for 36 "
      "hours."), STOPPED },
  [QQ_DAMAGE_RECIPIENTS_MISPLACED] = { "recipients-misplaced", QQ_CLASS_LOST,
    N_("The recipients are in the wrong split directory."),
    N_("qmail-send ends the message when it starts, without a delivery or a bounce."),
    N_("`qsvc stopped qq-fix' mends it: do not restart qmail-send before.") },
  [QQ_DAMAGE_TODO_MISPLACED] = { "todo-misplaced", QQ_CLASS_LOST,
    N_("The envelope is in the wrong directory."),
    N_("qmail-send does not find it, and has the message removed when nobody has read it for 36 "
      "hours."), STOPPED },
  [QQ_DAMAGE_INTD_MISPLACED] = { "intd-misplaced", QQ_CLASS_DEBRIS,
    N_("The unfinished envelope is in the wrong directory."),
    N_("qmail does not look for it there."), STOPPED },
  [QQ_DAMAGE_BOUNCE_MISPLACED] = { "bounce-misplaced", QQ_CLASS_LOST,
    N_("It is in a directory, where there are none in bounce/."),
    N_("qmail-send does not find it, and the sender is not told what has failed."), STOPPED },
  [QQ_DAMAGE_TWICE] = { "twice", QQ_CLASS_DEBRIS,
    N_("There is another file of that name, in the right directory."),
    N_("qmail does not look for it here."),
    N_("Nobody can say which one is meant: look at both, and move one of them out of the queue; "
      "qq-fix does nothing before.") },
  [QQ_DAMAGE_FILE_TYPE] = { "file-type", QQ_CLASS_STUCK,
    N_("It is no regular file."),
    N_("qmail-send cannot read it, and does not deliver the message."), ASIDE },
  [QQ_DAMAGE_MESS_OWNER] = { "mess-owner", QQ_CLASS_OWNER, 0,
    N_("qmail-send puts off every delivery (`wrong owner')."), OWNERS },
  [QQ_DAMAGE_MESS_MODE] = { "mess-mode", QQ_CLASS_STUCK, 0,
    N_("qmail-send puts off every delivery by who may not read it."), STOPPED },
  [QQ_DAMAGE_TODO_MODE] = { "todo-mode", QQ_CLASS_STUCK, 0,
    N_("qmail-send cannot open it, and never delivers the message."), STOPPED },
  [QQ_DAMAGE_RECORD_OWNER] = { "record-owner", QQ_CLASS_STUCK, 0,
    N_("qmail-send logs `trouble opening' every two minutes, and does not go on with the "
      "message."), STOPPED },
  [QQ_DAMAGE_FILE_LOOSE] = { "file-loose", QQ_CLASS_OWNER, 0,
    N_("qmail works with it, but others can change what is in it."), STOPPED },
  [QQ_DAMAGE_NAME] = { "name", QQ_CLASS_DEBRIS,
    N_("Its name is no number of a message."),
    N_("qmail ignores it."),
    N_("Nothing has to be done; nobody's mail is in it, if nobody has renamed it.") },
  [QQ_DAMAGE_LEAVINGS] = { "leavings", QQ_CLASS_DEBRIS,
    N_("A program of qqtools that was interrupted has left it."),
    N_("qmail ignores it."),
    N_("`qsvc stopped qq-fix' removes it; so does the program, when it is run again.") },
  [QQ_DAMAGE_OLD_PID] = { "old-pid", QQ_CLASS_DEBRIS,
    N_("It is what a qmail-queue that was killed has left."),
    N_("qmail-send has it removed within a day, if it runs."),
    N_("Nothing has to be done.") },
  [QQ_DAMAGE_TREE_MISSING] = { "tree-missing", QQ_CLASS_BLOCKS,
    N_("The directory is missing."),
    N_("qmail-send does not work without it, and no mail is taken, or none is delivered."),
    STOPPED },
  [QQ_DAMAGE_DIRECTORY_MISSING] = { "directory-missing", QQ_CLASS_BLOCKS,
    N_("The directory is missing."),
    N_("qmail-send waits for it (`unable to opendir'), or no message whose number leads to it is "
      "taken."), STOPPED },
  [QQ_DAMAGE_DIRECTORY_TYPE] = { "directory-type", QQ_CLASS_BLOCKS,
    N_("It is no directory, where one should be."),
    N_("qmail-send waits for it (`unable to opendir'), or no message whose number leads to it is "
      "taken."), STOPPED },
  [QQ_DAMAGE_DIRECTORY_SPARE] = { "directory-spare", QQ_CLASS_DEBRIS,
    N_("The directory is not below the split, as after qmail was built with a smaller one."),
    N_("qmail does not look into it."),
    N_("rmdir(1) removes it, once it is empty.") },
  [QQ_DAMAGE_DIRECTORY_OWNER] = { "directory-owner", QQ_CLASS_OWNER, 0,
    N_("Parts of qmail cannot do their work in it, or others can look or change what is in it."),
    OWNERS },
  [QQ_DAMAGE_SPLIT] = { "split", QQ_CLASS_LOST, 0,
    N_("qmail-send does not find most of the messages, and has them removed when nobody has read "
      "them for 36 hours."),
    N_("`qsvc stopped qq-fix --split' with the number that qmail-showctl says mends it.") },
  [QQ_DAMAGE_TRIGGER_MISSING] = { "trigger-missing", QQ_CLASS_SLOW,
    N_("It is missing."),
    N_("qmail-send is not told of new mail, which waits for up to 25 minutes."), STOPPED },
  [QQ_DAMAGE_TRIGGER_TYPE] = { "trigger-type", QQ_CLASS_SLOW,
    N_("It is no named pipe."),
    N_("qmail-send delivers, but runs in a busy loop, or is not told of new mail."), STOPPED },
  [QQ_DAMAGE_TRIGGER_OWNER] = { "trigger-owner", QQ_CLASS_OWNER, 0,
    N_("qmail-send is not told of new mail, which waits for up to 25 minutes, or others can take "
      "that away."), OWNERS },
  [QQ_DAMAGE_MUTEX_MISSING] = { "mutex-missing", QQ_CLASS_BLOCKS,
    N_("It is missing."),
    N_("qmail-send cannot start."), ALONE },
  [QQ_DAMAGE_MUTEX_TYPE] = { "mutex-type", QQ_CLASS_BLOCKS,
    N_("It is no regular file."),
    N_("qmail-send cannot start, or two can at once."), STOPPED },
  [QQ_DAMAGE_MUTEX_OWNER] = { "mutex-owner", QQ_CLASS_OWNER, 0,
    N_("qmail-send cannot start, or others can keep it from starting."), OWNERS },
  [QQ_DAMAGE_TCPTO_MISSING] = { "tcpto-missing", QQ_CLASS_SLOW,
    N_("It is missing."),
    N_("qmail-remote does not remember which hosts could not be reached, and tries them again at "
      "each delivery."), STOPPED },
  [QQ_DAMAGE_TCPTO_SIZE] = { "tcpto-size", QQ_CLASS_SLOW,
    N_("It does not have its size, or is no regular file."),
    N_("qmail-remote does not remember which hosts could not be reached, and tries them again at "
      "each delivery."), STOPPED },
  [QQ_DAMAGE_TCPTO_OWNER] = { "tcpto-owner", QQ_CLASS_OWNER, 0,
    N_("qmail-remote does not remember which hosts could not be reached, or others can change "
      "what it remembers."), OWNERS },
};

qq_damage_row const *qq_damage_about(qq_damage_kind kind)
{
  return &rows[kind];
}

char const *qq_damage_class_word(qq_damage_class class)
{
  static char const *const words[] = { "lost", "stranger", "stuck", "blocks",
    "slow", "owner", "debris" };
  return words[class];
}

/* What a letter stood for qq-fix cannot know either. */
char const *qq_damage_mend(qq_damage const *d)
{
  int const is_letter = d->kind == QQ_DAMAGE_RECIPIENTS_LETTER && d->files;
  if (is_letter && d->files->is_over)
    return N_("It was removed, and is over: `qq-list --over | qq-rm' ends it.");
  if (!is_letter || !qq_files_is_held(d->files)) return rows[d->kind].mend;
  return N_("It is held: qq-release lets go of it as it is, and qq-rm removes it.");
}

int qq_damage_say(stralloc *sa, qq_damage const *d)
{
  qq_damage_row const *row = &rows[d->kind];
  return qq_fmt(sa, "%s: %s: %s %s %s", qq_damage_class_word(row->class), d->path, d->is,
    _(row->does), _(qq_damage_mend(d)));
}
