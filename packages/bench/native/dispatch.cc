// dispatch KIND FDS READY: waits without a timeout on FDS eventfds, of which READY are always ready.

#include <cstring>
#include <vector>

#include "loop.h"

namespace {

Loop loop;

void DoNothing(void*, int, std::uint32_t events) {
  ExpectReadable(events);
}

void Count(void* context, int, std::uint32_t events) {
  ExpectReadable(events);
  ++*static_cast<std::uint64_t*>(context);
}

/// Three fds share an array. Each counts in its own element.
template <int Index>
void CountAt(void* context, int, std::uint32_t events) {
  ExpectReadable(events);
  ++static_cast<std::uint64_t*>(context)[Index];
}

constexpr void (*kShared[])(void*, int, std::uint32_t) = {CountAt<0>, CountAt<1>, CountAt<2>};

Handler HandlerOf(const char* kind, int index) {
  if (std::strcmp(kind, "no-op") == 0) return {DoNothing, nullptr};
  // A quarter of the fds have their own counter. Three of the others share one.
  static std::uint64_t* shared = nullptr;
  const int turn = index % 4;
  if (std::strcmp(kind, "counting") == 0 || turn == 0) return {Count, new std::uint64_t(0)};
  if (turn == 1) shared = new std::uint64_t[3]();
  return {kShared[turn - 1], shared};
}

}  // namespace

int main(int, char** argv) {
  const int fds = std::atoi(argv[2]);
  const int ready = std::atoi(argv[3]);
  const int step = (fds + ready - 1) / ready;
  for (int i = 0; i < fds; i++) {
    loop.Add(NewEventFd(i % step == 0 ? 1 : 0), EPOLLIN, HandlerOf(argv[1], i));
  }
  return TakeRounds([=](long operations) {
    for (long i = 0; i < operations; i++) {
      if (loop.Wait(0) != ready) std::abort();
    }
  });
}
