// A thread that waits on an epoll instance and hands its entries to JavaScript.

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <span>

#include "crossing.h"
#include "init.h"

namespace em {

namespace {

constexpr int kMaxCollected = 64;
constexpr std::uint64_t kOne = 1;

// At most one batch is on its way:
//
//   thread:      epoll_wait ──► entries, count ──► notify_fd ──► waits for taken_fd ──► epoll_wait
//   JavaScript:                                    takeEntries ──► taken_fd
//
// Events that happen in the meantime stay in the kernel. The fds are set before the thread starts, and do not change
// until it is joined.
struct Collector {
  napi_env env;
  int epoll_fd;
  int notify_fd;
  int stop_fd = -1;
  int taken_fd = -1;
  pthread_t thread;
  bool is_running = false;
  // Greater than 0 while JavaScript owns the entries.
  std::atomic<int> count = 0;
  epoll_event entries[kMaxCollected];
};

constexpr napi_type_tag kCollectorTag = {0x7d31c9e85ab24f06, 0x83f2a6017be4dc95};

void Signal(int fd) {
  while (write(fd, &kOne, sizeof(kOne)) == -1 && errno == EINTR) continue;
}

// Generation 0 belongs to no registration.
int AddStopFd(const Collector* collector) {
  epoll_event event = {};
  event.events = EPOLLIN;
  event.data.u64 = static_cast<std::uint32_t>(collector->stop_fd);
  return ValueOrErrno(epoll_ctl(collector->epoll_fd, EPOLL_CTL_ADD, collector->stop_fd, &event));
}

int OpenFds(Collector* collector) {
  collector->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (collector->stop_fd == -1) return -errno;
  collector->taken_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (collector->taken_fd == -1) return -errno;
  return AddStopFd(collector);
}

void CloseFds(const Collector* collector) {
  if (collector->stop_fd != -1) close(collector->stop_fd);
  if (collector->taken_fd != -1) close(collector->taken_fd);
}

// Returns false when the thread must stop.
bool WaitUntilTaken(const Collector* collector) {
  pollfd fds[2] = {{collector->stop_fd, POLLIN, 0}, {collector->taken_fd, POLLIN, 0}};
  while (poll(fds, 2, -1) == -1) {
    if (errno != EINTR) return false;
  }
  std::uint64_t taken = 0;
  return fds[0].revents == 0 && read(collector->taken_fd, &taken, sizeof(taken)) == sizeof(taken);
}

void* Collect(void* data) {
  auto* collector = static_cast<Collector*>(data);
  prctl(PR_SET_NAME, "em-collector");
  for (;;) {
    const int count = epoll_wait(collector->epoll_fd, collector->entries, kMaxCollected, -1);
    if (count == -1 && errno == EINTR) continue;
    if (count == -1) return nullptr;
    for (int i = 0; i < count; i++) {
      if (collector->entries[i].data.u64 == static_cast<std::uint32_t>(collector->stop_fd)) return nullptr;
    }
    collector->count.store(count, std::memory_order_release);
    Signal(collector->notify_fd);
    if (!WaitUntilTaken(collector)) return nullptr;
  }
}

// The threads of the host receive the signals, so this thread blocks them all.
int StartThread(Collector* collector) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const int error = pthread_create(&collector->thread, nullptr, Collect, collector);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  collector->is_running = error == 0;
  return -error;
}

void OnEnvironmentEnd(void* data) {
  auto* collector = static_cast<Collector*>(data);
  Signal(collector->stop_fd);
  pthread_join(collector->thread, nullptr);
  CloseFds(collector);
  collector->is_running = false;
}

void Stop(Collector* collector) {
  if (!collector->is_running) return;
  napi_remove_env_cleanup_hook(collector->env, OnEnvironmentEnd, collector);
  OnEnvironmentEnd(collector);
}

void OnCollected(napi_env, void* data, void*) {
  auto* collector = static_cast<Collector*>(data);
  Stop(collector);
  delete collector;
}

// (epollFd, notifyFd): a handle
Napi::Value StartCollector(const Napi::CallbackInfo& info) {
  std::int32_t epoll_fd = 0;
  std::int32_t notify_fd = 0;
  if (!ReadInt32(info.Env(), info[0], &epoll_fd) || !ReadInt32(info.Env(), info[1], &notify_fd)) {
    return Result(info, -EINVAL);
  }
  if (fcntl(notify_fd, F_GETFD) == -1) return Result(info, -errno);
  auto* collector = new Collector{};
  collector->env = info.Env();
  collector->epoll_fd = epoll_fd;
  collector->notify_fd = notify_fd;
  int error = OpenFds(collector);
  if (error == 0) error = StartThread(collector);
  if (error != 0) {
    CloseFds(collector);
    delete collector;
    return Result(info, error);
  }
  napi_add_env_cleanup_hook(collector->env, OnEnvironmentEnd, collector);
  napi_value handle = NewHandle(collector->env, collector, OnCollected, &kCollectorTag);
  if (handle == nullptr) {
    Stop(collector);
    delete collector;
    return Result(info, -ECANCELED);
  }
  return Napi::Value(info.Env(), handle);
}

// (handle, buffer): the number of entries written. -EINVAL if the buffer has no room for a full batch.
Napi::Value TakeEntries(const Napi::CallbackInfo& info) {
  auto* collector = static_cast<Collector*>(ReadHandle(info.Env(), info[0], &kCollectorTag));
  std::span<std::uint32_t> words;
  if (collector == nullptr || !collector->is_running || !ReadBuffer(info.Env(), info[1], &words) ||
      words.size() < kMaxCollected * kWordsPerEntry) {
    return Result(info, -EINVAL);
  }
  const int count = collector->count.load(std::memory_order_acquire);
  CopyEntries(collector->entries, count, words);
  if (count > 0) {
    collector->count.store(0, std::memory_order_release);
    Signal(collector->taken_fd);
  }
  return Result(info, count);
}

// (handle): -EINVAL if the value is no handle, or if its thread has stopped
Napi::Value StopCollector(const Napi::CallbackInfo& info) {
  auto* collector = static_cast<Collector*>(ReadHandle(info.Env(), info[0], &kCollectorTag));
  if (collector == nullptr || !collector->is_running) return Result(info, -EINVAL);
  Stop(collector);
  return Result(info, 0);
}

}  // namespace

void InitCollector(Napi::Env env, Napi::Object exports) {
  Export<StartCollector>(env, exports, "startCollector");
  Export<TakeEntries>(env, exports, "takeEntries");
  Export<StopCollector>(env, exports, "stopCollector");
}

}  // namespace em
