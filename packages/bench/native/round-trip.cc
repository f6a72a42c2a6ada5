// An eventfd is written, waited for and read, again and again, by one thread.

#include "loop.h"

namespace {

Loop loop;

void OnReady(void*, int fd, std::uint32_t events) {
  ExpectReadable(events);
  ReadEventFd(fd);
}

}  // namespace

int main() {
  const int fd = NewEventFd(0);
  loop.Add(fd, EPOLLIN, {OnReady, nullptr});
  return TakeRounds([=](long operations) {
    for (long i = 0; i < operations; i++) {
      WriteEventFd(fd);
      loop.Wait(-1);
    }
  });
}
