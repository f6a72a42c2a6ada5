#include "socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <span>

#include "crossing.h"

namespace em {

namespace {

// (family, type, protocol)
Napi::Value Socket(const Napi::CallbackInfo& info) {
  std::int32_t family = 0;
  std::int32_t type = 0;
  std::int32_t protocol = 0;
  if (!ReadInt32(info.Env(), info[0], &family) || !ReadInt32(info.Env(), info[1], &type) ||
      !ReadInt32(info.Env(), info[2], &protocol)) {
    return Result(info, -EINVAL);
  }
  return Result(info, ValueOrErrno(socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol)));
}

// (family, type, protocol, ends): filled with the two sockets
Napi::Value SocketPair(const Napi::CallbackInfo& info) {
  std::int32_t family = 0;
  std::int32_t type = 0;
  std::int32_t protocol = 0;
  std::span<std::uint32_t> ends;
  if (!ReadInt32(info.Env(), info[0], &family) || !ReadInt32(info.Env(), info[1], &type) ||
      !ReadInt32(info.Env(), info[2], &protocol) || !ReadWords(info.Env(), info[3], &ends) || ends.size() < 2) {
    return Result(info, -EINVAL);
  }
  int fds[2] = {-1, -1};
  const std::int32_t result = ValueOrErrno(socketpair(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol, fds));
  if (result == 0) {
    ends[0] = static_cast<std::uint32_t>(fds[0]);
    ends[1] = static_cast<std::uint32_t>(fds[1]);
  }
  return Result(info, result);
}

// (fd, sockaddr)
template <int (*Call)(int, const sockaddr*, socklen_t)>
Napi::Value WithAddress(const Napi::CallbackInfo& info) {
  std::int32_t fd = 0;
  std::span<std::uint8_t> address;
  if (!ReadInt32(info.Env(), info[0], &fd) || !ReadBytes(info.Env(), info[1], &address)) {
    return Result(info, -EINVAL);
  }
  return Result(info, ValueOrErrno(Call(fd, reinterpret_cast<const sockaddr*>(address.data()),
                                        static_cast<socklen_t>(address.size()))));
}

// (fd, sockaddr): the bytes that the whole address takes, which may be more than there was room for
template <int (*Call)(int, sockaddr*, socklen_t*)>
Napi::Value AddressOf(const Napi::CallbackInfo& info) {
  std::int32_t fd = 0;
  std::span<std::uint8_t> address;
  if (!ReadInt32(info.Env(), info[0], &fd) || !ReadBytes(info.Env(), info[1], &address)) {
    return Result(info, -EINVAL);
  }
  socklen_t length = static_cast<socklen_t>(address.size());
  const int result = Call(fd, reinterpret_cast<sockaddr*>(address.data()), &length);
  return Result(info, ValueOrErrno(result == 0 ? static_cast<std::int64_t>(length) : result));
}

// (fd, number)
template <int (*Call)(int, int)>
Napi::Value WithNumber(const Napi::CallbackInfo& info) {
  std::int32_t fd = 0;
  std::int32_t number = 0;
  if (!ReadInt32(info.Env(), info[0], &fd) || !ReadInt32(info.Env(), info[1], &number)) {
    return Result(info, -EINVAL);
  }
  return Result(info, ValueOrErrno(Call(fd, number)));
}

// (fd)
napi_value Accept(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  std::int32_t fd = 0;
  if (!ReadInt32(env, arguments[0], &fd)) return Result(env, -EINVAL);
  return Result(env, ValueOrErrno(accept4(fd, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)));
}

napi_value Receive(napi_env env, napi_callback_info info) {
  return TransferBytes(env, info, [](int fd, std::uint8_t* data, std::size_t size) {
    return recv(fd, data, size, 0);
  });
}

napi_value Send(napi_env env, napi_callback_info info) {
  return TransferBytes(env, info, [](int fd, const std::uint8_t* data, std::size_t size) {
    return send(fd, data, size, MSG_NOSIGNAL);
  });
}

// (fd, level, name)
Napi::Value GetOption(const Napi::CallbackInfo& info) {
  std::int32_t fd = 0;
  std::int32_t level = 0;
  std::int32_t name = 0;
  if (!ReadInt32(info.Env(), info[0], &fd) || !ReadInt32(info.Env(), info[1], &level) ||
      !ReadInt32(info.Env(), info[2], &name)) {
    return Result(info, -EINVAL);
  }
  int value = 0;
  socklen_t size = sizeof(value);
  const int result = getsockopt(fd, level, name, &value, &size);
  return Result(info, ValueOrErrno(result == 0 ? value : result));
}

// (fd, level, name, value)
Napi::Value SetOption(const Napi::CallbackInfo& info) {
  std::int32_t fd = 0;
  std::int32_t level = 0;
  std::int32_t name = 0;
  std::int32_t value = 0;
  if (!ReadInt32(info.Env(), info[0], &fd) || !ReadInt32(info.Env(), info[1], &level) ||
      !ReadInt32(info.Env(), info[2], &name) || !ReadInt32(info.Env(), info[3], &value)) {
    return Result(info, -EINVAL);
  }
  return Result(info, ValueOrErrno(setsockopt(fd, level, name, &value, sizeof(value))));
}

// Their numbers differ between architectures, so TypeScript takes them from here.
void InitConstants(Napi::Env env, Napi::Object exports) {
  Napi::Object constants = Napi::Object::New(env);
  constants.Set("AF_INET", AF_INET);
  constants.Set("AF_INET6", AF_INET6);
  constants.Set("AF_UNIX", AF_UNIX);
  constants.Set("SOCK_STREAM", static_cast<int>(SOCK_STREAM));
  constants.Set("SOCK_DGRAM", static_cast<int>(SOCK_DGRAM));
  constants.Set("SOCK_SEQPACKET", static_cast<int>(SOCK_SEQPACKET));
  constants.Set("IPPROTO_TCP", static_cast<int>(IPPROTO_TCP));
  constants.Set("IPPROTO_IPV6", static_cast<int>(IPPROTO_IPV6));
  constants.Set("IPV6_V6ONLY", IPV6_V6ONLY);
  constants.Set("SOL_SOCKET", SOL_SOCKET);
  constants.Set("SO_ERROR", SO_ERROR);
  constants.Set("SO_REUSEADDR", SO_REUSEADDR);
  constants.Set("SO_REUSEPORT", SO_REUSEPORT);
  constants.Set("SO_KEEPALIVE", SO_KEEPALIVE);
  constants.Set("SO_BROADCAST", SO_BROADCAST);
  constants.Set("SO_RCVBUF", SO_RCVBUF);
  constants.Set("SO_SNDBUF", SO_SNDBUF);
  constants.Set("SO_TYPE", SO_TYPE);
  constants.Set("SO_DOMAIN", SO_DOMAIN);
  constants.Set("SO_ACCEPTCONN", SO_ACCEPTCONN);
  constants.Set("TCP_NODELAY", TCP_NODELAY);
  constants.Set("TCP_KEEPIDLE", TCP_KEEPIDLE);
  constants.Set("MSG_TRUNC", static_cast<int>(MSG_TRUNC));
  constants.Set("MSG_CTRUNC", static_cast<int>(MSG_CTRUNC));
  constants.Set("SHUT_RD", static_cast<int>(SHUT_RD));
  constants.Set("SHUT_WR", static_cast<int>(SHUT_WR));
  constants.Set("SHUT_RDWR", static_cast<int>(SHUT_RDWR));
  exports.Set("socketConstants", constants);
}

}  // namespace

void InitSocket(Napi::Env env, Napi::Object exports) {
  exports.Set("socket", Napi::Function::New<Socket>(env, "socket"));
  exports.Set("socketpair", Napi::Function::New<SocketPair>(env, "socketpair"));
  exports.Set("bind", Napi::Function::New<WithAddress<bind>>(env, "bind"));
  exports.Set("connect", Napi::Function::New<WithAddress<connect>>(env, "connect"));
  exports.Set("listen", Napi::Function::New<WithNumber<listen>>(env, "listen"));
  exports.Set("shutdown", Napi::Function::New<WithNumber<shutdown>>(env, "shutdown"));
  Export(env, exports, "accept", Accept);
  Export(env, exports, "recv", Receive);
  Export(env, exports, "send", Send);
  exports.Set("getsockname", Napi::Function::New<AddressOf<getsockname>>(env, "getsockname"));
  exports.Set("getpeername", Napi::Function::New<AddressOf<getpeername>>(env, "getpeername"));
  exports.Set("getsockopt", Napi::Function::New<GetOption>(env, "getsockopt"));
  exports.Set("setsockopt", Napi::Function::New<SetOption>(env, "setsockopt"));
  InitConstants(env, exports);
}

}  // namespace em
