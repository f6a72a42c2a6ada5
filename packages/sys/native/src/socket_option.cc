#include "socket_option.h"

#include <linux/filter.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <span>

#include "crossing.h"

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

// The bytes that were filled.
Napi::Value GetOption(const Napi::CallbackInfo& info) {
  Option option;
  if (!ReadOption(info, &option)) return Result(info, -EINVAL);
  socklen_t size = static_cast<socklen_t>(option.value.size());
  const int result = getsockopt(option.fd, option.level, option.name, option.value.data(), &size);
  return Result(info, ValueOrErrno(result == 0 ? static_cast<std::int64_t>(size) : result));
}

Napi::Value SetOption(const Napi::CallbackInfo& info) {
  Option option;
  if (!ReadOption(info, &option)) return Result(info, -EINVAL);
  const socklen_t size = static_cast<socklen_t>(option.value.size());
  return Result(info, ValueOrErrno(setsockopt(option.fd, option.level, option.name, option.value.data(), size)));
}

// (fd, instructions): the option is a struct with their address, which TypeScript cannot know
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
