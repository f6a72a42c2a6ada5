// getsockopt(2), setsockopt(2). TypeScript makes the bytes of a value, except the one that contains an address.

#include <linux/filter.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>

#include "crossing.h"
#include "init.h"

namespace em {

namespace {

struct Option {
  std::int32_t fd = 0;
  std::int32_t level = 0;
  std::int32_t name = 0;
  std::span<std::uint8_t> value;
};

// (fd, level, name, value)
bool ReadOption(const Napi::CallbackInfo& info, Option* option) {
  return ReadInt32(info.Env(), info[0], &option->fd) && ReadInt32(info.Env(), info[1], &option->level) &&
         ReadInt32(info.Env(), info[2], &option->name) && ReadBytes(info.Env(), info[3], &option->value);
}

// The value in memory of the addon, with room behind it. Some options read or write more bytes than the length that the
// kernel gets: SO_GET_FILTER counts in instructions of 8 bytes, MCAST_MSFILTER takes the length from the value.
class Scratch {
 public:
  explicit Scratch(std::span<const std::uint8_t> value)
      : bytes_(static_cast<std::uint8_t*>(std::calloc(1, value.size() * kLargestUnit + kMargin))) {
    if (bytes_ != nullptr && !value.empty()) std::memcpy(bytes_, value.data(), value.size());
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { std::free(bytes_); }

  // nullptr if there is no memory.
  std::uint8_t* bytes() const { return bytes_; }

 private:
  static constexpr std::size_t kLargestUnit = sizeof(sock_filter);
  static constexpr std::size_t kMargin = 64 * 1024;

  std::uint8_t* bytes_;
};

// (fd, level, name, value): the length that the kernel reports, but at most that of `value`
Napi::Value GetOption(const Napi::CallbackInfo& info) {
  Option option;
  if (!ReadOption(info, &option)) return Result(info, -EINVAL);
  const Scratch scratch(option.value);
  if (scratch.bytes() == nullptr) return Result(info, -ENOMEM);
  socklen_t size = static_cast<socklen_t>(option.value.size());
  if (getsockopt(option.fd, option.level, option.name, scratch.bytes(), &size) != 0) return Result(info, -errno);
  if (!option.value.empty()) std::memcpy(option.value.data(), scratch.bytes(), option.value.size());
  return Result(info, static_cast<std::int32_t>(std::min<std::size_t>(size, option.value.size())));
}

Napi::Value SetOption(const Napi::CallbackInfo& info) {
  Option option;
  if (!ReadOption(info, &option)) return Result(info, -EINVAL);
  const Scratch scratch(option.value);
  if (scratch.bytes() == nullptr) return Result(info, -ENOMEM);
  const socklen_t size = static_cast<socklen_t>(option.value.size());
  return Result(info, ValueOrErrno(setsockopt(option.fd, option.level, option.name, scratch.bytes(), size)));
}

// (fd, instructions): the option is a struct with the address of the instructions, which TypeScript cannot know
Napi::Value AttachFilter(const Napi::CallbackInfo& info) {
  std::int32_t fd = 0;
  std::span<std::uint8_t> bytes;
  if (!ReadInt32(info.Env(), info[0], &fd) || !ReadBytes(info.Env(), info[1], &bytes)) return Result(info, -EINVAL);
  if (bytes.size() > BPF_MAXINSNS * sizeof(sock_filter) || bytes.size() % sizeof(sock_filter) != 0) {
    return Result(info, -EINVAL);
  }
  const sock_fprog program = {static_cast<unsigned short>(bytes.size() / sizeof(sock_filter)),
                              reinterpret_cast<sock_filter*>(bytes.data())};
  return Result(info, ValueOrErrno(setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program))));
}

}  // namespace

void InitSocketOption(Napi::Env env, Napi::Object exports) {
  Export<GetOption>(env, exports, "getsockopt");
  Export<SetOption>(env, exports, "setsockopt");
  Export<AttachFilter>(env, exports, "attachFilter");
}

}  // namespace em
