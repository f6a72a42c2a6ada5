#include "message.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <span>

#include "control.h"
#include "crossing.h"

namespace em {

namespace {

// SCM_MAX_FD of net/scm.h: as many as one message carries.
constexpr std::size_t kMaxFds = 253;

// What recvmsg says beside the count: the size of the sender's address, how many fds came, and the MSG_ flags.
constexpr std::size_t kOutcomeWords = 3;

struct Message {
  iovec bytes = {};
  msghdr header = {};
  alignas(cmsghdr) std::uint8_t control[CMSG_SPACE(kMaxFds * sizeof(int))] = {};
};

void Prepare(Message* message, std::span<std::uint8_t> bytes, std::span<std::uint8_t> address) {
  message->bytes.iov_base = bytes.data();
  message->bytes.iov_len = bytes.size();
  message->header.msg_iov = &message->bytes;
  message->header.msg_iovlen = 1;
  message->header.msg_name = address.empty() ? nullptr : address.data();
  message->header.msg_namelen = static_cast<socklen_t>(address.size());
}

void PutFds(Message* message, std::span<const std::uint32_t> fds) {
  if (fds.empty()) return;
  message->header.msg_control = message->control;
  message->header.msg_controllen = CMSG_SPACE(fds.size_bytes());
  cmsghdr* rights = CMSG_FIRSTHDR(&message->header);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(fds.size_bytes());
  std::memcpy(CMSG_DATA(rights), fds.data(), fds.size_bytes());
}

// CMSG_LEN, not CMSG_SPACE: in the padding of the latter the kernel would put one fd more than there is room for.
void MakeRoomForFds(Message* message, std::size_t room) {
  if (room == 0) return;
  message->header.msg_control = message->control;
  message->header.msg_controllen = CMSG_LEN(room * sizeof(int));
}

// (fd, bytes, offset, length, sockaddr, fds): without an address and without fds where their arrays are empty
napi_value SendMessage(napi_env env, napi_callback_info info) {
  Arguments<6> arguments(env, info);
  std::int32_t fd = 0;
  std::span<std::uint8_t> bytes;
  std::span<std::uint8_t> address;
  std::span<std::uint32_t> fds;
  if (!ReadInt32(env, arguments[0], &fd) || !ReadSlice(env, arguments[1], arguments[2], arguments[3], &bytes) ||
      !ReadSockaddr(env, arguments[4], &address) || !ReadWords(env, arguments[5], &fds) || fds.size() > kMaxFds) {
    return Result(env, -EINVAL);
  }
  Message message;
  Prepare(&message, bytes, address);
  PutFds(&message, fds);
  return Result(env, ValueOrErrno(sendmsg(fd, &message.header, MSG_NOSIGNAL)));
}

// (fd, bytes, offset, length, sockaddr, fds, outcome): takes no more fds than their array has room for
napi_value ReceiveMessage(napi_env env, napi_callback_info info) {
  Arguments<7> arguments(env, info);
  std::int32_t fd = 0;
  std::span<std::uint8_t> bytes;
  std::span<std::uint8_t> address;
  std::span<std::uint32_t> fds;
  std::span<std::uint32_t> outcome;
  if (!ReadInt32(env, arguments[0], &fd) || !ReadSlice(env, arguments[1], arguments[2], arguments[3], &bytes) ||
      !ReadSockaddr(env, arguments[4], &address) || !ReadWords(env, arguments[5], &fds) ||
      !ReadWords(env, arguments[6], &outcome) || outcome.size() < kOutcomeWords) {
    return Result(env, -EINVAL);
  }
  Message message;
  Prepare(&message, bytes, address);
  MakeRoomForFds(&message, std::min(fds.size(), kMaxFds));
  // Packet sockets refuse flags that mean nothing to them, and only unix sockets know of fds.
  const int flags = fds.empty() ? 0 : MSG_CMSG_CLOEXEC;
  const std::int32_t count = ValueOrErrno(recvmsg(fd, &message.header, flags));
  if (count >= 0) {
    outcome[0] = message.header.msg_namelen;
    const std::span<const std::uint8_t> control(message.control, message.header.msg_controllen);
    bool complete = true;
    outcome[1] = TakeFds(control, fds, close, &complete);
    outcome[2] = static_cast<std::uint32_t>(message.header.msg_flags | (complete ? 0 : MSG_CTRUNC));
  }
  return Result(env, count);
}

}  // namespace

void InitMessage(Napi::Env env, Napi::Object exports) {
  Export(env, exports, "sendmsg", SendMessage);
  Export(env, exports, "recvmsg", ReceiveMessage);
}

}  // namespace em
