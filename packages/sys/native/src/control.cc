#include "control.h"

#include <netinet/in.h>

#include <algorithm>

namespace em {

bool TakeControlMessage(std::span<const std::uint8_t>* control, ControlMessage* out) {
  cmsghdr header = {};
  if (control->size() < sizeof(header)) return false;
  std::memcpy(&header, control->data(), sizeof(header));
  if (header.cmsg_len < CMSG_LEN(0) || header.cmsg_len > control->size()) return false;
  *out = {header.cmsg_level, header.cmsg_type, control->subspan(CMSG_LEN(0), header.cmsg_len - CMSG_LEN(0))};
  // The last message may lack its padding.
  *control = control->subspan(std::min<std::size_t>(CMSG_ALIGN(header.cmsg_len), control->size()));
  return true;
}

std::size_t TakeLocalAddress(std::span<const std::uint8_t> control, std::span<std::uint8_t> room) {
  std::span<const std::uint8_t> address;
  for (ControlMessage message = {}; TakeControlMessage(&control, &message);) {
    if (message.level == IPPROTO_IP && message.type == IP_PKTINFO && message.data.size() >= sizeof(in_pktinfo)) {
      // Not ipi_addr, which may be the address of a group.
      address = message.data.subspan(offsetof(in_pktinfo, ipi_spec_dst), sizeof(in_addr));
    }
    if (message.level == IPPROTO_IPV6 && message.type == IPV6_PKTINFO && message.data.size() >= sizeof(in6_pktinfo) &&
        address.empty()) {
      address = message.data.subspan(offsetof(in6_pktinfo, ipi6_addr), sizeof(in6_addr));
    }
  }
  if (address.size() > room.size()) return 0;
  std::copy(address.begin(), address.end(), room.begin());
  return address.size();
}

std::size_t TakeCredentials(std::span<const std::uint8_t> control, std::span<std::uint32_t> room) {
  ucred sender = {};
  for (ControlMessage message = {}; TakeControlMessage(&control, &message);) {
    if (message.level != SOL_SOCKET || message.type != SCM_CREDENTIALS) continue;
    if (message.data.size() < sizeof(sender) || room.size() < kCredentialWords) return 0;
    std::memcpy(&sender, message.data.data(), sizeof(sender));
    room[0] = static_cast<std::uint32_t>(sender.pid);
    room[1] = sender.uid;
    room[2] = sender.gid;
    return kCredentialWords;
  }
  return 0;
}

std::size_t TakeError(std::span<const std::uint8_t> control, std::span<std::uint8_t> room) {
  for (ControlMessage message = {}; TakeControlMessage(&control, &message);) {
    if ((message.level == IPPROTO_IP && message.type == IP_RECVERR) ||
        (message.level == IPPROTO_IPV6 && message.type == IPV6_RECVERR)) {
      const auto taken = message.data.first(std::min(message.data.size(), room.size()));
      std::copy(taken.begin(), taken.end(), room.begin());
      return taken.size();
    }
  }
  return 0;
}

}  // namespace em
