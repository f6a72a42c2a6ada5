// A thread that watches an fd, for hosts whose event loop cannot. It needs only Node-API and libc.

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>

#include "crossing.h"
#include "init.h"

namespace em {

namespace {

// A watched fd. The thread waits on its own epoll instance, to which the fd is added with EPOLLONESHOT:
//
//   thread:      epoll_wait ──► queues onReady ──► epoll_wait: silent about the fd
//   JavaScript:                       onReady ──► rearm ──► reported once more, if it is readable
//
// So at most one call is queued, and an fd that is closed in the meantime is never reported. What the thread reads is
// set before it starts, and does not change until it is joined.
struct Watch {
  napi_env env;
  napi_threadsafe_function on_ready;
  int fd;
  int epoll_fd = -1;
  int stop_fd = -1;
  pthread_t thread;
  bool is_running = false;
  // The thread-safe function, and the handle in JavaScript. The last one frees the watch.
  int holders = 1;
};

constexpr napi_type_tag kWatchTag = {0x2a90d3f47be14c06, 0xb7c85e1f60d2439a};

int Control(const Watch* watch, int operation, int fd, std::uint32_t events) {
  epoll_event event = {};
  event.events = events;
  event.data.fd = fd;
  return ValueOrErrno(epoll_ctl(watch->epoll_fd, operation, fd, &event));
}

int OpenFds(Watch* watch) {
  watch->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  if (watch->epoll_fd == -1) return -errno;
  watch->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (watch->stop_fd == -1) return -errno;
  const int error = Control(watch, EPOLL_CTL_ADD, watch->stop_fd, EPOLLIN);
  return error != 0 ? error : Control(watch, EPOLL_CTL_ADD, watch->fd, EPOLLIN | EPOLLONESHOT);
}

void CloseFds(const Watch* watch) {
  if (watch->epoll_fd != -1) close(watch->epoll_fd);
  if (watch->stop_fd != -1) close(watch->stop_fd);
}

void* Serve(void* data) {
  const auto* watch = static_cast<const Watch*>(data);
  prctl(PR_SET_NAME, "em-host-thread");
  for (;;) {
    epoll_event event = {};
    const int count = epoll_wait(watch->epoll_fd, &event, 1, -1);
    if (count == -1 && errno != EINTR) return nullptr;
    if (count == 1 && event.data.fd == watch->stop_fd) return nullptr;
    if (count == 1) napi_call_threadsafe_function(watch->on_ready, nullptr, napi_tsfn_nonblocking);
  }
}

// The threads of the host receive the signals, because a signal must interrupt the one that waits.
int StartThread(Watch* watch) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const int error = pthread_create(&watch->thread, nullptr, Serve, watch);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  watch->is_running = error == 0;
  return -error;
}

void StopThread(Watch* watch) {
  const std::uint64_t one = 1;
  while (write(watch->stop_fd, &one, sizeof(one)) == -1 && errno == EINTR) continue;
  pthread_join(watch->thread, nullptr);
  CloseFds(watch);
  watch->is_running = false;
}

void OnEnvironmentEnd(void* data) {
  auto* watch = static_cast<Watch*>(data);
  StopThread(watch);
  napi_release_threadsafe_function(watch->on_ready, napi_tsfn_release);
}

void Stop(Watch* watch) {
  if (!watch->is_running) return;
  napi_remove_env_cleanup_hook(watch->env, OnEnvironmentEnd, watch);
  OnEnvironmentEnd(watch);
}

void LetGo(napi_env, void* data, void*) {
  auto* watch = static_cast<Watch*>(data);
  if (--watch->holders == 0) delete watch;
}

void OnCollected(napi_env env, void* data, void*) {
  Stop(static_cast<Watch*>(data));
  LetGo(env, data, nullptr);
}

// A call that was queued before the thread stopped still arrives, without an environment if that has ended. The watch
// may no longer exist then.
void OnReady(napi_env env, napi_value on_ready, void* data, void*) {
  if (env == nullptr || !static_cast<Watch*>(data)->is_running) return;
  napi_value global = nullptr;
  napi_get_global(env, &global);
  ReportException(env, napi_call_function(env, global, on_ready, 0, nullptr, nullptr));
}

int CreateFunction(Watch* watch, napi_value on_ready) {
  napi_value name = nullptr;
  napi_create_string_utf8(watch->env, "EM_POLLER", NAPI_AUTO_LENGTH, &name);
  const napi_status status = napi_create_threadsafe_function(watch->env, on_ready, nullptr, name, 0, 1, watch, LetGo,
                                                             watch, OnReady, &watch->on_ready);
  return status == napi_ok ? 0 : -ECANCELED;
}

// (fd, onReady): a handle
Napi::Value WatchFdByThread(const Napi::CallbackInfo& info) {
  std::int32_t fd = 0;
  if (!ReadInt32(info.Env(), info[0], &fd) || !info[1].IsFunction()) return Result(info, -EINVAL);
  auto* watch = new Watch{};
  watch->env = info.Env();
  watch->fd = fd;
  int error = OpenFds(watch);
  if (error == 0) error = CreateFunction(watch, info[1]);
  if (error == 0) error = StartThread(watch);
  if (error != 0) {
    CloseFds(watch);
    if (watch->on_ready != nullptr) {
      napi_release_threadsafe_function(watch->on_ready, napi_tsfn_abort);
    } else {
      delete watch;
    }
    return Result(info, error);
  }
  napi_add_env_cleanup_hook(watch->env, OnEnvironmentEnd, watch);
  napi_value handle = NewHandle(watch->env, watch, OnCollected, &kWatchTag);
  if (handle == nullptr) {
    Stop(watch);
    return Result(info, -ECANCELED);
  }
  watch->holders++;
  return Napi::Value(info.Env(), handle);
}

// (handle): -EINVAL if the value is no handle, or if its thread has stopped
template <int (*Action)(Watch*)>
Napi::Value OnWatch(const Napi::CallbackInfo& info) {
  auto* watch = static_cast<Watch*>(ReadHandle(info.Env(), info[0], &kWatchTag));
  return Result(info, watch != nullptr && watch->is_running ? Action(watch) : -EINVAL);
}

int Unwatch(Watch* watch) {
  Stop(watch);
  return 0;
}

int Rearm(Watch* watch) {
  return Control(watch, EPOLL_CTL_MOD, watch->fd, EPOLLIN | EPOLLONESHOT);
}

int Ref(Watch* watch) {
  return napi_ref_threadsafe_function(watch->env, watch->on_ready) == napi_ok ? 0 : -ECANCELED;
}

int Unref(Watch* watch) {
  return napi_unref_threadsafe_function(watch->env, watch->on_ready) == napi_ok ? 0 : -ECANCELED;
}

}  // namespace

void InitHostThread(Napi::Env env, Napi::Object exports) {
  Export<WatchFdByThread>(env, exports, "watchFdByThread");
  Export<OnWatch<Unwatch>>(env, exports, "unwatchByThread");
  Export<OnWatch<Rearm>>(env, exports, "rearmThread");
  Export<OnWatch<Ref>>(env, exports, "refThread");
  Export<OnWatch<Unref>>(env, exports, "unrefThread");
}

}  // namespace em
