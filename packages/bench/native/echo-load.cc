// echo-load PORT CONNECTIONS BYTES IDLE: the clients of an echo server. Each of CONNECTIONS connections has one message
// of BYTES bytes under way; IDLE others are open and silent. An operation is a message to the server and back.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "loop.h"

namespace {

constexpr int kConnectsAtOnce = 128;

Loop loop;
std::vector<char> message;
std::vector<char> buffer;
std::vector<std::size_t> received;
long unsent = 0;
long underway = 0;

void Send(int fd, std::size_t length) {
  std::size_t sent = 0;
  while (sent < length) sent += Check(static_cast<int>(send(fd, &message[sent], length - sent, MSG_NOSIGNAL)), "send");
}

void SendNext(int fd) {
  unsent--;
  underway++;
  Send(fd, message.size());
}

/// Reads what has arrived of the echo, and sends the next message when it is complete.
void OnReady(void*, int fd, std::uint32_t) {
  std::size_t& at = received[fd];
  const ssize_t length = recv(fd, buffer.data(), message.size() - at, MSG_DONTWAIT);
  if (length < 0 && errno == EAGAIN) return;
  Check(length == 0 ? -1 : static_cast<int>(length), "the server hung up, recv");
  if (std::memcmp(buffer.data(), &message[at], length) != 0) {
    std::fputs("Error: the echo is not what was sent\n", stderr);
    std::exit(1);
  }
  at += length;
  if (at < message.size()) return;
  at = 0;
  underway--;
  if (unsent > 0) SendNext(fd);
}

int Connect(const sockaddr_in& address) {
  const int fd = Check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
  const int on = 1;
  Check(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)), "setsockopt");
  Check(connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), "connect");
  return fd;
}

/// Connections are accepted in order: an echo on one proves that all before it were accepted.
void AwaitAccept(int fd) {
  Send(fd, 1);
  Check(static_cast<int>(recv(fd, buffer.data(), 1, 0)) == 1 ? 0 : -1, "recv");
}

std::vector<int> ConnectAll(const sockaddr_in& address, int count) {
  std::vector<int> fds;
  for (int i = 0; i < count; i++) {
    fds.push_back(Connect(address));
    if ((i + 1) % kConnectsAtOnce == 0 || i + 1 == count) AwaitAccept(fds.back());
  }
  return fds;
}

}  // namespace

int main(int, char** argv) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(argv[1])));
  for (int i = 0; i < std::atoi(argv[3]); i++) message.push_back(static_cast<char>('a' + i % 26));
  buffer.resize(message.size());

  ConnectAll(address, std::atoi(argv[4]));
  const std::vector<int> fds = ConnectAll(address, std::atoi(argv[2]));
  for (const int fd : fds) loop.Add(fd, EPOLLIN, {OnReady, nullptr});
  received.resize(fds.empty() ? 0 : fds.back() + 1);

  return TakeRounds([&fds](long operations) {
    unsent = operations;
    for (const int fd : fds) {
      if (unsent > 0) SendNext(fd);
    }
    while (underway > 0) loop.Wait(-1);
  });
}
