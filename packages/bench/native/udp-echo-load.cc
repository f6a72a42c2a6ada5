// udp-echo-load PORT PEERS UNDERWAY BYTES JOINED: the clients of an echo server for UDP. They are PEERS sockets, which
// take turns, and have UNDERWAY datagrams of BYTES bytes under way in all. With JOINED 1, those of a socket are sent
// together (UDP_SEGMENT) and received together (UDP_GRO). An operation is a datagram to the server and back. A datagram
// that has not come back after a second is lost, and is sent again.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "loop.h"

namespace {

constexpr std::size_t kBufferBytes = 64 * 1024;
constexpr int kMessages = 64;
constexpr int kReceiveBufferBytes = 4 << 20;
constexpr int kLostMs = 1000;
/// A whole number of datagrams, less than the kernel sends together.
constexpr std::size_t kMaxJoined = 60'000;
constexpr std::size_t kMaxJoinedCount = 64;

Loop loop;
std::vector<char> message;
std::vector<char> joined_messages;
bool joined = false;
std::vector<int> fds;
std::size_t next_socket = 0;
long unsent = 0;
long underway = 0;

char buffers[kMessages][kBufferBytes + 64];
iovec vectors[kMessages];
mmsghdr messages[kMessages];

void CheckEcho(const char* bytes, std::size_t length) {
  if (length % message.size() == 0) {
    for (std::size_t at = 0; at < length; at += message.size()) {
      if (std::memcmp(bytes + at, message.data(), message.size()) != 0) length = 1;
    }
  }
  if (length % message.size() == 0) return;
  std::fputs("Error: the echo is not what was sent\n", stderr);
  std::exit(1);
}

/// Sends datagrams from one socket.
void Send(int fd, long count) {
  if (!joined) {
    for (long i = 0; i < count; i++) Check(static_cast<int>(send(fd, message.data(), message.size(), 0)), "send");
    return;
  }
  const long most = static_cast<long>(std::min(kMaxJoined / message.size(), kMaxJoinedCount));
  for (long left = count; left > 0;) {
    const long now = std::min(left, most);
    Check(static_cast<int>(send(fd, joined_messages.data(), now * message.size(), 0)), "send");
    left -= now;
  }
}

/// Fills the room under way that has become free, each socket in its turn.
void SendNext(long count) {
  count = std::min(count, unsent);
  unsent -= count;
  underway += count;
  if (fds.size() == 1) return Send(fds[0], count);
  for (long i = 0; i < count; i++) {
    Send(fds[next_socket], 1);
    next_socket = (next_socket + 1) % fds.size();
  }
}

/// Returns the number of datagrams that have come back.
long ReceiveAll(int fd) {
  for (int i = 0; i < kMessages; i++) {
    vectors[i] = {buffers[i], kBufferBytes};
    messages[i].msg_hdr = {};
    messages[i].msg_hdr.msg_iov = &vectors[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  // One socket may have many; of many sockets, each has few.
  const int count = recvmmsg(fd, messages, fds.size() == 1 ? kMessages : 1, MSG_DONTWAIT, nullptr);
  if (count < 0 && errno == EAGAIN) return 0;
  Check(count, "recvmmsg");
  long datagrams = 0;
  for (int i = 0; i < count; i++) {
    CheckEcho(buffers[i], messages[i].msg_len);
    datagrams += static_cast<long>(messages[i].msg_len / message.size());
  }
  return datagrams;
}

void OnReady(void*, int fd, std::uint32_t) {
  const long back = ReceiveAll(fd);
  // What was given up for lost may come after all.
  underway = std::max(0L, underway - back);
  SendNext(back);
}

void Connect(const sockaddr_in& address) {
  const int fd = Check(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
  Check(connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), "connect");
  Check(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kReceiveBufferBytes, sizeof(kReceiveBufferBytes)), "setsockopt");
  if (joined) {
    const int bytes = static_cast<int>(message.size());
    const int on = 1;
    Check(setsockopt(fd, SOL_UDP, UDP_SEGMENT, &bytes, sizeof(bytes)), "setsockopt");
    Check(setsockopt(fd, SOL_UDP, UDP_GRO, &on, sizeof(on)), "setsockopt");
  }
  loop.Add(fd, EPOLLIN, {OnReady, nullptr});
  fds.push_back(fd);
}

}  // namespace

int main(int, char** argv) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(argv[1])));
  const long most = std::atol(argv[3]);
  for (int i = 0; i < std::atoi(argv[4]); i++) message.push_back(static_cast<char>('a' + i % 26));
  joined = std::atoi(argv[5]) != 0;
  while (joined_messages.size() < kMaxJoined)
    joined_messages.insert(joined_messages.end(), message.begin(), message.end());
  for (int i = 0; i < std::atoi(argv[2]); i++) Connect(address);

  return TakeRounds([most](long operations) {
    unsent = operations;
    underway = 0;
    SendNext(most);
    while (underway > 0) {
      if (loop.Wait(kLostMs) > 0) continue;
      // Nothing has come for a second: the rest is lost.
      const long lost = underway;
      std::fprintf(stderr, "%ld datagrams were lost\n", lost);
      unsent += lost;
      underway = 0;
      SendNext(most);
    }
  });
}
