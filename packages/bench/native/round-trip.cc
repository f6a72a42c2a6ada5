// One thread writes an eventfd, waits for it and reads it, repeatedly.

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
