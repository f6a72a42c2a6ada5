// The poll handle of libuv: the event loop of the host watches an fd.

#include <sys/epoll.h>
#include <uv.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <span>

#include "crossing.h"
#include "epoll.h"
#include "init.h"

// Not every host has libuv, and an addon does not load if a function that it needs is missing.
#pragma weak uv_backend_fd
#pragma weak uv_close
#pragma weak uv_is_closing
#pragma weak uv_poll_init
#pragma weak uv_poll_start
#pragma weak uv_ref
#pragma weak uv_unref

namespace em {

namespace {

struct Watch;

// What TypeScript holds. Either of the handle and the watch can outlive the other.
struct WatchHandle {
  Watch* watch;
};

// A watched fd. It lives until libuv has closed its handle: after UnwatchFd, or at the end of the environment, which
// waits for it.
struct Watch {
  uv_poll_t poll;
  napi_env env;
  int fd;
  napi_ref on_ready;
  // An ArrayBuffer.
  napi_ref entries;
  napi_async_context context;
  napi_async_cleanup_hook_handle cleanup;
  WatchHandle* handle;
};

constexpr napi_type_tag kWatchTag = {0x5c6f1b0e7d9a4c38, 0x9b1f64d2a0e7c853};

uv_handle_t* HandleOf(Watch* watch) {
  return reinterpret_cast<uv_handle_t*>(&watch->poll);
}

void OnClosed(uv_handle_t* handle) {
  Watch* watch = static_cast<Watch*>(handle->data);
  napi_delete_reference(watch->env, watch->on_ready);
  napi_delete_reference(watch->env, watch->entries);
  napi_async_destroy(watch->env, watch->context);
  napi_remove_async_cleanup_hook(watch->cleanup);
  delete watch;
}

void Close(Watch* watch) {
  if (watch->handle != nullptr) watch->handle->watch = nullptr;
  watch->handle = nullptr;
  if (!uv_is_closing(HandleOf(watch))) uv_close(HandleOf(watch), OnClosed);
}

void OnEnvironmentEnd(napi_async_cleanup_hook_handle, void* data) {
  Close(static_cast<Watch*>(data));
}

void OnCollected(napi_env, void* data, void*) {
  auto* handle = static_cast<WatchHandle*>(data);
  if (handle->watch != nullptr) Close(handle->watch);
  delete handle;
}

// Returns the result of onReady: how many entries to look for, or 0.
std::int32_t CallOnReady(const Watch* watch, std::int32_t found) {
  const napi_env env = watch->env;
  const Napi::HandleScope scope(env);
  napi_value global = nullptr;
  napi_value on_ready = nullptr;
  napi_value argument = nullptr;
  napi_value result = nullptr;
  napi_get_global(env, &global);
  napi_get_reference_value(env, watch->on_ready, &on_ready);
  napi_create_int32(env, found, &argument);
  const napi_status status = napi_make_callback(env, watch->context, global, on_ready, 1, &argument, &result);
  ReportException(env, status);
  std::int32_t wanted = 0;
  return status == napi_ok && ReadInt32(env, result, &wanted) ? wanted : 0;
}

std::int32_t LookForEntries(const Watch* watch, std::int32_t wanted) {
  const Napi::HandleScope scope(watch->env);
  napi_value entries = nullptr;
  std::span<std::uint32_t> words;
  napi_get_reference_value(watch->env, watch->entries, &entries);
  if (!ReadBuffer(watch->env, entries, &words)) return -EINVAL;
  return PollEntries(watch->fd, words.first(std::min(words.size(), wanted * kWordsPerEntry)));
}

void OnReady(uv_poll_t* poll, int, int) {
  auto* watch = static_cast<Watch*>(poll->data);
  std::int32_t found = 0;
  do {
    const std::int32_t wanted = CallOnReady(watch, found);
    // A watch that was closed meanwhile exists until libuv calls OnClosed. Its fd may no longer be open.
    found = wanted > 0 && !uv_is_closing(HandleOf(watch)) ? LookForEntries(watch, wanted) : 0;
  } while (found > 0);
}

// Returns false if the environment is ending.
bool Prepare(Watch* watch, napi_env env, napi_value on_ready, napi_value entries) {
  napi_value name = nullptr;
  napi_create_string_utf8(env, "EM_POLLER", NAPI_AUTO_LENGTH, &name);
  return napi_create_reference(env, on_ready, 1, &watch->on_ready) == napi_ok &&
         napi_create_reference(env, entries, 1, &watch->entries) == napi_ok &&
         napi_async_init(env, nullptr, name, &watch->context) == napi_ok;
}

// Returns nullptr if the environment is ending.
napi_value HandleFor(Watch* watch, napi_env env) {
  auto* handle = new WatchHandle{nullptr};
  napi_value value = NewHandle(env, handle, OnCollected, &kWatchTag);
  if (value == nullptr) {
    delete handle;
    return nullptr;
  }
  handle->watch = watch;
  watch->handle = handle;
  return value;
}

// libuv adds the fd to its epoll instance in the next turn of the loop, and aborts the process if the kernel refuses.
// By then, it may: the fd may be an epoll fd nested too deep, or the user's limit of watches reached. So the fd is
// added now. libuv accepts an fd that is already there.
int AddNow(Watch* watch, uv_loop_t* loop, int fd) {
  const int error = uv_poll_start(&watch->poll, UV_READABLE, OnReady);
  if (error != 0) return error;
  epoll_event event = {};
  event.events = EPOLLIN;
  event.data.fd = fd;
  return ValueOrErrno(epoll_ctl(uv_backend_fd(loop), EPOLL_CTL_ADD, fd, &event));
}

// (fd, onReady, entries): a handle
Napi::Value WatchFd(const Napi::CallbackInfo& info) {
  const napi_env env = info.Env();
  std::int32_t fd = 0;
  uv_loop_t* loop = nullptr;
  if (!ReadInt32(env, info[0], &fd) || !info[1].IsFunction() || !info[2].IsArrayBuffer()) {
    return Result(info, -EINVAL);
  }
  if (uv_poll_init == nullptr || napi_get_uv_event_loop(env, &loop) != napi_ok) return Result(info, -ENOSYS);
  auto* watch = new Watch{};
  watch->env = env;
  watch->fd = fd;
  watch->poll.data = watch;
  // The hook comes first: nothing may stay in the loop of an environment that has ended.
  if (napi_add_async_cleanup_hook(env, OnEnvironmentEnd, watch, &watch->cleanup) != napi_ok) {
    delete watch;
    return Result(info, -ECANCELED);
  }
  const int error = uv_poll_init(loop, &watch->poll, fd);
  if (error != 0) {
    napi_remove_async_cleanup_hook(watch->cleanup);
    delete watch;
    return Result(info, error);
  }
  // From here on libuv owns the watch, and OnClosed deletes it.
  napi_value handle = Prepare(watch, env, info[1], info[2]) ? HandleFor(watch, env) : nullptr;
  const int started = handle == nullptr ? UV_ECANCELED : AddNow(watch, loop, fd);
  if (started != 0) {
    Close(watch);
    return Result(info, started);
  }
  return Napi::Value(env, handle);
}

// (handle): -EINVAL if the value is no handle, or if its watch is closed
template <void (*Action)(Watch*)>
Napi::Value OnWatch(const Napi::CallbackInfo& info) {
  const auto* handle = static_cast<WatchHandle*>(ReadHandle(info.Env(), info[0], &kWatchTag));
  if (handle == nullptr || handle->watch == nullptr) return Result(info, -EINVAL);
  Action(handle->watch);
  return Result(info, 0);
}

void Ref(Watch* watch) {
  uv_ref(HandleOf(watch));
}

void Unref(Watch* watch) {
  uv_unref(HandleOf(watch));
}

}  // namespace

void InitHostLoop(Napi::Env env, Napi::Object exports) {
  Export<WatchFd>(env, exports, "watchFd");
  Export<OnWatch<Close>>(env, exports, "unwatchFd");
  Export<OnWatch<Ref>>(env, exports, "refWatch");
  Export<OnWatch<Unref>>(env, exports, "unrefWatch");
}

}  // namespace em
