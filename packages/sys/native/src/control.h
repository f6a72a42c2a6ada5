// The control messages (cmsg(3)) that come with a message, each a header and its data, and the fds in them. This code
// parses them itself, so that it never reads beyond the bytes, whatever the headers say.

#ifndef EM_SYS_CONTROL_H_
#define EM_SYS_CONTROL_H_

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace em {

/// SCM_PIDFD of linux/socket.h, since Linux 6.5; glibc 2.36 does not have it.
constexpr int kScmPidFd = 4;

/// The pid, uid and gid of struct ucred.
constexpr std::size_t kCredentialWords = 3;

struct ControlMessage {
  int level;
  int type;
  std::span<const std::uint8_t> data;
};

/// Removes the first message from `control`. Returns false at the end, or if no whole message follows.
bool TakeControlMessage(std::span<const std::uint8_t>* control, ControlMessage* out);

/// Writes a message to the start of `room`. Returns the number of bytes that it occupies, or 0 if there is no room.
std::size_t PutControlMessage(std::span<std::uint8_t> room, int level, int type, std::span<const std::uint8_t> data);

/// Makes a datagram leave from an address of this machine (IP_PKTINFO, IPV6_PKTINFO). Returns the number of bytes of
/// `room` that it occupies, or 0 if the address has the size of neither IPv4 nor IPv6.
std::size_t PutLocalAddress(std::span<std::uint8_t> room, std::span<const std::uint8_t> local);

/// Makes several datagrams of a message, each of this size, except for the last one (UDP_SEGMENT). Returns the number
/// of bytes of `room` that it occupies.
std::size_t PutSegmentBytes(std::span<std::uint8_t> room, std::uint16_t segment_bytes);

/// Puts the fds that were sent into `room`, and passes the others to `discard`, or they would leak: fds that do not
/// fit, and the pidfd of the sender, which comes if the socket has SO_PASSPIDFD.
///
/// Returns the number of fds in `room`. `complete` says whether all fds that were sent are there.
template <typename Discard>
std::size_t TakeFds(std::span<const std::uint8_t> control, std::span<std::uint32_t> room, Discard discard,
                    bool* complete) {
  std::size_t taken = 0;
  *complete = true;
  for (ControlMessage message = {}; TakeControlMessage(&control, &message);) {
    const bool is_sent = message.type == SCM_RIGHTS;
    if (message.level != SOL_SOCKET || !(is_sent || message.type == kScmPidFd)) continue;
    for (std::size_t at = 0; message.data.size() - at >= sizeof(int); at += sizeof(int)) {
      int fd = -1;
      std::memcpy(&fd, message.data.data() + at, sizeof(int));
      if (is_sent && taken < room.size()) {
        room[taken++] = static_cast<std::uint32_t>(fd);
      } else {
        discard(fd);
        *complete = *complete && !is_sent;
      }
    }
  }
  return taken;
}

/// Copies the address of this machine that a datagram was sent to: 4 bytes for IPv4, 16 for IPv6. It comes if the
/// socket has IP_PKTINFO or IPV6_RECVPKTINFO. Returns the number of bytes, or 0 if there is no room or no such address:
/// nothing can be sent from the address of a multicast group, or from a broadcast address.
std::size_t TakeLocalAddress(std::span<const std::uint8_t> control, std::span<std::uint8_t> room);

/// Returns the size of the datagrams that a message consists of, or 0 if it is one datagram. It comes if the socket has
/// UDP_GRO.
std::uint32_t TakeSegmentBytes(std::span<const std::uint8_t> control);

/// Copies the credentials of the sender: pid, uid, gid. They come if the socket has SO_PASSCRED. Returns the number of
/// words, or 0 if there are no credentials or no room.
std::size_t TakeCredentials(std::span<const std::uint8_t> control, std::span<std::uint32_t> room);

/// Copies the entry of the error queue in a message (IP_RECVERR, IPV6_RECVERR): a struct sock_extended_err, and the
/// address of the machine that reported the error. Returns the number of bytes, or 0 if there is no entry.
std::size_t TakeError(std::span<const std::uint8_t> control, std::span<std::uint8_t> room);

}  // namespace em

#endif  // EM_SYS_CONTROL_H_
