#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <qq/names.h>
#include <qq/os.h>
#include <qq/process.h>

int qq_process_is_qmail_send(pid_t pid, int queue_fd)
{
  struct stat st;
  int r;
  if (pid <= 0) return 0;
  if (fstat(queue_fd, &st) < 0) return -1;
  r = qq_os_process_is(pid, QQ_NAME_QMAIL_SEND, st.st_dev, st.st_ino);
  return r < 0 && (errno == ENOENT || errno == ESRCH) ? 0 : r;  /* it has ended */
}

int qq_process_flush(pid_t pid, int queue_fd)
{
  int const r = qq_process_is_qmail_send(pid, queue_fd);
  if (r != 1) return r;
  return kill(pid, SIGALRM) < 0 ? -1 : 1;
}
