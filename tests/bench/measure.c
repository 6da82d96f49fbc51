/* measure COMMAND... - runs the command and says on stderr what it took, on one line behind all
   that it said itself: wall ms, user ms, system ms, peak memory in KB. Its exit code is that of the
   command. */

#define _DEFAULT_SOURCE

#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double ms(struct timeval t) { return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3; }

int main(int argc, char **argv)
{
  struct timespec a, b;
  struct rusage used;
  int status;
  pid_t pid;

  if (argc < 2) return 100;
  clock_gettime(CLOCK_MONOTONIC, &a);
  if ((pid = fork()) < 0) return 111;
  if (!pid) {
    execvp(argv[1], argv + 1);
    perror(argv[1]);
    _exit(111);
  }
  if (wait4(pid, &status, 0, &used) < 0) return 111;
  clock_gettime(CLOCK_MONOTONIC, &b);
  fprintf(stderr, "%.1f %.1f %.1f %ld\n",
      (double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) / 1e6,
      ms(used.ru_utime), ms(used.ru_stime), used.ru_maxrss);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
