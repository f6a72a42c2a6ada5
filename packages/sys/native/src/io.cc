#include "io.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "crossing.h"

namespace em {

namespace {

napi_value Read(napi_env env, napi_callback_info info) {
  return TransferBytes(env, info, read);
}

napi_value Write(napi_env env, napi_callback_info info) {
  return TransferBytes(env, info, write);
}

// (fd)
Napi::Value Close(const Napi::CallbackInfo& info) {
  std::int32_t fd = 0;
  if (!ReadInt32(info.Env(), info[0], &fd)) return Result(info, -EINVAL);
  return Result(info, ValueOrErrno(close(fd)));
}

// (fd)
Napi::Value Dup(const Napi::CallbackInfo& info) {
  std::int32_t fd = 0;
  if (!ReadInt32(info.Env(), info[0], &fd)) return Result(info, -EINVAL);
  return Result(info, ValueOrErrno(fcntl(fd, F_DUPFD_CLOEXEC, 0)));
}

}  // namespace

void InitIo(Napi::Env env, Napi::Object exports) {
  Export(env, exports, "read", Read);
  Export(env, exports, "write", Write);
  exports.Set("close", Napi::Function::New<Close>(env, "close"));
  exports.Set("dup", Napi::Function::New<Dup>(env, "dup"));
}

}  // namespace em
