// sendmsg(2) and recvmsg(2): transfer bytes together with addresses and file descriptors.

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <span>

#include "control.h"
#include "crossing.h"
#include "init.h"

namespace em {

namespace {

// SCM_MAX_FD of net/scm.h: the maximum number of fds per message.
constexpr std::size_t kMaxFds = 253;

// What recvmsg reports besides the count: the size of the sender's address, the number of fds, the MSG_ flags, the size
// of the address that the message was sent to, and the number of words of credentials.
constexpr std::size_t kOutcomeWords = 5;

// The same for the error queue: the size of the destination, the size of the entry, and the MSG_ flags.
constexpr std::size_t kErrorOutcomeWords = 3;

// Room for what else a socket may report with a message: credentials, a pidfd, a security label, time stamps, counters
// of options. The kernel puts some of it before the fds, and drops what does not fit.
constexpr std::size_t kOtherControl = 4096;

struct Message {
  iovec bytes = {};
  msghdr header = {};
  // Not cleared: PutControlMessage writes it, or it is read only as far as the kernel has written.
  alignas(cmsghdr) std::uint8_t control[CMSG_SPACE(kMaxFds * sizeof(int)) + kOtherControl];
};

void Prepare(Message* message, std::span<std::uint8_t> bytes, std::span<std::uint8_t> address) {
  message->bytes.iov_base = bytes.data();
  message->bytes.iov_len = bytes.size();
  message->header.msg_iov = &message->bytes;
  message->header.msg_iovlen = 1;
  message->header.msg_name = address.empty() ? nullptr : address.data();
  message->header.msg_namelen = static_cast<socklen_t>(address.size());
}

// Offers all the room, even if the caller wants less. What is too much is dropped here and not by the kernel, because
// here it is known whether fds are lost, or something else.
void MakeRoom(Message* message) {
  message->header.msg_control = message->control;
  message->header.msg_controllen = sizeof(message->control);
}

// (fd, bytes, offset, length, sockaddr, fds, local): an empty array means no address, or no fds
napi_value SendMessage(napi_env env, napi_callback_info info) {
  Arguments<7> arguments(env, info);
  std::int32_t fd = 0;
  std::span<std::uint8_t> bytes;
  std::span<std::uint8_t> address;
  std::span<std::uint32_t> fds;
  std::span<std::uint8_t> local;
  if (!ReadInt32(env, arguments[0], &fd) || !ReadSlice(env, arguments[1], arguments[2], arguments[3], &bytes) ||
      !ReadSockaddr(env, arguments[4], &address) || !ReadWords(env, arguments[5], &fds) || fds.size() > kMaxFds ||
      !ReadBytes(env, arguments[6], &local) || (!fds.empty() && !local.empty())) {
    return Result(env, -EINVAL);
  }
  Message message;
  Prepare(&message, bytes, address);
  std::size_t used = 0;
  if (!fds.empty()) {
    const std::span<const std::uint8_t> numbers(reinterpret_cast<const std::uint8_t*>(fds.data()), fds.size_bytes());
    used = PutControlMessage(message.control, SOL_SOCKET, SCM_RIGHTS, numbers);
  } else if (!local.empty()) {
    used = PutLocalAddress(message.control, local);
    if (used == 0) return Result(env, -EINVAL);
  }
  if (used != 0) {
    message.header.msg_control = message.control;
    message.header.msg_controllen = used;
  }
  return Result(env, SystemCall(SYS_sendmsg, fd, &message.header, MSG_NOSIGNAL | MSG_DONTWAIT));
}

// (fd, bytes, offset, length, sockaddr, fds, local, credentials, outcome, flags): takes at most as many fds as fit into
// the array
napi_value ReceiveMessage(napi_env env, napi_callback_info info) {
  Arguments<10> arguments(env, info);
  std::int32_t fd = 0;
  std::int32_t wanted = 0;
  std::span<std::uint8_t> bytes;
  std::span<std::uint8_t> address;
  std::span<std::uint32_t> fds;
  std::span<std::uint8_t> local;
  std::span<std::uint32_t> credentials;
  std::span<std::uint32_t> outcome;
  if (!ReadInt32(env, arguments[0], &fd) || !ReadSlice(env, arguments[1], arguments[2], arguments[3], &bytes) ||
      !ReadSockaddr(env, arguments[4], &address) || !ReadWords(env, arguments[5], &fds) ||
      !ReadBytes(env, arguments[6], &local) || (!fds.empty() && !local.empty()) ||
      !ReadWords(env, arguments[7], &credentials) || !ReadWords(env, arguments[8], &outcome) ||
      outcome.size() < kOutcomeWords || !ReadInt32(env, arguments[9], &wanted)) {
    return Result(env, -EINVAL);
  }
  Message message;
  Prepare(&message, bytes, address);
  if (!fds.empty() || !local.empty() || !credentials.empty()) MakeRoom(&message);
  // Packet sockets refuse flags that they do not know, and only unix sockets transfer fds. A socket that transfers
  // credentials does so too.
  const bool may_get_fds = !fds.empty() || !credentials.empty();
  const int flags = wanted | MSG_DONTWAIT | (may_get_fds ? MSG_CMSG_CLOEXEC : 0);
  const std::int32_t count = SystemCall(SYS_recvmsg, fd, &message.header, flags);
  if (count >= 0) {
    outcome[0] = message.header.msg_namelen;
    const std::span<const std::uint8_t> control(message.control, message.header.msg_controllen);
    bool complete = true;
    outcome[1] = TakeFds(control, fds, close, &complete);
    outcome[2] = static_cast<std::uint32_t>(message.header.msg_flags | (complete ? 0 : MSG_CTRUNC));
    outcome[3] = static_cast<std::uint32_t>(TakeLocalAddress(control, local));
    outcome[4] = static_cast<std::uint32_t>(TakeCredentials(control, credentials));
  }
  return Result(env, count);
}

// (fd, bytes, offset, length, sockaddr, error, outcome): takes the first entry of the error queue
napi_value ReceiveError(napi_env env, napi_callback_info info) {
  Arguments<7> arguments(env, info);
  std::int32_t fd = 0;
  std::span<std::uint8_t> bytes;
  std::span<std::uint8_t> address;
  std::span<std::uint8_t> error;
  std::span<std::uint32_t> outcome;
  if (!ReadInt32(env, arguments[0], &fd) || !ReadSlice(env, arguments[1], arguments[2], arguments[3], &bytes) ||
      !ReadSockaddr(env, arguments[4], &address) || !ReadBytes(env, arguments[5], &error) ||
      !ReadWords(env, arguments[6], &outcome) || outcome.size() < kErrorOutcomeWords) {
    return Result(env, -EINVAL);
  }
  Message message;
  Prepare(&message, bytes, address);
  MakeRoom(&message);
  const std::int32_t count =
      SystemCall(SYS_recvmsg, fd, &message.header, MSG_ERRQUEUE | MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  if (count >= 0) {
    const std::span<const std::uint8_t> control(message.control, message.header.msg_controllen);
    // Sockets without such a queue ignore the flag, and may have received fds.
    bool complete = true;
    TakeFds(control, std::span<std::uint32_t>(), close, &complete);
    outcome[0] = message.header.msg_namelen;
    outcome[1] = static_cast<std::uint32_t>(TakeError(control, error));
    outcome[2] = static_cast<std::uint32_t>(message.header.msg_flags);
  }
  return Result(env, count);
}

}  // namespace

void InitMessage(Napi::Env env, Napi::Object exports) {
  Export(env, exports, "sendmsg", SendMessage);
  Export(env, exports, "recvmsg", ReceiveMessage);
  Export(env, exports, "recverr", ReceiveError);
}

}  // namespace em
