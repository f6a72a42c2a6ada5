// echo-load PORT CONNECTIONS BYTES IDLE [RATE]: the clients of an echo server. An operation is a message of BYTES bytes
// to the server and back, on one of CONNECTIONS connections. IDLE others are open and silent.
//
// Without RATE, each connection has one message under way: a slow server gets fewer messages. With it, the clients send
// RATE messages per second, whether or not the server has answered the former ones. They also report how long messages
// took, from the time when each was due.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "loop.h"

namespace {

constexpr int kConnectsAtOnce = 128;

/// A shorter pause is not slept through: the kernel would take as long to wake the clients.
constexpr std::int64_t kShortNs = 20'000;

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

/// Connections are accepted in order: an echo on one proves that all before it were accepted, or soon will be if the
/// server has several threads.
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

/// Messages at a fixed rate: number k is due at `start + k * interval`, on connection k modulo their number.
class Schedule {
 public:
  Schedule(const std::vector<int>& fds, double rate) : fds_(fds), interval_(1e9 / rate), received_(fds.size()) {
    for (std::size_t i = 0; i < fds.size(); i++) {
      places_.resize(std::max<std::size_t>(places_.size(), fds[i] + 1));
      places_[fds[i]] = i;
      loop.Add(fds[i], EPOLLIN,
               {[](void* schedule, int fd, std::uint32_t) {
                  static_cast<Schedule*>(schedule)->Receive(fd);
                },
                this});
    }
    // Otherwise the kernel may wake the clients 50 µs late, to save energy.
    Check(prctl(PR_SET_TIMERSLACK, 1), "prctl");
    buffer.resize(64 * 1024);
  }

  void Run(long messages) {
    latencies_.clear();
    std::fill(received_.begin(), received_.end(), 0);
    start_ = NowNs(CLOCK_MONOTONIC);
    long sent = 0;
    while (static_cast<long>(latencies_.size()) < messages) {
      const std::int64_t now = NowNs(CLOCK_MONOTONIC);
      for (; sent < messages && Due(sent) <= now; sent++) Send(fds_[sent % fds_.size()], message.size());
      if (sent == messages) {
        loop.Wait(-1);
      } else {
        const std::int64_t pause = Due(sent) - now;
        loop.WaitNs(pause < kShortNs ? 0 : pause);
      }
    }
    std::sort(latencies_.begin(), latencies_.end());
  }

  /// @param part Of the messages, that took less time.
  std::int64_t LatencyNs(double part) const {
    return latencies_[std::min(latencies_.size() - 1, static_cast<std::size_t>(latencies_.size() * part))];
  }

 private:
  std::int64_t Due(long number) const { return start_ + static_cast<std::int64_t>(number * interval_); }

  void Receive(int fd) {
    const ssize_t length = recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (length < 0 && errno == EAGAIN) return;
    Check(length == 0 ? -1 : static_cast<int>(length), "the server hung up, recv");
    const std::int64_t now = NowNs(CLOCK_MONOTONIC);
    std::size_t& received = received_[places_[fd]];
    const std::size_t before = received / message.size();
    for (ssize_t i = 0; i < length; i++, received++) {
      if (buffer[i] != message[received % message.size()]) {
        std::fputs("Error: the echo is not what was sent\n", stderr);
        std::exit(1);
      }
    }
    for (std::size_t turn = before; turn < received / message.size(); turn++) {
      latencies_.push_back(now - Due(static_cast<long>(turn * fds_.size() + places_[fd])));
    }
  }

  const std::vector<int>& fds_;
  const double interval_;
  std::int64_t start_ = 0;
  std::vector<std::size_t> places_;
  std::vector<std::size_t> received_;
  std::vector<std::int64_t> latencies_;
};

}  // namespace

int main(int count, char** argv) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(argv[1])));
  for (int i = 0; i < std::atoi(argv[3]); i++) message.push_back(static_cast<char>('a' + i % 26));
  buffer.resize(message.size());

  ConnectAll(address, std::atoi(argv[4]));
  const std::vector<int> fds = ConnectAll(address, std::atoi(argv[2]));
  if (count > 5) {
    Schedule schedule(fds, std::atof(argv[5]));
    return TakeRounds(
        [&schedule](long operations) {
          schedule.Run(operations);
        },
        [&schedule] {
          std::printf(",\"p50Ns\":%lld,\"p99Ns\":%lld,\"p999Ns\":%lld", static_cast<long long>(schedule.LatencyNs(0.5)),
                      static_cast<long long>(schedule.LatencyNs(0.99)),
                      static_cast<long long>(schedule.LatencyNs(0.999)));
        });
  }
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
