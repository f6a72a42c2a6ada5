// inotify(7).

#include <sys/inotify.h>

#include <cerrno>
#include <climits>
#include <cstdint>

#include "crossing.h"
#include "init.h"
#include "ledger.h"

namespace em {

namespace {

Napi::Value Create(const Napi::CallbackInfo& info) {
  return Result(info, Enter(info.Env(), ValueOrErrno(inotify_init1(IN_CLOEXEC | IN_NONBLOCK))));
}

// (fd, path, mask): the watch
Napi::Value AddWatch(const Napi::CallbackInfo& info) {
  std::int32_t fd = 0;
  char path[PATH_MAX];
  std::uint32_t mask = 0;
  if (!ReadInt32(info.Env(), info[0], &fd) || !ReadUint32(info.Env(), info[2], &mask)) return Result(info, -EINVAL);
  if (const std::int32_t error = ReadPath(info.Env(), info[1], path); error < 0) return Result(info, error);
  return Result(info, ValueOrErrno(inotify_add_watch(fd, path, mask)));
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
