// Runs a program for which the kernel lacks calls that old kernels lack, or that filters of old containers refuse. argv:
// the number of the error that these calls return, the program, and its arguments. Without a program, makes each call,
// and prints its name and the number of the error that it returned.

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __x86_64__
#define ARCHITECTURE AUDIT_ARCH_X86_64
#else
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

static const struct {
  const char* name;
  unsigned number;
} kCalls[] = {
    {"epoll_pwait2", SYS_epoll_pwait2},
    {"pidfd_open", SYS_pidfd_open},
    {"pidfd_send_signal", SYS_pidfd_send_signal},
    {"close_range", SYS_close_range},
    {"preadv2", SYS_preadv2},
    {"pwritev2", SYS_pwritev2},
    {"recvmmsg", SYS_recvmmsg},
    {"sendmmsg", SYS_sendmmsg},
};
enum { kCount = sizeof(kCalls) / sizeof(kCalls[0]) };

static int Refuse(unsigned error) {
  struct sock_filter rules[kCount + 5] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 0, kCount + 1),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
  };
  for (int i = 0; i < kCount; i++) {
    rules[3 + i] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kCalls[i].number, kCount - i, 0);
  }
  rules[kCount + 3] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  rules[kCount + 4] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error);
  const struct sock_fprog program = {.len = kCount + 5, .filter = rules};
  // Without this, only root may set a filter.
  if (geteuid() != 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

int main(int argc, char** argv) {
  if (argc < 2 || Refuse(atoi(argv[1])) != 0) {
    perror(argv[0]);
    return 1;
  }
  if (argc > 2) {
    execvp(argv[2], argv + 2);
    perror(argv[2]);
    return 1;
  }
  for (int i = 0; i < kCount; i++) {
    // No call succeeds with these arguments.
    errno = 0;
    syscall(kCalls[i].number, -1, -1, -1, -1, -1, -1);
    printf("%s %d\n", kCalls[i].name, errno);
  }
  return 0;
}
