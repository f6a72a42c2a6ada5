// poll(2), and the type of a file, by which TypeScript recognizes files whose poll consumes the event it reports.

#include <linux/perf_event.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstdint>

#include "crossing.h"
#include "init.h"
#include "system_call.h"

namespace em {

namespace {

// S_IFMT does not use this bit.
constexpr std::int32_t kPerfEvent = 1;

// (fd, events): the events that are ready now, without waiting. The bits are those of epoll.
Napi::Value PollOnce(const Napi::CallbackInfo& info) {
  std::int32_t fd = 0;
  std::uint32_t events = 0;
  if (!ReadInt32(info.Env(), info[0], &fd) || !ReadUint32(info.Env(), info[1], &events)) return Result(info, -EINVAL);
  // poll(2) ignores negative fds.
  if (fd < 0) return Result(info, -EBADF);
  pollfd polled = {fd, static_cast<short>(events), 0};
  const std::int32_t count = ValueOrErrno(poll(&polled, 1, 0));
  if (count < 0) return Result(info, count);
  return Result(info, (polled.revents & POLLNVAL) != 0 ? -EBADF : static_cast<std::uint16_t>(polled.revents));
}

// (fd): S_IFMT of its mode, or kPerfEvent. By plain Node-API, because run() calls it for each file that is added.
napi_value FileType(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  std::int32_t fd = 0;
  if (!ReadInt32(env, arguments[0], &fd)) return Result(env, -EINVAL);
  struct stat status;
  const std::int32_t error = SystemCall(SYS_fstat, fd, &status);
  if (error < 0) return Result(env, error);
  const auto type = static_cast<std::int32_t>(status.st_mode & S_IFMT);
  // Of the files without a type, only a perf event answers this.
  std::uint64_t id = 0;
  const bool is_perf_event = type == 0 && SystemCall(SYS_ioctl, fd, PERF_EVENT_IOC_ID, &id) == 0;
  return Result(env, is_perf_event ? kPerfEvent : type);
}

}  // namespace

void InitPoll(Napi::Env env, Napi::Object exports) {
  Export<PollOnce>(env, exports, "pollOnce");
  Export(env, exports, "fileType", FileType);
}

}  // namespace em
