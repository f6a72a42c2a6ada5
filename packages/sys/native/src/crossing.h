// How calls cross from TypeScript and back. Arguments come validated; what is checked here keeps a wrong call from
// touching memory that is not its own. A result is a value, or -errno.

#ifndef EM_SYS_CROSSING_H_
#define EM_SYS_CROSSING_H_

#include <fcntl.h>
#include <napi.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include <cerrno>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <span>

#include "system_call.h"

namespace em {

/// The arguments of one call by plain Node-API: for the calls made per event, where node-addon-api's CallbackInfo costs
/// more than the rest of the crossing.
template <std::size_t N>
struct Arguments {
  Arguments(napi_env env, napi_callback_info info) {
    std::size_t count = N;
    napi_get_cb_info(env, info, &count, values, nullptr, &data);
  }

  // Missing ones are `undefined`.
  napi_value operator[](std::size_t index) const { return values[index]; }

  napi_value values[N];
  // What the call was exported with.
  void* data = nullptr;
};

// Each returns false where the value is not of that kind or out of range.
bool ReadInt32(napi_env env, napi_value value, std::int32_t* out);
bool ReadUint32(napi_env env, napi_value value, std::uint32_t* out);
bool ReadSize(napi_env env, napi_value value, std::size_t* out);
bool ReadDouble(napi_env env, napi_value value, double* out);

/// A whole Uint8Array.
bool ReadBytes(napi_env env, napi_value value, std::span<std::uint8_t>* out);

/// `length` bytes from `offset` on of a Uint8Array.
bool ReadSlice(napi_env env, napi_value array, napi_value offset, napi_value length, std::span<std::uint8_t>* out);

/// A whole Uint8Array that is no longer than an address can be.
bool ReadSockaddr(napi_env env, napi_value value, std::span<std::uint8_t>* out);

/// A whole Uint8Array as a path, which is bytes, for not every one is text. 0 or -errno.
std::int32_t ReadPath(napi_env env, napi_value value, std::span<char, PATH_MAX> out);

/// A whole Uint32Array.
bool ReadWords(napi_env env, napi_value value, std::span<std::uint32_t>* out);

/// All words of an ArrayBuffer: for the calls made per event, since to see that something is a Uint32Array takes Node
/// five times as long.
bool ReadBuffer(napi_env env, napi_value value, std::span<std::uint32_t>* out);

/// A whole BigInt64Array.
bool ReadLongs(napi_env env, napi_value value, std::span<std::int64_t>* out);

/// The result of a system call: its value, or -errno where it is -1.
std::int32_t ValueOrErrno(std::int64_t result);

napi_value Result(napi_env env, std::int32_t value);
Napi::Value Result(const Napi::CallbackInfo& info, std::int32_t value);

/// A call of the form (fd, Uint8Array, offset, length) that moves bytes, by its number. One such call moves less than
/// 2^31 of them (MAX_RW_COUNT, linux/fs.h), so the count fits.
template <long Number, int Flags = 0>
napi_value TransferBytes(napi_env env, napi_callback_info info) {
  Arguments<4> arguments(env, info);
  std::int32_t fd = 0;
  std::span<std::uint8_t> bytes;
  if (!ReadInt32(env, arguments[0], &fd) || !ReadSlice(env, arguments[1], arguments[2], arguments[3], &bytes)) {
    return Result(env, -EINVAL);
  }
  return Result(env, SystemCall(Number, fd, bytes.data(), bytes.size(), Flags));
}

/// Whether a call that waits for `events` would block the thread: the file is not ready, and not non-blocking either,
/// as it was made. A child process that got the file as its stdin or stdout has made it so. For calls that have no
/// flag.
inline bool WouldBlock(std::int32_t fd, short events) {
  const std::int32_t flags = SystemCall(SYS_fcntl, fd, F_GETFL);
  if (flags < 0 || (flags & O_NONBLOCK) != 0) return false;
  pollfd polled = {fd, events, 0};
  return poll(&polled, 1, 0) == 0;
}

/// Moves bytes through a file that was made non-blocking: at once, if the file knows how, whatever has become of its
/// flags. `Number` is that of preadv2 or pwritev2.
template <long Number, long Fallback, short Events>
std::int32_t MoveAtOnce(std::int32_t fd, void* data, std::size_t size) {
  const iovec vector = {data, size};
  // An offset of -1, in two halves, is where the file stands.
  const std::int32_t count = SystemCall(Number, fd, &vector, 1, -1, -1, RWF_NOWAIT);
  if (count != -EOPNOTSUPP && count != -ENOSYS) return count;
  if (WouldBlock(fd, Events)) return -EAGAIN;
  return SystemCall(Fallback, fd, data, size);
}

/// A call of the form (fd, Uint8Array, offset, length) that does this.
template <long Number, long Fallback, short Events>
napi_value TransferAtOnce(napi_env env, napi_callback_info info) {
  Arguments<4> arguments(env, info);
  std::int32_t fd = 0;
  std::span<std::uint8_t> bytes;
  if (!ReadInt32(env, arguments[0], &fd) || !ReadSlice(env, arguments[1], arguments[2], arguments[3], &bytes)) {
    return Result(env, -EINVAL);
  }
  return Result(env, MoveAtOnce<Number, Fallback, Events>(fd, bytes.data(), bytes.size()));
}

/// What JavaScript holds of something native, told apart from other handles by its tag. nullptr where the environment
/// is ending; nobody calls `on_collected` then.
napi_value NewHandle(napi_env env, void* data, napi_finalize on_collected, const napi_type_tag* tag);

/// nullptr where the value is no handle with this tag.
void* ReadHandle(napi_env env, napi_value value, const napi_type_tag* tag);

/// What a callback called without JavaScript below it has thrown is the host's: an uncaught exception.
void ReportException(napi_env env, napi_status status);

/// Puts a call by plain Node-API on `exports`. Here and in handles, an environment that is ending may refuse; what
/// node-addon-api does then, to make an error, ends the process in Bun.
///
/// @param data What `info.Data()` gives the call.
void Export(Napi::Env env, Napi::Object exports, const char* name, napi_callback call, void* data = nullptr);

/// Puts a call on `exports`.
template <Napi::Value (*Call)(const Napi::CallbackInfo&)>
void Export(Napi::Env env, Napi::Object exports, const char* name, void* data = nullptr) {
  const auto call = [](napi_env called_env, napi_callback_info info) -> napi_value {
    return Call(Napi::CallbackInfo(called_env, info));
  };
  Export(env, exports, name, call, data);
}

}  // namespace em

#endif  // EM_SYS_CROSSING_H_
