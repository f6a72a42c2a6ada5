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
  // Not cleared: PutControl writes it, or it is read only as far as the kernel has written.
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

void PutControl(Message* message, int level, int type, const void* data, std::size_t size) {
  std::memset(message->control, 0, CMSG_SPACE(size));
  message->header.msg_control = message->control;
  message->header.msg_controllen = CMSG_SPACE(size);
  cmsghdr* header = CMSG_FIRSTHDR(&message->header);
  header->cmsg_level = level;
  header->cmsg_type = type;
  header->cmsg_len = CMSG_LEN(size);
  std::memcpy(CMSG_DATA(header), data, size);
}

// Makes the message leave from an IPv4 or IPv6 address of this machine. Returns false if it has the size of neither.
bool PutLocalAddress(Message* message, std::span<const std::uint8_t> local) {
  in_pktinfo info = {};
  in6_pktinfo info6 = {};
  if (local.size() == sizeof(info.ipi_spec_dst)) {
    std::memcpy(&info.ipi_spec_dst, local.data(), local.size());
    PutControl(message, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
  } else if (local.size() == sizeof(info6.ipi6_addr)) {
    std::memcpy(&info6.ipi6_addr, local.data(), local.size());
    PutControl(message, IPPROTO_IPV6, IPV6_PKTINFO, &info6, sizeof(info6));
  }
  return message->header.msg_controllen > 0;
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
  if (!fds.empty()) PutControl(&message, SOL_SOCKET, SCM_RIGHTS, fds.data(), fds.size_bytes());
  if (!local.empty() && !PutLocalAddress(&message, local)) return Result(env, -EINVAL);
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
