// How calls cross from TypeScript and back. TypeScript has validated the arguments. The checks here keep a wrong call
// from touching memory that does not belong to it. A result is a value, or -errno.

#ifndef EM_SYS_CROSSING_H_
#define EM_SYS_CROSSING_H_

#include <fcntl.h>
#include <napi.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include <cerrno>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <span>

#include "system_call.h"

namespace em {

/// The arguments of a call by plain Node-API, for the calls that happen per event. There, the CallbackInfo of
/// node-addon-api costs more than the rest of the crossing.
template <std::size_t N>
struct Arguments {
  Arguments(napi_env env, napi_callback_info info) {
    std::size_t count = N;
    napi_get_cb_info(env, info, &count, values, nullptr, &data);
  }

  // Missing ones are `undefined`.
  napi_value operator[](std::size_t index) const { return values[index]; }

  napi_value values[N];
  // The `data` that `Export` got.
  void* data = nullptr;
};

// Each returns false if the value is of another type, or out of range.
bool ReadInt32(napi_env env, napi_value value, std::int32_t* out);
bool ReadUint32(napi_env env, napi_value value, std::uint32_t* out);
bool ReadSize(napi_env env, napi_value value, std::size_t* out);
bool ReadDouble(napi_env env, napi_value value, double* out);

/// A whole Uint8Array.
bool ReadBytes(napi_env env, napi_value value, std::span<std::uint8_t>* out);

/// `length` bytes from `offset` on of a Uint8Array.
bool ReadSlice(napi_env env, napi_value array, napi_value offset, napi_value length, std::span<std::uint8_t>* out);

/// A whole Uint8Array that is at most as long as a `sockaddr_storage`.
bool ReadSockaddr(napi_env env, napi_value value, std::span<std::uint8_t>* out);

/// A whole Uint8Array as a path. It is bytes because not every path is text. Returns 0 or -errno.
std::int32_t ReadPath(napi_env env, napi_value value, std::span<char, PATH_MAX> out);

/// A whole Uint32Array.
bool ReadWords(napi_env env, napi_value value, std::span<std::uint32_t>* out);

/// All words of an ArrayBuffer, for the calls that happen per event. Node takes five times as long to recognize a
/// Uint32Array.
bool ReadBuffer(napi_env env, napi_value value, std::span<std::uint32_t>* out);

/// A whole BigInt64Array.
bool ReadLongs(napi_env env, napi_value value, std::span<std::int64_t>* out);

/// The result of a function of libc: its value, or -errno if it is -1.
std::int32_t ValueOrErrno(std::int64_t result);

napi_value Result(napi_env env, std::int32_t value);
Napi::Value Result(const Napi::CallbackInfo& info, std::int32_t value);

/// A call (fd, Uint8Array, offset, length) that makes the system call `Number`. It moves less than 2^31 bytes
/// (MAX_RW_COUNT, linux/fs.h), so the count fits.
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

/// Whether a call that waits for `events` would block the thread: the file is not ready, and no longer non-blocking. A
/// child process that has the file as its stdin or stdout can clear O_NONBLOCK. For calls without a flag for that.
inline bool WouldBlock(std::int32_t fd, short events) {
  const std::int32_t flags = SystemCall(SYS_fcntl, fd, F_GETFL);
  if (flags < 0 || (flags & O_NONBLOCK) != 0) return false;
  pollfd polled = {fd, events, 0};
  return poll(&polled, 1, 0) == 0;
}

/// Moves bytes through a file that was made non-blocking, and does not block even if its O_NONBLOCK was cleared.
/// `Number` is that of preadv2 or pwritev2. `Fallback` is for files that do not support RWF_NOWAIT.
template <long Number, long Fallback, short Events>
std::int32_t MoveAtOnce(std::int32_t fd, void* data, std::size_t size) {
  const iovec vector = {data, size};
  // An offset of -1, in two halves, means the current position of the file.
  const std::int32_t count = SystemCall(Number, fd, &vector, 1, -1, -1, RWF_NOWAIT);
  // EPERM is from a filter of system calls that does not know this one.
  if (count != -EOPNOTSUPP && count != -ENOSYS && count != -EPERM) return count;
  if (WouldBlock(fd, Events)) return -EAGAIN;
  return SystemCall(Fallback, fd, data, size);
}

/// A call (fd, Uint8Array, offset, length) to `MoveAtOnce`.
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

/// A handle by which JavaScript holds a native object. The tag distinguishes it from handles of other kinds. Returns
/// nullptr if the environment is ending. `on_collected` is then never called.
napi_value NewHandle(napi_env env, void* data, napi_finalize on_collected, const napi_type_tag* tag);

/// Returns nullptr if the value is not a handle with this tag.
void* ReadHandle(napi_env env, napi_value value, const napi_type_tag* tag);

/// Makes an uncaught exception of the error that a callback threw. For callbacks that no JavaScript called.
void ReportException(napi_env env, napi_status status);

/// The number of 32-bit words of an entry of the ready batch: events, fd, generation.
constexpr std::size_t kWordsPerEntry = 3;

/// Copies events into `words` as entries. `words` has room for all of them.
inline void CopyEntries(const epoll_event* events, std::int32_t count, std::span<std::uint32_t> words) {
  for (std::int32_t i = 0; i < count; i++) {
    std::uint32_t* entry = &words[i * kWordsPerEntry];
    entry[0] = events[i].events;
    entry[1] = static_cast<std::uint32_t>(events[i].data.u64);
    entry[2] = static_cast<std::uint32_t>(events[i].data.u64 >> 32);
  }
}

/// Puts a call by plain Node-API on `exports`. It ignores a refusal, and so do the functions for handles: an
/// environment that is ending may refuse. node-addon-api would make an error of it, which ends the process in Bun.
///
/// @param data The value of `info.Data()` in the call.
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
