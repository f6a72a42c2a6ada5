// What comes with a message besides its bytes: control messages (cmsg(3)), each a header and its data, and the fds in
// them. Taken apart by hand, so that nothing is read that is not within the bytes, whatever they say.

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

struct ControlMessage {
  int level;
  int type;
  std::span<const std::uint8_t> data;
};

/// Takes the first message off `control`. False at the end, and where what follows is no whole message.
bool TakeControlMessage(std::span<const std::uint8_t>* control, ControlMessage* out);

/// Puts the fds that were sent into `room`, and hands to `discard` those that nobody gets, of which there is no other
/// trace: what there is no room for, and the pidfd of the sender that comes where the socket has SO_PASSPIDFD.
///
/// Returns how many are in `room`. `complete` says whether that is all that were sent.
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

/// Copies the address of this machine that a datagram was sent to, which comes with it where the socket has IP_PKTINFO
/// or IPV6_RECVPKTINFO: 4 bytes of IPv4, or else 16 of IPv6. Returns how many; 0 if there is none, or no room.
std::size_t TakeLocalAddress(std::span<const std::uint8_t> control, std::span<std::uint8_t> room);

/// Copies the entry of the error queue that a message stands for (IP_RECVERR, IPV6_RECVERR): struct sock_extended_err,
/// and the address of who found the error. Returns how many bytes; 0 if there is none.
std::size_t TakeError(std::span<const std::uint8_t> control, std::span<std::uint8_t> room);

}  // namespace em

#endif  // EM_SYS_CONTROL_H_
