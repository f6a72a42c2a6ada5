// Two threads wake each other in turns, each blocked in its own loop until the other writes its eventfd.

#include <pthread.h>

#include "loop.h"

namespace {

/// A loop with an eventfd, and the eventfd to write when that was read.
struct Side {
  Loop loop;
  int fd = NewEventFd(0);
  int peer = -1;

  void Serve() { loop.Add(fd, EPOLLIN, {OnReady, this}); }

  static void OnReady(void* context, int fd, std::uint32_t events) {
    ExpectReadable(events);
    ReadEventFd(fd);
    WriteEventFd(static_cast<Side*>(context)->peer);
  }
};

Side here;
Side there;

void* Run(void*) {
  for (;;) there.loop.Wait(-1);
}

}  // namespace

int main() {
  there.peer = here.fd;
  there.Serve();
  here.loop.Add(here.fd, EPOLLIN,
                {[](void*, int fd, std::uint32_t events) {
                   ExpectReadable(events);
                   ReadEventFd(fd);
                 },
                 nullptr});
  pthread_t thread;
  pthread_create(&thread, nullptr, Run, nullptr);
  return TakeRounds([](long operations) {
    for (long i = 0; i < operations; i++) {
      WriteEventFd(there.fd);
      here.loop.Wait(-1);
    }
  });
}
