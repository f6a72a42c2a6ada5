// timerfd_create(2), timerfd_settime(2), timerfd_gettime(2).

#include <sys/timerfd.h>

#include <cerrno>
#include <cstdint>
#include <span>

#include "crossing.h"
#include "init.h"
#include "ledger.h"

namespace em {

namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

// A negative time stays negative, and the kernel refuses it.
timespec ToTimespec(std::int64_t nanoseconds) {
  return {nanoseconds / kNanosecondsPerSecond, nanoseconds % kNanosecondsPerSecond};
}

// The times fit: the kernel stores them as 64-bit nanoseconds (ktime_t).
std::int64_t ToNanoseconds(const timespec& time) {
  return time.tv_sec * kNanosecondsPerSecond + time.tv_nsec;
}

// The first expiration and the interval, in nanoseconds.
bool ReadTimes(const Napi::CallbackInfo& info, std::size_t at, std::span<std::int64_t>* times) {
  return ReadLongs(info.Env(), info[at], times) && times->size() >= 2;
}

// (clock)
Napi::Value Create(const Napi::CallbackInfo& info) {
  std::int32_t clock = 0;
  if (!ReadInt32(info.Env(), info[0], &clock)) return Result(info, -EINVAL);
  return Result(info, Enter(info.Env(), ValueOrErrno(timerfd_create(clock, TFD_CLOEXEC | TFD_NONBLOCK))));
}

// (fd, flags, times)
Napi::Value SetTime(const Napi::CallbackInfo& info) {
  std::int32_t fd = 0;
  std::int32_t flags = 0;
  std::span<std::int64_t> times;
  if (!ReadInt32(info.Env(), info[0], &fd) || !ReadInt32(info.Env(), info[1], &flags) || !ReadTimes(info, 2, &times)) {
    return Result(info, -EINVAL);
  }
  const itimerspec setting = {.it_interval = ToTimespec(times[1]), .it_value = ToTimespec(times[0])};
  return Result(info, ValueOrErrno(timerfd_settime(fd, flags, &setting, nullptr)));
}

// (fd, times): fills `times` with the time left and the interval
Napi::Value GetTime(const Napi::CallbackInfo& info) {
  std::int32_t fd = 0;
  std::span<std::int64_t> times;
  if (!ReadInt32(info.Env(), info[0], &fd) || !ReadTimes(info, 1, &times)) return Result(info, -EINVAL);
  itimerspec left = {};
  const std::int32_t result = ValueOrErrno(timerfd_gettime(fd, &left));
  if (result == 0) {
    times[0] = ToNanoseconds(left.it_value);
    times[1] = ToNanoseconds(left.it_interval);
  }
  return Result(info, result);
}

}  // namespace

void InitTimerFd(Napi::Env env, Napi::Object exports) {
  Export<Create>(env, exports, "timerfdCreate");
  Export<SetTime>(env, exports, "timerfdSettime");
  Export<GetTime>(env, exports, "timerfdGettime");
}

}  // namespace em
