// udp-echo-server WAY: echo servers for UDP that the others are compared with. WAY is `single` for recvfrom and sendto,
// one datagram per call and event; `batch` for recvmmsg and sendmmsg; `joined` for the same with UDP_GRO and
// UDP_SEGMENT. It listens on a free port of 127.0.0.1, and prints the port. It ends when its standard input ends.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "loop.h"

namespace {

constexpr std::size_t kBufferBytes = 64 * 1024;
constexpr int kMessages = 64;
constexpr int kReceiveBufferBytes = 4 << 20;

Loop loop;
char buffers[kMessages][kBufferBytes + 64];
sockaddr_in peers[kMessages];
iovec vectors[kMessages];
mmsghdr messages[kMessages];
alignas(cmsghdr) char controls[kMessages][128];

void EchoOne(void*, int fd, std::uint32_t) {
  socklen_t size = sizeof(peers[0]);
  const ssize_t length = recvfrom(fd, buffers[0], kBufferBytes, 0, reinterpret_cast<sockaddr*>(peers), &size);
  if (length < 0 && errno == EAGAIN) return;
  Check(static_cast<int>(length), "recvfrom");
  Check(static_cast<int>(sendto(fd, buffers[0], length, 0, reinterpret_cast<sockaddr*>(peers), size)), "sendto");
}

void Prepare(int index, std::size_t length, std::size_t control) {
  vectors[index] = {buffers[index], length};
  messages[index].msg_hdr = {};
  messages[index].msg_hdr.msg_name = &peers[index];
  messages[index].msg_hdr.msg_namelen = sizeof(peers[index]);
  messages[index].msg_hdr.msg_iov = &vectors[index];
  messages[index].msg_hdr.msg_iovlen = 1;
  if (control > 0) {
    messages[index].msg_hdr.msg_control = controls[index];
    messages[index].msg_hdr.msg_controllen = control;
  }
}

/// The size of the datagrams that were joined, or 0.
int SegmentBytes(msghdr* header) {
  for (cmsghdr* control = CMSG_FIRSTHDR(header); control != nullptr; control = CMSG_NXTHDR(header, control)) {
    if (control->cmsg_level != SOL_UDP || control->cmsg_type != UDP_GRO) continue;
    int bytes = 0;
    std::memcpy(&bytes, CMSG_DATA(control), sizeof(bytes));
    return bytes;
  }
  return 0;
}

void PrepareAnswer(int index, bool joined) {
  const std::uint16_t bytes = joined ? static_cast<std::uint16_t>(SegmentBytes(&messages[index].msg_hdr)) : 0;
  Prepare(index, messages[index].msg_len, bytes == 0 ? 0 : CMSG_SPACE(sizeof(bytes)));
  if (bytes == 0) return;
  cmsghdr* control = CMSG_FIRSTHDR(&messages[index].msg_hdr);
  control->cmsg_level = SOL_UDP;
  control->cmsg_type = UDP_SEGMENT;
  control->cmsg_len = CMSG_LEN(sizeof(bytes));
  std::memcpy(CMSG_DATA(control), &bytes, sizeof(bytes));
}

void EchoMany(int fd, bool joined) {
  for (int i = 0; i < kMessages; i++) Prepare(i, kBufferBytes, joined ? sizeof(controls[i]) : 0);
  const int count = recvmmsg(fd, messages, kMessages, 0, nullptr);
  if (count < 0 && errno == EAGAIN) return;
  Check(count, "recvmmsg");
  for (int i = 0; i < count; i++) PrepareAnswer(i, joined);
  for (int sent = 0; sent < count;) sent += Check(sendmmsg(fd, messages + sent, count - sent, 0), "sendmmsg");
}

void EchoBatch(void*, int fd, std::uint32_t) {
  EchoMany(fd, false);
}

void EchoJoined(void*, int fd, std::uint32_t) {
  EchoMany(fd, true);
}

void OnInput(void*, int fd, std::uint32_t) {
  char input[64];
  if (read(fd, input, sizeof(input)) <= 0) std::exit(0);
}

}  // namespace

int main(int, char** argv) {
  const int fd = Check(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "socket");
  sockaddr_in address = {};
  socklen_t size = sizeof(address);
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  Check(bind(fd, reinterpret_cast<sockaddr*>(&address), size), "bind");
  Check(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), "getsockname");
  Check(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kReceiveBufferBytes, sizeof(kReceiveBufferBytes)), "setsockopt");
  const bool joined = std::strcmp(argv[1], "joined") == 0;
  const int on = 1;
  if (joined) Check(setsockopt(fd, SOL_UDP, UDP_GRO, &on, sizeof(on)), "setsockopt");
  if (std::strcmp(argv[1], "single") == 0) {
    loop.Add(fd, EPOLLIN, {EchoOne, nullptr});
  } else {
    loop.Add(fd, EPOLLIN, {joined ? EchoJoined : EchoBatch, nullptr});
  }
  loop.Add(STDIN_FILENO, EPOLLIN, {OnInput, nullptr});
  std::printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  for (;;) loop.Wait(-1);
}
