// An eventfd is written, waited for and read, again and again, by one thread.

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

#include "contestant.h"

namespace {

constexpr std::uint64_t kOne = 1;

void Write(int fd) {
  Check(static_cast<int>(write(fd, &kOne, sizeof(kOne))), "write");
}

void OnReady(int fd, std::uint32_t events) {
  std::uint64_t count = 0;
  if (events != EPOLLIN) std::abort();
  Check(static_cast<int>(read(fd, &count, sizeof(count))), "read");
}

}  // namespace

int main() {
  const int epoll_fd = Check(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
  const int fd = Check(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd");
  epoll_event interest = {};
  interest.events = EPOLLIN;
  interest.data.fd = fd;
  Check(epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &interest), "epoll_ctl");

  // By a pointer that the compiler cannot see through, as a loop that serves more than one thing would.
  void (*volatile on_ready)(int, std::uint32_t) = OnReady;

  return TakeRounds([=](long operations) {
    epoll_event events[256];
    for (long i = 0; i < operations; i++) {
      Write(fd);
      const int count = Check(epoll_wait(epoll_fd, events, 256, -1), "epoll_wait");
      for (int k = 0; k < count; k++) on_ready(events[k].data.fd, events[k].events);
    }
  });
}
