#include "control.h"

#include <netinet/in.h>
#include <netinet/udp.h>

#include <algorithm>

namespace em {

namespace {

// ff00::/8, RFC 4291.
constexpr std::uint8_t kMulticast = 0xff;
// 224.0.0.0. The addresses from there on are those of groups, reserved, or the broadcast address.
constexpr std::uint8_t kFirstMulticastOfIpv4 = 224;

template <typename Value>
std::span<const std::uint8_t> BytesOf(const Value& value) {
  return {reinterpret_cast<const std::uint8_t*>(&value), sizeof(value)};
}

// Whether a datagram was sent to many machines. The kernel then puts another address into ipi_spec_dst, one of this
// machine. It puts none there if the datagram arrived before the socket had IP_PKTINFO.
bool IsForMany(const in_pktinfo& info) {
  const bool has_other = info.ipi_spec_dst.s_addr != INADDR_ANY && info.ipi_spec_dst.s_addr != info.ipi_addr.s_addr;
  return has_other || BytesOf(info.ipi_addr).front() >= kFirstMulticastOfIpv4;
}

}  // namespace

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

std::size_t PutControlMessage(std::span<std::uint8_t> room, int level, int type, std::span<const std::uint8_t> data) {
  if (room.size() < CMSG_SPACE(data.size())) return 0;
  cmsghdr header = {};
  header.cmsg_level = level;
  header.cmsg_type = type;
  header.cmsg_len = CMSG_LEN(data.size());
  std::memset(room.data(), 0, CMSG_SPACE(data.size()));
  std::memcpy(room.data(), &header, sizeof(header));
  std::memcpy(room.data() + CMSG_LEN(0), data.data(), data.size());
  return CMSG_SPACE(data.size());
}

std::size_t PutLocalAddress(std::span<std::uint8_t> room, std::span<const std::uint8_t> local) {
  in_pktinfo info = {};
  in6_pktinfo info6 = {};
  if (local.size() == sizeof(info.ipi_spec_dst)) {
    std::memcpy(&info.ipi_spec_dst, local.data(), local.size());
    return PutControlMessage(room, IPPROTO_IP, IP_PKTINFO, BytesOf(info));
  }
  if (local.size() == sizeof(info6.ipi6_addr)) {
    std::memcpy(&info6.ipi6_addr, local.data(), local.size());
    return PutControlMessage(room, IPPROTO_IPV6, IPV6_PKTINFO, BytesOf(info6));
  }
  return 0;
}

std::size_t PutSegmentBytes(std::span<std::uint8_t> room, std::uint16_t segment_bytes) {
  return PutControlMessage(room, SOL_UDP, UDP_SEGMENT, BytesOf(segment_bytes));
}

std::uint32_t TakeSegmentBytes(std::span<const std::uint8_t> control) {
  for (ControlMessage message = {}; TakeControlMessage(&control, &message);) {
    int segment_bytes = 0;
    if (message.level != SOL_UDP || message.type != UDP_GRO || message.data.size() < sizeof(segment_bytes)) continue;
    std::memcpy(&segment_bytes, message.data.data(), sizeof(segment_bytes));
    return static_cast<std::uint32_t>(segment_bytes);
  }
  return 0;
}

std::size_t TakeLocalAddress(std::span<const std::uint8_t> control, std::span<std::uint8_t> room) {
  std::span<const std::uint8_t> address;
  for (ControlMessage message = {}; TakeControlMessage(&control, &message);) {
    if (message.level == IPPROTO_IP && message.type == IP_PKTINFO && message.data.size() >= sizeof(in_pktinfo)) {
      in_pktinfo info = {};
      std::memcpy(&info, message.data.data(), sizeof(info));
      if (IsForMany(info)) return 0;
      address = message.data.subspan(offsetof(in_pktinfo, ipi_addr), sizeof(in_addr));
    }
    if (message.level == IPPROTO_IPV6 && message.type == IPV6_PKTINFO && message.data.size() >= sizeof(in6_pktinfo) &&
        address.empty()) {
      address = message.data.subspan(offsetof(in6_pktinfo, ipi6_addr), sizeof(in6_addr));
    }
  }
  const bool is_group = address.size() == sizeof(in6_addr) && address.front() == kMulticast;
  if (address.size() > room.size() || is_group) return 0;
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
