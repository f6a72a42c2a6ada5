// eventfd(2).

#include <sys/eventfd.h>

#include <cerrno>
#include <cstdint>

#include "crossing.h"
#include "init.h"
#include "ledger.h"

namespace em {

namespace {

// (initial, flags)
Napi::Value EventFd(const Napi::CallbackInfo& info) {
  std::uint32_t initial = 0;
  std::int32_t flags = 0;
  if (!ReadUint32(info.Env(), info[0], &initial) || !ReadInt32(info.Env(), info[1], &flags)) {
    return Result(info, -EINVAL);
  }
  return Result(info, Enter(info.Env(), ValueOrErrno(eventfd(initial, flags | EFD_CLOEXEC | EFD_NONBLOCK))));
}

}  // namespace

void InitEventFd(Napi::Env env, Napi::Object exports) {
  Export<EventFd>(env, exports, "eventfd");
}

}  // namespace em
