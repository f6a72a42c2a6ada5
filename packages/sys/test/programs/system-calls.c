// Preload it to give system calls rare results.

#define _GNU_SOURCE
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int is(const char* name) {
  const char* value = getenv("EM_TEST_CALLS");
  return value != NULL && strcmp(value, name) == 0;
}

// If a signal comes during a close, Linux returns EINTR, but has closed the file.
int close(int fd) {
  if (fd >= 1 << 20) dprintf(2, "closed %d\n", fd);
  const int result = (int)syscall(SYS_close, fd);
  if (result == 0 && is("interrupted")) {
    errno = EINTR;
    return -1;
  }
  return result;
}

void* __libc_calloc(size_t count, size_t size);

// Refuses the memory for a page of the ledger, which has one bit for each of 2^20 fds.
void* calloc(size_t count, size_t size) {
  if (count == 1 && size == 1 << 17 && is("no memory")) return NULL;
  return __libc_calloc(count, size);
}
