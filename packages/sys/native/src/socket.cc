// socket(2) and the calls on sockets. TypeScript makes the bytes of a sockaddr.

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstdint>
#include <span>

#include "crossing.h"
#include "init.h"
#include "ledger.h"

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
  return Result(info, Enter(info.Env(), ValueOrErrno(socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol))));
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
  return Result(info, result < 0 ? result : EnterPair(info.Env(), fds, ends));
}

// (fd, sockaddr)
template <int (*Call)(int, const sockaddr*, socklen_t)>
Napi::Value WithAddress(const Napi::CallbackInfo& info) {
  std::int32_t fd = 0;
  std::span<std::uint8_t> address;
  if (!ReadInt32(info.Env(), info[0], &fd) || !ReadSockaddr(info.Env(), info[1], &address)) {
    return Result(info, -EINVAL);
  }
  return Result(info, ValueOrErrno(Call(fd, reinterpret_cast<const sockaddr*>(address.data()),
                                        static_cast<socklen_t>(address.size()))));
}

// (fd, sockaddr): the size of the whole address, which may be larger than the array
template <int (*Call)(int, sockaddr*, socklen_t*)>
Napi::Value AddressOf(const Napi::CallbackInfo& info) {
  std::int32_t fd = 0;
  std::span<std::uint8_t> address;
  if (!ReadInt32(info.Env(), info[0], &fd) || !ReadSockaddr(info.Env(), info[1], &address)) {
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
  if (WouldBlock(fd, POLLIN)) return Result(env, -EAGAIN);
  return Result(env, Enter(env, SystemCall(SYS_accept4, fd, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)));
}

struct Constant {
  const char* name;
  int value;
};

// The numbers differ between architectures, so TypeScript gets them from here.
constexpr Constant kConstants[] = {
    {"AF_INET", AF_INET},
    {"AF_INET6", AF_INET6},
    {"AF_UNIX", AF_UNIX},
    {"AF_NETLINK", AF_NETLINK},
    {"AF_PACKET", AF_PACKET},
    {"AF_CAN", AF_CAN},
    {"AF_BLUETOOTH", AF_BLUETOOTH},
    {"AF_VSOCK", AF_VSOCK},
    {"SOCK_STREAM", SOCK_STREAM},
    {"SOCK_DGRAM", SOCK_DGRAM},
    {"SOCK_SEQPACKET", SOCK_SEQPACKET},
    {"SOCK_RAW", SOCK_RAW},
    {"IPPROTO_IP", IPPROTO_IP},
    {"IP_PKTINFO", IP_PKTINFO},
    {"IPV6_RECVPKTINFO", IPV6_RECVPKTINFO},
    {"IP_ADD_MEMBERSHIP", IP_ADD_MEMBERSHIP},
    {"IP_DROP_MEMBERSHIP", IP_DROP_MEMBERSHIP},
    {"IPV6_ADD_MEMBERSHIP", IPV6_ADD_MEMBERSHIP},
    {"IPV6_DROP_MEMBERSHIP", IPV6_DROP_MEMBERSHIP},
    {"IPPROTO_TCP", IPPROTO_TCP},
    {"IPPROTO_UDP", IPPROTO_UDP},
    {"IPPROTO_IPV6", IPPROTO_IPV6},
    {"IPV6_V6ONLY", IPV6_V6ONLY},
    {"SOL_SOCKET", SOL_SOCKET},
    {"SO_ERROR", SO_ERROR},
    {"SO_REUSEADDR", SO_REUSEADDR},
    {"SO_REUSEPORT", SO_REUSEPORT},
    {"SO_KEEPALIVE", SO_KEEPALIVE},
    {"SO_BROADCAST", SO_BROADCAST},
    {"SO_RCVBUF", SO_RCVBUF},
    {"SO_SNDBUF", SO_SNDBUF},
    {"SO_TYPE", SO_TYPE},
    {"SO_DOMAIN", SO_DOMAIN},
    {"SO_PROTOCOL", SO_PROTOCOL},
    {"SO_ACCEPTCONN", SO_ACCEPTCONN},
    {"SO_MEMINFO", SO_MEMINFO},
    {"SO_PASSCRED", SO_PASSCRED},
    {"SO_PEERCRED", SO_PEERCRED},
    {"TCP_NODELAY", TCP_NODELAY},
    {"TCP_KEEPIDLE", TCP_KEEPIDLE},
    {"IP_RECVERR", IP_RECVERR},
    {"IPV6_RECVERR", IPV6_RECVERR},
    {"MSG_OOB", MSG_OOB},
    {"MSG_PEEK", MSG_PEEK},
    {"MSG_TRUNC", MSG_TRUNC},
    {"MSG_CTRUNC", MSG_CTRUNC},
    {"SHUT_RD", SHUT_RD},
    {"SHUT_WR", SHUT_WR},
    {"SHUT_RDWR", SHUT_RDWR},
};

void ExportConstants(napi_env env, napi_value exports) {
  napi_value constants = nullptr;
  napi_create_object(env, &constants);
  for (const auto& [name, value] : kConstants) napi_set_named_property(env, constants, name, Result(env, value));
  napi_object_freeze(env, constants);
  napi_set_named_property(env, exports, "socketConstants", constants);
}

}  // namespace

void InitSocket(Napi::Env env, Napi::Object exports) {
  Export<Socket>(env, exports, "socket");
  Export<SocketPair>(env, exports, "socketpair");
  Export<WithAddress<bind>>(env, exports, "bind");
  Export<WithAddress<connect>>(env, exports, "connect");
  Export<WithNumber<listen>>(env, exports, "listen");
  Export<WithNumber<shutdown>>(env, exports, "shutdown");
  Export(env, exports, "accept", Accept);
  Export(env, exports, "recv", TransferBytes<SYS_recvfrom, MSG_DONTWAIT>);
  Export(env, exports, "send", TransferBytes<SYS_sendto, MSG_NOSIGNAL | MSG_DONTWAIT>);
  Export<AddressOf<getsockname>>(env, exports, "getsockname");
  Export<AddressOf<getpeername>>(env, exports, "getpeername");
  ExportConstants(env, exports);
}

}  // namespace em
