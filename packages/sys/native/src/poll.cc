#include "poll.h"

#include <linux/perf_event.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstdint>

#include "crossing.h"
#include "system_call.h"

namespace em {

namespace {

// (fd, events): what is ready now, without waiting. The bits are those of epoll.
Napi::Value PollOnce(const Napi::CallbackInfo& info) {
  std::int32_t fd = 0;
  std::uint32_t events = 0;
  if (!ReadInt32(info.Env(), info[0], &fd) || !ReadUint32(info.Env(), info[1], &events)) return Result(info, -EINVAL);
  // To poll(2) a negative number is a place that is left out.
  if (fd < 0) return Result(info, -EBADF);
  pollfd polled = {fd, static_cast<short>(events), 0};
  const std::int32_t count = ValueOrErrno(poll(&polled, 1, 0));
  if (count < 0) return Result(info, count);
  return Result(info, (polled.revents & POLLNVAL) != 0 ? -EBADF : static_cast<std::uint16_t>(polled.revents));
}

// (fd): S_IFMT of its mode; 0 for a file without an inode of its own, as of eventfd and perf_event_open
Napi::Value FileType(const Napi::CallbackInfo& info) {
  std::int32_t fd = 0;
  if (!ReadInt32(info.Env(), info[0], &fd)) return Result(info, -EINVAL);
  struct stat status = {};
  const std::int32_t error = SystemCall(SYS_fstat, fd, &status);
  return Result(info, error < 0 ? error : static_cast<std::int32_t>(status.st_mode & S_IFMT));
}

// (fd): 1 if it is of perf_event_open(2), 0 if it does not know what only those answer
Napi::Value IsPerfEvent(const Napi::CallbackInfo& info) {
  std::int32_t fd = 0;
  if (!ReadInt32(info.Env(), info[0], &fd)) return Result(info, -EINVAL);
  std::uint64_t id = 0;
  const std::int32_t error = SystemCall(SYS_ioctl, fd, PERF_EVENT_IOC_ID, &id);
  return Result(info, error == -EBADF ? error : error == 0);
}

}  // namespace

void InitPoll(Napi::Env env, Napi::Object exports) {
  Export<PollOnce>(env, exports, "pollOnce");
  Export<FileType>(env, exports, "fileType");
  Export<IsPerfEvent>(env, exports, "isPerfEvent");
}

}  // namespace em
