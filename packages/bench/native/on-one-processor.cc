// on-one-processor PROGRAM ARGUMENT…: runs a program, all threads of which share one processor.

#include <sched.h>
#include <unistd.h>

#include "contestant.h"

int main(int, char** argv) {
  cpu_set_t processors;
  CPU_ZERO(&processors);
  // The last one that is allowed: interrupts often have the first.
  cpu_set_t allowed;
  Check(sched_getaffinity(0, sizeof(allowed), &allowed), "sched_getaffinity");
  int last = CPU_SETSIZE - 1;
  while (last > 0 && !CPU_ISSET(last, &allowed)) last--;
  CPU_SET(last, &processors);
  Check(sched_setaffinity(0, sizeof(processors), &processors), "sched_setaffinity");
  Check(execv(argv[1], argv + 1), argv[1]);
}
