#include "io.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "crossing.h"
#include "ledger.h"

namespace em {

namespace {

// (fd)
Napi::Value Close(const Napi::CallbackInfo& info) {
  std::int32_t fd = 0;
  if (!ReadInt32(info.Env(), info[0], &fd)) return Result(info, -EINVAL);
  Strike(info.Env(), fd);
  return Result(info, ValueOrErrno(close(fd)));
}

// (fd)
Napi::Value Dup(const Napi::CallbackInfo& info) {
  std::int32_t fd = 0;
  if (!ReadInt32(info.Env(), info[0], &fd)) return Result(info, -EINVAL);
  return Result(info, ValueOrErrno(fcntl(fd, F_DUPFD_CLOEXEC, 0)));
}

// (fd): the flags of the number itself
Napi::Value GetFdFlags(const Napi::CallbackInfo& info) {
  std::int32_t fd = 0;
  if (!ReadInt32(info.Env(), info[0], &fd)) return Result(info, -EINVAL);
  return Result(info, ValueOrErrno(fcntl(fd, F_GETFD)));
}

// (fd): the flags of the open file
Napi::Value GetFlags(const Napi::CallbackInfo& info) {
  std::int32_t fd = 0;
  if (!ReadInt32(info.Env(), info[0], &fd)) return Result(info, -EINVAL);
  return Result(info, ValueOrErrno(fcntl(fd, F_GETFL)));
}

// (fd, flags)
Napi::Value SetFlags(const Napi::CallbackInfo& info) {
  std::int32_t fd = 0;
  std::int32_t flags = 0;
  if (!ReadInt32(info.Env(), info[0], &fd) || !ReadInt32(info.Env(), info[1], &flags)) return Result(info, -EINVAL);
  return Result(info, ValueOrErrno(fcntl(fd, F_SETFL, flags)));
}

}  // namespace

void InitIo(Napi::Env env, Napi::Object exports) {
  Export(env, exports, "read", TransferBytes<SYS_read>);
  Export(env, exports, "write", TransferBytes<SYS_write>);
  Export(env, exports, "readAtOnce", TransferAtOnce<SYS_preadv2, SYS_read, POLLIN>);
  Export(env, exports, "writeAtOnce", TransferAtOnce<SYS_pwritev2, SYS_write, POLLOUT>);
  Export<Close>(env, exports, "close");
  Export<Dup>(env, exports, "dup");
  Export<GetFdFlags>(env, exports, "getFdFlags");
  Export<GetFlags>(env, exports, "getFlags");
  Export<SetFlags>(env, exports, "setFlags");
}

}  // namespace em
