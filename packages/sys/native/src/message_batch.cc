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
#include <span>

#include "control.h"
#include "crossing.h"
#include "init.h"

namespace em {

namespace {

// The same numbers as in message-batch.ts.
constexpr std::size_t kMaxMessages = 256;
constexpr std::size_t kControlBytes = 344;

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

// Makes the call for the messages of a batch. Where it does not exist, receives one message.
std::int32_t Receive(std::int32_t fd, Headers* headers, std::size_t count, int flags) {
  const std::int32_t received = SystemCall(SYS_recvmmsg, fd, headers->messages, count, flags);
  if (!IsRefused(received)) return received;
  // No more than one: if the next one failed, its error would be lost.
  const std::int32_t length = SystemCall(SYS_recvmsg, fd, &headers->messages[0].msg_hdr, flags);
  if (length < 0) return length;
  headers->messages[0].msg_len = static_cast<unsigned>(length);
  return 1;
}

// The same for sending. Where the call does not exist, sends one message after the other.
std::int32_t Send(std::int32_t fd, Headers* headers, std::size_t count, int flags) {
  std::int32_t result = SystemCall(SYS_sendmmsg, fd, headers->messages, count, flags);
  // EPERM may also be the error of the first message, which then comes again.
  if (!IsRefused(result)) return result;
  std::int32_t sent = 0;
  while (static_cast<std::size_t>(sent) < count) {
    result = SystemCall(SYS_sendmsg, fd, &headers->messages[sent].msg_hdr, flags);
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

// (fd, bytes, memory, start, count): sends entries. Returns their number: the first one after it would block, or fail.
napi_value SendMessages(napi_env env, napi_callback_info info) {
  Arguments<5> arguments(env, info);
  std::int32_t fd = 0;
  Batch batch;
  std::size_t start = 0;
  std::size_t count = 0;
  if (!ReadInt32(env, arguments[0], &fd) || !ReadBatch(env, arguments[1], arguments[2], &batch) ||
      !ReadSize(env, arguments[3], &start) || !ReadSize(env, arguments[4], &count) || start > batch.entries.size() ||
      count > batch.entries.size() - start) {
    return Result(env, -EINVAL);
  }
  Headers headers;
  for (std::size_t i = 0; i < count; i++) {
    // A copy, which no other thread can change after the checks.
    const volatile Entry& shared = batch.entries[start + i];
    const std::uint32_t offset = shared.offset;
    const std::uint32_t length = shared.length;
    const std::uint32_t address_size = shared.address_size;
    const std::uint32_t local_size = shared.local_size;
    const std::uint32_t segment_bytes = shared.segment_bytes;
    Entry& entry = batch.entries[start + i];
    if (offset > batch.bytes.size() || length > batch.bytes.size() - offset || address_size > sizeof(entry.address) ||
        local_size > sizeof(entry.local) || segment_bytes > UINT16_MAX) {
      return Result(env, -EINVAL);
    }
    msghdr* header = headers.Prepare(i, batch.bytes.subspan(offset, length));
    header->msg_name = address_size == 0 ? nullptr : entry.address;
    header->msg_namelen = address_size;
    const std::span<std::uint8_t> control = batch.ControlOf(start + i);
    std::size_t used = 0;
    if (local_size != 0) used += PutLocalAddress(control, std::span(entry.local).first(local_size));
    if (local_size != 0 && used == 0) return Result(env, -EINVAL);
    if (segment_bytes != 0) used += PutSegmentBytes(control.subspan(used), static_cast<std::uint16_t>(segment_bytes));
    header->msg_control = used == 0 ? nullptr : control.data();
    header->msg_controllen = used;
  }
  return Result(env, Send(fd, &headers, count, MSG_NOSIGNAL | MSG_DONTWAIT));
}

}  // namespace

void InitMessageBatch(Napi::Env env, Napi::Object exports) {
  Export(env, exports, "recvmmsg", ReceiveMessages);
  Export(env, exports, "sendmmsg", SendMessages);
}

}  // namespace em
