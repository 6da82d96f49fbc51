/* Runs a fuzz target over the files that are named as arguments, without libFuzzer. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static int replay(char const *name)
{
  size_t const room = 1 << 24;
  uint8_t *const data = malloc(room), *exact;
  FILE *const f = data ? fopen(name, "rb") : 0;
  size_t n;
  if (!f) {
    perror(name);
    free(data);
    return 0;
  }
  n = fread(data, 1, room, f);
  fclose(f);
  /* in its own memory, so that the address sanitizer sees its end */
  exact = malloc(n ? n : 1);
  if (exact) {
    size_t i;
    for (i = 0; i < n; i++) exact[i] = data[i];
    LLVMFuzzerTestOneInput(exact, n);
  }
  free(exact);
  free(data);
  return 1;
}

int main(int argc, char **argv)
{
  int i, good = 1;
  for (i = 1; i < argc; i++) good &= replay(argv[i]);
  return good ? 0 : 111;
}
