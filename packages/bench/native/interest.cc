// interest KIND FDS: adds and deletes one eventfd while FDS others are registered, or modifies it.

#include <cstring>

#include "loop.h"

namespace {

Loop loop;

void DoNothing(void*, int, std::uint32_t events) {
  ExpectReadable(events);
}

}  // namespace

int main(int, char** argv) {
  const int fds = std::atoi(argv[2]);
  for (int i = 0; i < fds; i++) loop.Add(NewEventFd(0), EPOLLIN, {DoNothing, nullptr});
  const int fd = NewEventFd(0);
  if (std::strcmp(argv[1], "add-delete") == 0) {
    return TakeRounds([=](long operations) {
      for (long i = 0; i < operations; i++) {
        loop.Add(fd, EPOLLIN, {DoNothing, nullptr});
        loop.Delete(fd);
      }
    });
  }
  loop.Add(fd, EPOLLIN, {DoNothing, nullptr});
  return TakeRounds([=](long operations) {
    for (long i = 0; i < operations; i++) {
      loop.Modify(fd, i % 2 == 0 ? EPOLLIN | EPOLLPRI : EPOLLIN);
    }
  });
}
