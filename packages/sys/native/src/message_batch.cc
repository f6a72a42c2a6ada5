// sendmmsg(2) and recvmmsg(2): transfer many messages in one system call.
//
// The messages of a batch are in two buffers of JavaScript. `bytes` has a slot per message. `memory` has an `Entry` per
// message, and after all entries, room for the control messages of each. The headers that the kernel wants hold
// addresses, so they are built here for each call, from numbers that are checked.

#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <span>

#include "control.h"
#include "crossing.h"
#include "init.h"

namespace em {

namespace {

// The same numbers as in message-batch.ts.
constexpr std::size_t kMaxMessages = 256;
constexpr std::size_t kControlBytes = 344;

// UDP_MAX_SEGMENTS of linux/udp.h, before Linux 6.9 doubled it.
constexpr std::size_t kMaxSegments = 64;
// The longest datagram of IPv4.
constexpr std::size_t kMaxJoinedBytes = 65'507;

struct Entry {
  // Where the bytes of the message are in `bytes`.
  std::uint32_t offset;
  std::uint32_t length;
  // MSG_ flags of a received message.
  std::uint32_t flags;
  std::uint32_t address_size;
  std::uint32_t local_size;
  // If not 0, the bytes are several datagrams of this size, the last one may be shorter (UDP_GRO, UDP_SEGMENT).
  std::uint32_t segment_bytes;
  // The address of this machine, of 4 or 16 bytes.
  std::uint8_t local[16];
  // The address of the peer.
  std::uint8_t address[sizeof(sockaddr_storage)];
};
static_assert(sizeof(Entry) == 168);

struct Batch {
  std::span<std::uint8_t> bytes;
  std::span<Entry> entries;
  std::uint8_t* control = nullptr;

  std::span<std::uint8_t> ControlOf(std::size_t index) const {
    return {control + index * kControlBytes, kControlBytes};
  }
};

// The headers of one call. Not cleared: only what a call has written is used.
struct Headers {
  mmsghdr messages[kMaxMessages];
  iovec vectors[kMaxMessages];

