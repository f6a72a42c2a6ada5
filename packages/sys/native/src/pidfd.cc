// pidfd_open(2), pidfd_send_signal(2), and waitid(2) on a pidfd.

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <span>

#include "crossing.h"
#include "init.h"
#include "ledger.h"

namespace em {

namespace {

// P_PIDFD of linux/wait.h. glibc has it since 2.36, as an enumerator.
constexpr idtype_t kPidFd = static_cast<idtype_t>(3);

// (pid). The kernel makes every pidfd close-on-exec. PIDFD_NONBLOCK fails before Linux 5.10, and only affects a
// waitid that can block.
Napi::Value Open(const Napi::CallbackInfo& info) {
  std::int32_t pid = 0;
  if (!ReadInt32(info.Env(), info[0], &pid)) return Result(info, -EINVAL);
  return Result(info, Enter(info.Env(), ValueOrErrno(syscall(SYS_pidfd_open, pid, 0))));
}

// (fd, signal)
Napi::Value SendSignal(const Napi::CallbackInfo& info) {
  std::int32_t fd = 0;
  std::int32_t signal = 0;
  if (!ReadInt32(info.Env(), info[0], &fd) || !ReadInt32(info.Env(), info[1], &signal)) return Result(info, -EINVAL);
  return Result(info, ValueOrErrno(syscall(SYS_pidfd_send_signal, fd, signal, nullptr, 0)));
}

// (fd, status, reap): 1 and `status` filled with si_code, si_status and si_pid, or 0 while the process runs. A child
// that is not reaped stays a zombie.
Napi::Value Wait(const Napi::CallbackInfo& info) {
  std::int32_t fd = 0;
  std::span<std::uint32_t> status;
  std::int32_t reap = 0;
  if (!ReadInt32(info.Env(), info[0], &fd) || fd < 0 || !ReadWords(info.Env(), info[1], &status) || status.size() < 3 ||
      !ReadInt32(info.Env(), info[2], &reap)) {
    return Result(info, -EINVAL);
  }
  siginfo_t child = {};
  const int options = WEXITED | WNOHANG | (reap == 0 ? WNOWAIT : 0);
  const std::int32_t result = ValueOrErrno(waitid(kPidFd, static_cast<id_t>(fd), &child, options));
  if (result != 0 || child.si_pid == 0) return Result(info, result);
  status[0] = static_cast<std::uint32_t>(child.si_code);
  status[1] = static_cast<std::uint32_t>(child.si_status);
  status[2] = static_cast<std::uint32_t>(child.si_pid);
  return Result(info, 1);
}

}  // namespace

void InitPidFd(Napi::Env env, Napi::Object exports) {
  Export<Open>(env, exports, "pidfdOpen");
  Export<SendSignal>(env, exports, "pidfdSendSignal");
  Export<Wait>(env, exports, "pidfdWait");
}

}  // namespace em
