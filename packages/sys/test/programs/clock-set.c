// Sets the realtime clock forward by one nanosecond, or back by one if there is an argument.

#include <stdio.h>
#include <sys/timex.h>

int main(int argc, char** argv) {
  struct timex offset = {.modes = ADJ_SETOFFSET | ADJ_NANO, .time = {.tv_sec = 0, .tv_usec = 1}};
  if (argc > 1) offset.time = (struct timeval){.tv_sec = -1, .tv_usec = 999999999};
  if (adjtimex(&offset) >= 0) return 0;
  perror(argv[0]);
  return 1;
}