  msghdr* Prepare(std::size_t index, std::span<std::uint8_t> bytes) {
    vectors[index] = {bytes.data(), bytes.size()};
    msghdr& header = messages[index].msg_hdr;
    header = {};
    header.msg_iov = &vectors[index];
    header.msg_iovlen = 1;
    return &header;
  }
};

bool ReadBatch(napi_env env, napi_value bytes, napi_value memory, Batch* out) {
  std::span<std::uint32_t> byte_words;
  std::span<std::uint32_t> words;
  if (!ReadBuffer(env, bytes, &byte_words) || !ReadBuffer(env, memory, &words)) return false;
  out->bytes = {reinterpret_cast<std::uint8_t*>(byte_words.data()), byte_words.size_bytes()};
  const std::size_t capacity = std::min(kMaxMessages, words.size_bytes() / (sizeof(Entry) + kControlBytes));
  out->entries = {reinterpret_cast<Entry*>(words.data()), capacity};
  out->control = reinterpret_cast<std::uint8_t*>(words.data()) + capacity * sizeof(Entry);
  return true;
}

bool IsRefused(std::int32_t result) {
  return result == -ENOSYS || result == -EPERM;
}

// Receives messages. Where the call for many does not exist, receives one: if the next one failed, its error would be
// lost. For one message, the call for one costs less.
std::int32_t Receive(std::int32_t fd, Headers* headers, std::size_t count, int flags) {
  if (count > 1) {
    const std::int32_t received = SystemCall(SYS_recvmmsg, fd, headers->messages, count, flags);
    if (!IsRefused(received)) return received;
  }
  const std::int32_t length = SystemCall(SYS_recvmsg, fd, &headers->messages[0].msg_hdr, flags);
  if (length < 0) return length;
  headers->messages[0].msg_len = static_cast<unsigned>(length);
  return 1;
}

// Of a message that is one buffer without control messages, sendto(2) has less to read than sendmsg(2).
std::int32_t SendOne(std::int32_t fd, const msghdr& header, int flags) {
  if (header.msg_controllen != 0 || header.msg_iovlen != 1) return SystemCall(SYS_sendmsg, fd, &header, flags);
  const iovec& bytes = header.msg_iov[0];
  return SystemCall(SYS_sendto, fd, bytes.iov_base, bytes.iov_len, flags, header.msg_name, header.msg_namelen);
}

// Sends messages. Where the call for many does not exist, sends one after the other.
std::int32_t Send(std::int32_t fd, Headers* headers, std::size_t count, int flags) {
  std::int32_t result = 0;
  if (count > 1) {
    result = SystemCall(SYS_sendmmsg, fd, headers->messages, count, flags);
    // EPERM may also be the error of the first message, which then comes again.
    if (!IsRefused(result)) return result;
  }
  std::int32_t sent = 0;
  while (static_cast<std::size_t>(sent) < count) {
    result = SendOne(fd, headers->messages[sent].msg_hdr, flags);
    if (result < 0) break;
    sent++;
  }
  return sent > 0 ? sent : result;
}

// (fd, bytes, memory, count, slotBytes, room, withControl): fills the first entries. A message goes to the first `room`
// bytes of its slot.
napi_value ReceiveMessages(napi_env env, napi_callback_info info) {
  Arguments<7> arguments(env, info);
  std::int32_t fd = 0;
  Batch batch;
  std::size_t count = 0;
  std::uint32_t slot_bytes = 0;
  std::uint32_t room = 0;
  std::uint32_t with_control = 0;
  if (!ReadInt32(env, arguments[0], &fd) || !ReadBatch(env, arguments[1], arguments[2], &batch) ||
      !ReadSize(env, arguments[3], &count) || !ReadUint32(env, arguments[4], &slot_bytes) ||
      !ReadUint32(env, arguments[5], &room) || !ReadUint32(env, arguments[6], &with_control) || count == 0 ||
      count > batch.entries.size() || room > slot_bytes || count * std::size_t{slot_bytes} > batch.bytes.size()) {
    return Result(env, -EINVAL);
  }
  Headers headers;
  for (std::size_t i = 0; i < count; i++) {
    msghdr* header = headers.Prepare(i, batch.bytes.subspan(i * slot_bytes, room));
    header->msg_name = batch.entries[i].address;
    header->msg_namelen = sizeof(Entry::address);
    if (with_control != 0) {
      header->msg_control = batch.ControlOf(i).data();
      header->msg_controllen = kControlBytes;
    }
  }
  // Without room for control messages, no fds arrive.
  const int flags = MSG_DONTWAIT | (with_control != 0 ? MSG_CMSG_CLOEXEC : 0);
  const std::int32_t received = Receive(fd, &headers, count, flags);
  for (std::int32_t i = 0; i < received; i++) {
    const mmsghdr& message = headers.messages[i];
    Entry& entry = batch.entries[i];
    entry.offset = static_cast<std::uint32_t>(i) * slot_bytes;
    entry.length = message.msg_len;
    entry.flags = static_cast<std::uint32_t>(message.msg_hdr.msg_flags);
    entry.address_size = std::min<std::uint32_t>(message.msg_hdr.msg_namelen, sizeof(entry.address));
    entry.local_size = 0;
    entry.segment_bytes = 0;
    const std::span<const std::uint8_t> control = batch.ControlOf(i).first(message.msg_hdr.msg_controllen);
    if (control.empty()) continue;
    bool complete = true;
    TakeFds(control, std::span<std::uint32_t>(), close, &complete);
    entry.local_size = static_cast<std::uint32_t>(TakeLocalAddress(control, entry.local));
    entry.segment_bytes = TakeSegmentBytes(control);
  }
  return Result(env, received);
}

// The numbers of an entry that is sent: a copy, which no other thread can change after the checks.
struct Outgoing {
  std::uint32_t offset;
  std::uint32_t length;
  std::uint32_t address_size;
  std::uint32_t local_size;
  std::uint32_t segment_bytes;
};

bool ReadOutgoing(const Batch& batch, std::size_t index, Outgoing* out) {
  const volatile Entry& entry = batch.entries[index];
  *out = {entry.offset, entry.length, entry.address_size, entry.local_size, entry.segment_bytes};
  return out->offset <= batch.bytes.size() && out->length <= batch.bytes.size() - out->offset &&
         out->address_size <= sizeof(entry.address) && out->local_size <= sizeof(entry.local) &&
         out->segment_bytes <= UINT16_MAX;
}

// Whether two entries go to the same peer, from the same address.
bool HaveSameAddresses(const Batch& batch, std::size_t one, std::size_t other, const Outgoing& sizes,
                       const Outgoing& other_sizes) {
  const Entry& a = batch.entries[one];
  const Entry& b = batch.entries[other];
  return sizes.address_size == other_sizes.address_size && sizes.local_size == other_sizes.local_size &&
         std::memcmp(a.address, b.address, sizes.address_size) == 0 &&
         std::memcmp(a.local, b.local, sizes.local_size) == 0;
}

// Writes the control messages of an entry. Returns their size, or -1 if the local address has no valid size.
std::int32_t PutControl(const Batch& batch, std::size_t index, std::uint32_t local_size, std::uint32_t segment_bytes) {
  const std::span<std::uint8_t> control = batch.ControlOf(index);
  std::size_t used = 0;
  if (local_size != 0) {
    used = PutLocalAddress(control, std::span(batch.entries[index].local).first(local_size));
    if (used == 0) return -1;
  }
  if (segment_bytes != 0) used += PutSegmentBytes(control.subspan(used), static_cast<std::uint16_t>(segment_bytes));
  return static_cast<std::int32_t>(used);
}

// (fd, bytes, memory, start, count, maxJoined): sends entries. Neighbours with the same addresses and the same length,
// of which the last one may be shorter, become one message if they have at most `maxJoined` bytes each (UDP_SEGMENT).
// Returns the number of entries: the first one after them would block, or fail.
napi_value SendMessages(napi_env env, napi_callback_info info) {
  Arguments<6> arguments(env, info);
  std::int32_t fd = 0;
  Batch batch;
  std::size_t start = 0;
  std::size_t count = 0;
  std::uint32_t max_joined = 0;
  if (!ReadInt32(env, arguments[0], &fd) || !ReadBatch(env, arguments[1], arguments[2], &batch) ||
      !ReadSize(env, arguments[3], &start) || !ReadSize(env, arguments[4], &count) ||
      !ReadUint32(env, arguments[5], &max_joined) || max_joined > UINT16_MAX || start > batch.entries.size() ||
      count > batch.entries.size() - start) {
    return Result(env, -EINVAL);
  }
  Headers headers;
  // The number of entries up to the end of each message.
  std::uint16_t ends[kMaxMessages];
  std::size_t messages = 0;
  Outgoing next = {};
  if (count > 0 && !ReadOutgoing(batch, start, &next)) return Result(env, -EINVAL);
  for (std::size_t i = 0; i < count;) {
    const std::size_t first = i;
    const Outgoing entry = next;
    std::size_t bytes = 0;
    bool is_last = entry.segment_bytes != 0 || entry.length == 0 || entry.length > max_joined;
    do {
      headers.vectors[i] = {batch.bytes.data() + next.offset, next.length};
      bytes += next.length;
      is_last = is_last || next.length < entry.length;
      i++;
      if (i < count && !ReadOutgoing(batch, start + i, &next)) return Result(env, -EINVAL);
    } while (i < count && !is_last && i - first < kMaxSegments && next.segment_bytes == 0 && next.length != 0 &&
             next.length <= entry.length && bytes + next.length <= kMaxJoinedBytes &&
             HaveSameAddresses(batch, start + first, start + i, entry, next));
    const std::uint32_t segment_bytes = i - first == 1 ? entry.segment_bytes : entry.length;
    const std::int32_t used = PutControl(batch, start + first, entry.local_size, segment_bytes);
    if (used < 0) return Result(env, -EINVAL);
    msghdr& header = headers.messages[messages].msg_hdr;
    header = {};
    header.msg_name = entry.address_size == 0 ? nullptr : batch.entries[start + first].address;
    header.msg_namelen = entry.address_size;
    header.msg_iov = &headers.vectors[first];
    header.msg_iovlen = i - first;
    header.msg_control = used == 0 ? nullptr : batch.ControlOf(start + first).data();
    header.msg_controllen = static_cast<std::size_t>(used);
    ends[messages++] = static_cast<std::uint16_t>(i);
  }
  const std::int32_t sent = Send(fd, &headers, messages, MSG_NOSIGNAL | MSG_DONTWAIT);
  return Result(env, sent > 0 ? ends[sent - 1] : sent);
}

}  // namespace

void InitMessageBatch(Napi::Env env, Napi::Object exports) {
  Export(env, exports, "recvmmsg", ReceiveMessages);
  Export(env, exports, "sendmmsg", SendMessages);
}

}  // namespace em
