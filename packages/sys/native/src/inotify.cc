#include "inotify.h"

#include <sys/inotify.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <span>

#include "crossing.h"
#include "ledger.h"

namespace em {

namespace {

Napi::Value Create(const Napi::CallbackInfo& info) {
  return Result(info, Enter(info.Env(), ValueOrErrno(inotify_init1(IN_CLOEXEC | IN_NONBLOCK))));
}

// (fd, path, mask): the watch. A path is bytes, for not every one is text.
Napi::Value AddWatch(const Napi::CallbackInfo& info) {
  std::int32_t fd = 0;
  std::span<std::uint8_t> path;
  std::uint32_t mask = 0;
  if (!ReadInt32(info.Env(), info[0], &fd) || !ReadBytes(info.Env(), info[1], &path) ||
      !ReadUint32(info.Env(), info[2], &mask)) {
    return Result(info, -EINVAL);
  }
  char terminated[PATH_MAX] = {};
  if (path.size() >= sizeof(terminated)) return Result(info, -ENAMETOOLONG);
  std::ranges::copy(path, terminated);
  return Result(info, ValueOrErrno(inotify_add_watch(fd, terminated, mask)));
}

// (fd, watch)
Napi::Value RemoveWatch(const Napi::CallbackInfo& info) {
  std::int32_t fd = 0;
  std::int32_t watch = 0;
  if (!ReadInt32(info.Env(), info[0], &fd) || !ReadInt32(info.Env(), info[1], &watch)) return Result(info, -EINVAL);
  return Result(info, ValueOrErrno(inotify_rm_watch(fd, watch)));
}

}  // namespace

void InitInotify(Napi::Env env, Napi::Object exports) {
  Export<Create>(env, exports, "inotifyInit");
  Export<AddWatch>(env, exports, "inotifyAddWatch");
  Export<RemoveWatch>(env, exports, "inotifyRmWatch");
}

}  // namespace em
