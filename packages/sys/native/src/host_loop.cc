#include "host_loop.h"

#include <uv.h>

#include <cerrno>
#include <cstdint>

#include "crossing.h"

namespace em {

namespace {

struct Watch;

// What TypeScript holds. It can outlive the watch, and the watch it.
struct WatchHandle {
  Watch* watch;
};

// One watched fd. It lives until libuv has let go of it: after UnwatchFd, or when the environment ends, which waits for
// that.
struct Watch {
  uv_poll_t poll;
  napi_env env;
  napi_ref on_ready;
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

void OnCollected(Napi::Env, WatchHandle* handle) {
  if (handle->watch != nullptr) Close(handle->watch);
  delete handle;
}

// What the callback throws is the host's: an uncaught exception.
void OnReady(uv_poll_t* poll, int, int) {
  const Watch* watch = static_cast<Watch*>(poll->data);
  const napi_env env = watch->env;
  const Napi::HandleScope scope(env);
  napi_value global = nullptr;
  napi_value on_ready = nullptr;
  napi_get_global(env, &global);
  napi_get_reference_value(env, watch->on_ready, &on_ready);
  const napi_status status = napi_make_callback(env, watch->context, global, on_ready, 0, nullptr, nullptr);
  if (status == napi_pending_exception) {
    napi_value error = nullptr;
    napi_get_and_clear_last_exception(env, &error);
    napi_fatal_exception(env, error);
  }
}

// False where the environment is ending.
bool Prepare(Watch* watch, napi_env env, Napi::Value on_ready) {
  return napi_create_reference(env, on_ready, 1, &watch->on_ready) == napi_ok &&
         napi_async_init(env, nullptr, Napi::String::New(env, "EM_POLLER"), &watch->context) == napi_ok;
}

// Empty where the environment is ending.
Napi::Value HandleFor(Watch* watch, Napi::Env env) {
  auto* handle = new WatchHandle{nullptr};
  auto value = Napi::External<WatchHandle>::New(env, handle, OnCollected);
  if (value.IsEmpty()) {
    delete handle;
    return value;
  }
  value.TypeTag(&kWatchTag);
  handle->watch = watch;
  watch->handle = handle;
  return value;
}

// (fd, onReady): a handle
Napi::Value WatchFd(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  std::int32_t fd = 0;
  uv_loop_t* loop = nullptr;
  if (!ReadInt32(env, info[0], &fd) || !info[1].IsFunction()) return Result(info, -EINVAL);
  if (napi_get_uv_event_loop(env, &loop) != napi_ok) return Result(info, -ENOSYS);
  auto* watch = new Watch{};
  watch->env = env;
  watch->poll.data = watch;
  // The hook comes first, for nothing may be left in the loop of an environment that has ended.
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
  // From here on the watch is libuv's, and OnClosed deletes it.
  const Napi::Value handle = Prepare(watch, env, info[1]) ? HandleFor(watch, env) : Napi::Value();
  const int started = handle.IsEmpty() ? UV_ECANCELED : uv_poll_start(&watch->poll, UV_READABLE, OnReady);
  if (started != 0) {
    Close(watch);
    return Result(info, started);
  }
  return handle;
}

// nullptr where the value is no handle, or its watch is closed.
Watch* ReadWatch(const Napi::Value& value) {
  if (!value.IsExternal()) return nullptr;
  auto handle = value.As<Napi::External<WatchHandle>>();
  return handle.CheckTypeTag(&kWatchTag) ? handle.Data()->watch : nullptr;
}

// (handle)
template <void (*Action)(Watch*)>
Napi::Value OnWatch(const Napi::CallbackInfo& info) {
  Watch* watch = ReadWatch(info[0]);
  if (watch == nullptr) return Result(info, -EINVAL);
  Action(watch);
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
  exports.Set("watchFd", Napi::Function::New<WatchFd>(env, "watchFd"));
  exports.Set("unwatchFd", Napi::Function::New<OnWatch<Close>>(env, "unwatchFd"));
  exports.Set("refWatch", Napi::Function::New<OnWatch<Ref>>(env, "refWatch"));
  exports.Set("unrefWatch", Napi::Function::New<OnWatch<Unref>>(env, "unrefWatch"));
}

}  // namespace em
