// register FDS: opens FDS eventfds, and adds the requested number of them. Measures the memory per registration.

#include <vector>

#include "loop.h"

namespace {

Loop loop;

}  // namespace

int main(int, char** argv) {
  std::vector<int> fds;
  for (int i = 0; i < std::atoi(argv[1]); i++) fds.push_back(NewEventFd(0));
  std::size_t next = 0;
  return TakeRounds([&](long operations) {
    for (long i = 0; i < operations; i++) {
      loop.Add(fds[next++], EPOLLIN,
               {[](void*, int, std::uint32_t events) {
                  ExpectReadable(events);
                },
                nullptr});
    }
  });
}
