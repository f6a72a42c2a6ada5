// open(2), read(2), write(2), pread(2), pwrite(2), close(2), dup(2), fcntl(2).

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdint>

#include "crossing.h"
#include "init.h"
#include "ledger.h"

namespace em {

namespace {

// While this object exists, a write to a pipe or socket without a reader raises no SIGPIPE in this thread. Node ignores
// the signal at first. Once a program has added and removed a handler, the signal would end the process.
class NoSigpipe {
 public:
  NoSigpipe() { SystemCall(SYS_rt_sigprocmask, SIG_BLOCK, &kSigpipe, &former_, sizeof(former_)); }

  NoSigpipe(const NoSigpipe&) = delete;
  NoSigpipe& operator=(const NoSigpipe&) = delete;

  ~NoSigpipe() { SystemCall(SYS_rt_sigprocmask, SIG_SETMASK, &former_, nullptr, sizeof(former_)); }

  // Consumes the signal that a write raised, unless the caller had blocked it: then the caller consumes it.
  void Take() const {
    if ((former_ & kSigpipe) != 0) return;
    const timespec at_once = {};
    while (SystemCall(SYS_rt_sigtimedwait, &kSigpipe, nullptr, &at_once, sizeof(kSigpipe)) == -EINTR) continue;
  }

 private:
  // A signal set of the kernel: bit 0 stands for signal 1.
  static constexpr std::uint64_t kSigpipe = std::uint64_t{1} << (SIGPIPE - 1);
  std::uint64_t former_ = 0;
};

template <napi_callback Write>
napi_value WithoutSigpipe(napi_env env, napi_callback_info info) {
  const NoSigpipe no_sigpipe;
  napi_value result = Write(env, info);
  std::int32_t count = 0;
  napi_get_value_int32(env, result, &count);
  if (count == -EPIPE) no_sigpipe.Take();
  return result;
}

// (fd, Uint8Array, offset, length, position): pread64(2) or pwrite64(2)
template <long Number>
napi_value TransferAt(napi_env env, napi_callback_info info) {
  Arguments<5> arguments(env, info);
  std::int32_t fd = 0;
  std::span<std::uint8_t> bytes;
  std::size_t position = 0;
  if (!ReadInt32(env, arguments[0], &fd) || !ReadSlice(env, arguments[1], arguments[2], arguments[3], &bytes) ||
      !ReadSize(env, arguments[4], &position)) {
    return Result(env, -EINVAL);
  }
  return Result(env, SystemCall(Number, fd, bytes.data(), bytes.size(), position));
}

constexpr std::size_t kCounterWords = sizeof(std::uint64_t) / sizeof(std::uint32_t);

// (fd, ArrayBuffer of 8 bytes)
template <std::int32_t (*Move)(std::int32_t fd, void* data, std::size_t size)>
napi_value MoveCounter(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  std::int32_t fd = 0;
  std::span<std::uint32_t> words;
  if (!ReadInt32(env, arguments[0], &fd) || !ReadBuffer(env, arguments[1], &words) || words.size() != kCounterWords) {
    return Result(env, -EINVAL);
  }
  return Result(env, Move(fd, words.data(), words.size_bytes()));
}

std::int32_t Write(std::int32_t fd, void* data, std::size_t size) {
  return SystemCall(SYS_write, fd, data, size);
}

// (path, flags, mode)
Napi::Value Open(const Napi::CallbackInfo& info) {
  char path[PATH_MAX];
  std::int32_t flags = 0;
  std::uint32_t mode = 0;
  if (!ReadInt32(info.Env(), info[1], &flags) || !ReadUint32(info.Env(), info[2], &mode)) return Result(info, -EINVAL);
  if (const std::int32_t error = ReadPath(info.Env(), info[0], path); error < 0) return Result(info, error);
  return Result(info, Enter(info.Env(), ValueOrErrno(open(path, flags | O_CLOEXEC | O_NONBLOCK, mode))));
}

// (fd)
Napi::Value CloseFd(const Napi::CallbackInfo& info) {
  std::int32_t fd = 0;
  if (!ReadInt32(info.Env(), info[0], &fd)) return Result(info, -EINVAL);
  return Result(info, Close(info.Env(), fd));
}

// (fd)
template <bool kOwned>
Napi::Value Dup(const Napi::CallbackInfo& info) {
  std::int32_t fd = 0;
  if (!ReadInt32(info.Env(), info[0], &fd)) return Result(info, -EINVAL);
  const std::int32_t result = ValueOrErrno(fcntl(fd, F_DUPFD_CLOEXEC, 0));
  return Result(info, kOwned ? Enter(info.Env(), result) : result);
}

// (fd): F_GETFD or F_GETFL
template <int kCommand>
Napi::Value GetFlags(const Napi::CallbackInfo& info) {
  std::int32_t fd = 0;
  if (!ReadInt32(info.Env(), info[0], &fd)) return Result(info, -EINVAL);
  return Result(info, ValueOrErrno(fcntl(fd, kCommand)));
}

// (fd, flags): F_SETFD or F_SETFL
template <int kCommand>
Napi::Value SetFlags(const Napi::CallbackInfo& info) {
  std::int32_t fd = 0;
  std::int32_t flags = 0;
  if (!ReadInt32(info.Env(), info[0], &fd) || !ReadInt32(info.Env(), info[1], &flags)) return Result(info, -EINVAL);
  return Result(info, ValueOrErrno(fcntl(fd, kCommand, flags)));
}

}  // namespace

void InitIo(Napi::Env env, Napi::Object exports) {
  Export(env, exports, "read", TransferBytes<SYS_read>);
  Export(env, exports, "write", WithoutSigpipe<TransferBytes<SYS_write>>);
  Export(env, exports, "readAt", TransferAt<SYS_pread64>);
  Export(env, exports, "writeAt", TransferAt<SYS_pwrite64>);
  Export(env, exports, "readAtOnce", TransferAtOnce<SYS_preadv2, SYS_read, POLLIN>);
  Export(env, exports, "writeAtOnce", WithoutSigpipe<TransferAtOnce<SYS_pwritev2, SYS_write, POLLOUT>>);
  Export(env, exports, "readCounter", MoveCounter<MoveAtOnce<SYS_preadv2, SYS_read, POLLIN>>);
  Export(env, exports, "writeCounter", MoveCounter<Write>);
  Export<Open>(env, exports, "open");
  Export<CloseFd>(env, exports, "close");
  Export<Dup<false>>(env, exports, "dup");
  Export<Dup<true>>(env, exports, "dupOwned");
  Export<GetFlags<F_GETFD>>(env, exports, "getFdFlags");
  Export<SetFlags<F_SETFD>>(env, exports, "setFdFlags");
  Export<GetFlags<F_GETFL>>(env, exports, "getFlags");
  Export<SetFlags<F_SETFL>>(env, exports, "setFlags");
}

}  // namespace em
