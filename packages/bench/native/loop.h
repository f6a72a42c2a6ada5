// The loop that everything is compared with, as usual in C: epoll, and a table of function pointers by fd.

#ifndef EM_BENCH_LOOP_H_
#define EM_BENCH_LOOP_H_

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

#include "contestant.h"

/// A function for a ready fd, and its argument.
struct Handler {
  void (*call)(void* context, int fd, std::uint32_t events);
  void* context;
};

class Loop {
 public:
  Loop() : epoll_fd_(Check(epoll_create1(EPOLL_CLOEXEC), "epoll_create1")) {}

  void Add(int fd, std::uint32_t events, Handler handler) {
    Control(EPOLL_CTL_ADD, fd, events);
    handlers_[fd] = handler;
  }

  void Modify(int fd, std::uint32_t events) { Control(EPOLL_CTL_MOD, fd, events); }

  void Delete(int fd) {
    Check(epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, fd, nullptr), "epoll_ctl");
    handlers_[fd] = {};
  }

  /// Returns the number of handlers that it called.
  int Wait(int timeout_ms) {
    return Dispatch(Check(epoll_wait(epoll_fd_, events_, kCapacity, timeout_ms), "epoll_wait"));
  }

  int WaitNs(std::int64_t timeout_ns) {
    const timespec timeout = {timeout_ns / 1'000'000'000, timeout_ns % 1'000'000'000};
    return Dispatch(Check(epoll_pwait2(epoll_fd_, events_, kCapacity, &timeout, nullptr), "epoll_pwait2"));
  }

 private:
  static constexpr int kCapacity = 512;
  static constexpr int kMaxFds = 20'000;

  int Dispatch(int count) {
    for (int i = 0; i < count; i++) {
      const int fd = events_[i].data.fd;
      const Handler& handler = handlers_[fd];
      handler.call(handler.context, fd, events_[i].events);
    }
    return count;
  }

  void Control(int operation, int fd, std::uint32_t events) {
    epoll_event interest = {};
    interest.events = events;
    interest.data.fd = fd;
    Check(epoll_ctl(epoll_fd_, operation, fd, &interest), "epoll_ctl");
  }

  int epoll_fd_;
  epoll_event events_[kCapacity];
  Handler handlers_[kMaxFds];
};

inline int NewEventFd(unsigned initial) {
  return Check(eventfd(initial, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd");
}

inline void WriteEventFd(int fd) {
  const std::uint64_t one = 1;
  Check(static_cast<int>(write(fd, &one, sizeof(one))), "write");
}

inline void ReadEventFd(int fd) {
  std::uint64_t count = 0;
  Check(static_cast<int>(read(fd, &count, sizeof(count))), "read");
}

/// Checks that an event is EPOLLIN, the only one in the interest. Every handler does that first.
inline void ExpectReadable(std::uint32_t events) {
  if (events != EPOLLIN) std::abort();
}

#endif  // EM_BENCH_LOOP_H_
