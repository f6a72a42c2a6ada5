// echo-server [THREADS]: the echo server that the others are compared with. It does what apps/echo-server does for a
// connection, and no more. It listens on a free port of 127.0.0.1, and prints the port. It ends when its standard input
// ends. Several threads share the listener, with EPOLLEXCLUSIVE.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "loop.h"

namespace {

constexpr std::size_t kBufferBytes = 64 * 1024;
constexpr int kAcceptsPerEvent = 64;
/// Enough for 1,000 connections at once: the client repeats one for which there is no room a second later.
constexpr int kBacklog = 1'024;

// A pointer, because each use of a thread-local object with a constructor checks whether it has run.
thread_local Loop* loop;
thread_local char buffer[kBufferBytes];

/// The bytes that the peer has not taken yet.
struct Connection {
  char* unsent = nullptr;
  std::size_t from = 0;
  std::size_t length = 0;
};

void Close(Connection* connection, int fd) {
  loop->Delete(fd);
  close(fd);
  std::free(connection->unsent);
  delete connection;
}

void Echo(Connection* connection, int fd) {
  const ssize_t length = recv(fd, buffer, sizeof(buffer), 0);
  if (length < 0 && errno == EAGAIN) return;
  if (length <= 0) return Close(connection, fd);
  ssize_t sent = send(fd, buffer, length, MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN) return Close(connection, fd);
  if (sent < 0) sent = 0;
  if (sent < length) {
    connection->from = 0;
    connection->length = length - sent;
    connection->unsent = static_cast<char*>(std::malloc(connection->length));
    std::memcpy(connection->unsent, buffer + sent, connection->length);
    loop->Modify(fd, EPOLLOUT);
  }
}

void Flush(Connection* connection, int fd) {
  const ssize_t sent = send(fd, connection->unsent + connection->from, connection->length, MSG_NOSIGNAL);
  if (sent < 0 && errno == EAGAIN) return;
  if (sent < 0) return Close(connection, fd);
  connection->from += sent;
  connection->length -= sent;
  if (connection->length == 0) {
    std::free(connection->unsent);
    connection->unsent = nullptr;
    loop->Modify(fd, EPOLLIN);
  }
}

void OnReady(void* context, int fd, std::uint32_t events) {
  Connection* connection = static_cast<Connection*>(context);
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
    Close(connection, fd);
  } else if (connection->unsent == nullptr) {
    Echo(connection, fd);
  } else {
    Flush(connection, fd);
  }
}

void OnAccept(void*, int listener, std::uint32_t) {
  for (int i = 0; i < kAcceptsPerEvent; i++) {
    const int fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0 && errno == EAGAIN) return;
    Check(fd, "accept4");
    const int on = 1;
    Check(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)), "setsockopt");
    loop->Add(fd, EPOLLIN, {OnReady, new Connection});
  }
}

void OnInput(void*, int fd, std::uint32_t) {
  char input[64];
  if (read(fd, input, sizeof(input)) <= 0) std::exit(0);
}

/// A loop that accepts connections, for the thread that will run it.
Loop* NewServer(int listener, std::uint32_t events) {
  Loop* server = new Loop;
  server->Add(listener, events, {OnAccept, nullptr});
  return server;
}

[[noreturn]] void* Run(void* server) {
  loop = static_cast<Loop*>(server);
  for (;;) loop->Wait(-1);
}

}  // namespace

int main(int count, char** argv) {
  const int threads = count > 1 ? std::atoi(argv[1]) : 1;
  const int listener = Check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "socket");
  sockaddr_in address = {};
  socklen_t size = sizeof(address);
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  Check(bind(listener, reinterpret_cast<sockaddr*>(&address), size), "bind");
  Check(listen(listener, kBacklog), "listen");
  Check(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), "getsockname");
  const std::uint32_t events = threads > 1 ? EPOLLIN | EPOLLEXCLUSIVE : EPOLLIN;
  for (int i = 1; i < threads; i++) {
    pthread_t thread;
    pthread_create(&thread, nullptr, Run, NewServer(listener, events));
  }
  Loop* own = NewServer(listener, events);
  own->Add(STDIN_FILENO, EPOLLIN, {OnInput, nullptr});
  std::printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  Run(own);
}
