#include <string.h>
#include <sys/stat.h>
#include <qq/instance.h>
#include <qq/names.h>
#include <qq/os.h>

int qq_process_is_qmail_send(pid_t pid, int queue_fd)
{
  struct stat queue;
  qq_os_process p;
  int r;
  if (pid <= 0) return 0;
  if (fstat(queue_fd, &queue) < 0) return -1;
  r = qq_os_process_look(pid, &p);
  if (r != 1 || strcmp(p.name, QQ_NAME_QMAIL_SEND)) return r < 0 ? r : 0;
  return qq_os_process_works_in(pid, queue.st_dev, queue.st_ino);
}
