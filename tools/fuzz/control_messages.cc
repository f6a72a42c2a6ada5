// Feeds random bytes to the parser of control messages. It must not read beyond them (the sanitizer reports that), miss
// a message that the macros of glibc find, or lose an fd.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "control.h"

namespace {

using Bytes = std::span<const std::uint8_t>;

void Expect(bool holds) {
  if (!holds) std::abort();
}

bool IsWithin(Bytes part, Bytes whole) {
  return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

std::vector<em::ControlMessage> Messages(Bytes control) {
  std::vector<em::ControlMessage> messages;
  Bytes left = control;
  for (em::ControlMessage message = {}; em::TakeControlMessage(&left, &message);) {
    Expect(IsWithin(message.data, control) && IsWithin(left, control));
    messages.push_back(message);
  }
  return messages;
}

// The macros trust the length of the first message, and want the padding of the last.
void ExpectAsMacros(std::vector<std::uint8_t>* control, const std::vector<em::ControlMessage>& messages) {
  msghdr header = {};
  header.msg_control = control->data();
  header.msg_controllen = control->size();
  std::size_t count = 0;
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
    const std::size_t left = control->data() + control->size() - reinterpret_cast<std::uint8_t*>(part);
    if (part->cmsg_len < CMSG_LEN(0) || part->cmsg_len > left) break;
    Expect(count < messages.size());
    const em::ControlMessage& message = messages[count++];
    Expect(message.level == part->cmsg_level && message.type == part->cmsg_type);
    Expect(message.data.data() == CMSG_DATA(part) && message.data.size() == part->cmsg_len - CMSG_LEN(0));
  }
  Expect(messages.size() - count <= 1);
}

void AppendFds(std::vector<std::uint32_t>* fds, Bytes data) {
  const std::size_t count = data.size() / sizeof(std::uint32_t);
  if (count == 0) return;
  fds->resize(fds->size() + count);
  std::memcpy(fds->data() + fds->size() - count, data.data(), count * sizeof(std::uint32_t));
}

void ExpectNoFdLost(Bytes control, const std::vector<em::ControlMessage>& messages, std::size_t room) {
  std::vector<std::uint32_t> sent;
  std::vector<std::uint32_t> others;
  for (const em::ControlMessage& message : messages) {
    if (message.level != SOL_SOCKET) continue;
    if (message.type == SCM_RIGHTS) AppendFds(&sent, message.data);
    if (message.type == em::kScmPidFd) AppendFds(&others, message.data);
  }
  std::vector<std::uint32_t> taken(room);
  std::vector<std::uint32_t> discarded;
  bool complete = false;
  taken.resize(em::TakeFds(
      control, taken,
      [&](int fd) {
        discarded.push_back(static_cast<std::uint32_t>(fd));
      },
      &complete));
  const std::size_t fitting = std::min(room, sent.size());
  Expect(std::equal(taken.begin(), taken.end(), sent.begin(), sent.begin() + fitting));
  Expect(complete == (fitting == sent.size()));
  others.insert(others.end(), sent.begin() + fitting, sent.end());
  std::ranges::sort(others);
  std::ranges::sort(discarded);
  Expect(std::ranges::equal(others, discarded));
}

void ExpectLocalAddressFits(Bytes control, std::size_t room) {
  std::vector<std::uint8_t> local(room);
  const std::size_t size = em::TakeLocalAddress(control, local);
  Expect(size <= room && (size == 0 || size == 4 || size == 16));
}

void ExpectCredentialsFit(Bytes control, std::size_t room) {
  std::vector<std::uint32_t> credentials(room);
  const std::size_t words = em::TakeCredentials(control, credentials);
  Expect(words == 0 || (words == em::kCredentialWords && words <= room));
}

void ExpectErrorFits(Bytes control, std::size_t room) {
  std::vector<std::uint8_t> error(room);
  Expect(em::TakeError(control, error) <= room);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  // Copied, so that they lie as the kernel's do, and end where they end.
  std::vector<std::uint8_t> control(data + 1, data + size);
  control.shrink_to_fit();
  const std::vector<em::ControlMessage> messages = Messages(control);
  ExpectAsMacros(&control, messages);
  ExpectNoFdLost(control, messages, data[0] % 8);
  ExpectLocalAddressFits(control, data[0] % 24);
  ExpectCredentialsFit(control, data[0] % 6);
  ExpectErrorFits(control, data[0] % 48);
  return 0;
}
