// epoll(7).

#include "epoll.h"

#include <sys/epoll.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <span>

#include "crossing.h"
#include "init.h"
#include "ledger.h"
#include "system_call.h"

namespace em {

namespace {

constexpr std::size_t kMaxEvents = INT32_MAX / sizeof(epoll_event);

// The signals that a wait blocks: those that are already blocked, and SIGPROF. A profiler sends SIGPROF a thousand
// times per second, JavaScript cannot handle it, and in libuv it does not end a wait either. This is a signal set of
// the kernel: bit 0 stands for signal 1.
struct WaitMask {
  std::uint64_t signals;
};

WaitMask* NewWaitMask() {
  sigset_t current;
  pthread_sigmask(SIG_BLOCK, nullptr, &current);
  auto* mask = new WaitMask{};
  std::memcpy(&mask->signals, &current, sizeof(mask->signals));
  mask->signals |= std::uint64_t{1} << (SIGPROF - 1);
  return mask;
}

// The fd in the low half, the generation in the high half. On a little-endian machine, these are the second and third
// word of an entry.
std::uint64_t Pack(std::int32_t fd, std::uint32_t generation) {
  return static_cast<std::uint64_t>(generation) << 32 | static_cast<std::uint32_t>(fd);
}

Napi::Value EpollCreate(const Napi::CallbackInfo& info) {
  return Result(info, Enter(info.Env(), ValueOrErrno(epoll_create1(EPOLL_CLOEXEC))));
}

// (epollFd, fd, events, generation)
template <int Operation>
napi_value EpollControl(napi_env env, napi_callback_info info) {
  Arguments<4> arguments(env, info);
  std::int32_t epoll_fd = 0;
  std::int32_t fd = 0;
  std::uint32_t events = 0;
  std::uint32_t generation = 0;
  if (!ReadInt32(env, arguments[0], &epoll_fd) || !ReadInt32(env, arguments[1], &fd) ||
      !ReadUint32(env, arguments[2], &events) || !ReadUint32(env, arguments[3], &generation)) {
    return Result(env, -EINVAL);
  }
  epoll_event event = {};
  event.events = events;
  event.data.u64 = Pack(fd, generation);
  return Result(env, SystemCall(SYS_epoll_ctl, epoll_fd, Operation, fd, &event));
}

// (epollFd, fd)
napi_value EpollDelete(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  std::int32_t epoll_fd = 0;
  std::int32_t fd = 0;
  if (!ReadInt32(env, arguments[0], &epoll_fd) || !ReadInt32(env, arguments[1], &fd)) {
    return Result(env, -EINVAL);
  }
  return Result(env, SystemCall(SYS_epoll_ctl, epoll_fd, EPOLL_CTL_DEL, fd));
}

#if defined(__x86_64__)

// On x86-64, epoll_event is packed and equals an entry of the batch, so the kernel writes straight into the batch.
static_assert(sizeof(epoll_event) == kWordsPerEntry * sizeof(std::uint32_t));

template <typename Timeout>
[[gnu::always_inline]] inline std::int32_t WaitInto(std::span<std::uint32_t> words, long number, std::int32_t epoll_fd,
                                                    Timeout timeout, const WaitMask* mask) {
  const std::size_t room = std::min(words.size() / kWordsPerEntry, kMaxEvents);
  return SystemCall(number, epoll_fd, words.data(), room, timeout, mask, sizeof(*mask));
}

#else

// Elsewhere, an epoll_event has four words, and one is padding. So the kernel writes into this array, and the entries
// are copied without the padding. It takes several waits to fill a larger batch.
constexpr std::size_t kGathered = 256;

template <typename Timeout>
[[gnu::always_inline]] inline std::int32_t WaitInto(std::span<std::uint32_t> words, long number, std::int32_t epoll_fd,
                                                    Timeout timeout, const WaitMask* mask) {
  epoll_event gathered[kGathered];
  const std::size_t room = std::min(words.size() / kWordsPerEntry, kGathered);
  const std::int32_t count = SystemCall(number, epoll_fd, gathered, room, timeout, mask, sizeof(*mask));
  CopyEntries(gathered, count, words);
  return count;
}

#endif

// (epollFd, buffer, timeoutMs): whole milliseconds up to INT_MAX, or Infinity
napi_value EpollWait(napi_env env, napi_callback_info info) {
  Arguments<3> arguments(env, info);
  std::int32_t epoll_fd = 0;
  std::span<std::uint32_t> words;
  double timeout_ms = 0;
  if (!ReadInt32(env, arguments[0], &epoll_fd) || !ReadBuffer(env, arguments[1], &words) ||
      !ReadDouble(env, arguments[2], &timeout_ms)) {
    return Result(env, -EINVAL);
  }
  if (!(timeout_ms >= 0 && (timeout_ms <= INT32_MAX || std::isinf(timeout_ms)))) {
    return Result(env, -EINVAL);
  }
  const int timeout = std::isinf(timeout_ms) ? -1 : static_cast<int>(timeout_ms);
  // A call that does not block is not interrupted, so it needs no mask, which takes a quarter of its time.
  const auto* mask = timeout == 0 ? nullptr : static_cast<const WaitMask*>(arguments.data);
  return Result(env, WaitInto(words, SYS_epoll_pwait, epoll_fd, timeout, mask));
}

// (epollFd, buffer, seconds, nanoseconds)
napi_value EpollPwait2(napi_env env, napi_callback_info info) {
  Arguments<4> arguments(env, info);
  std::int32_t epoll_fd = 0;
  std::span<std::uint32_t> words;
  std::uint32_t seconds = 0;
  std::uint32_t nanoseconds = 0;
  if (!ReadInt32(env, arguments[0], &epoll_fd) || !ReadBuffer(env, arguments[1], &words) ||
      !ReadUint32(env, arguments[2], &seconds) || !ReadUint32(env, arguments[3], &nanoseconds)) {
    return Result(env, -EINVAL);
  }
  timespec timeout = {};
  timeout.tv_sec = seconds;
  timeout.tv_nsec = nanoseconds;
  const auto* mask = static_cast<const WaitMask*>(arguments.data);
  return Result(env, WaitInto(words, SYS_epoll_pwait2, epoll_fd, &timeout, mask));
}

}  // namespace

std::int32_t PollEntries(std::int32_t epoll_fd, std::span<std::uint32_t> words) {
  return WaitInto(words, SYS_epoll_pwait, epoll_fd, 0, nullptr);
}

void InitEpoll(Napi::Env env, Napi::Object exports) {
  Export<EpollCreate>(env, exports, "epollCreate");
  Export(env, exports, "epollAdd", EpollControl<EPOLL_CTL_ADD>);
  Export(env, exports, "epollModify", EpollControl<EPOLL_CTL_MOD>);
  Export(env, exports, "epollDelete", EpollDelete);
  WaitMask* mask = NewWaitMask();
  napi_add_env_cleanup_hook(
      env,
      [](void* data) {
        delete static_cast<WaitMask*>(data);
      },
      mask);
  Export(env, exports, "epollWait", EpollWait, mask);
  Export(env, exports, "epollPwait2", EpollPwait2, mask);
}

}  // namespace em
