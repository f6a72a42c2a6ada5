// The usual addon to watch an fd in Node: a uv_poll_t that calls a function. It exports watch(fd, callback).

#include <node_api.h>
#include <uv.h>

#include <cstdint>

namespace {

struct Watch {
  uv_poll_t poll;
  napi_env env;
  napi_ref callback;
  napi_async_context context;
};

void OnReady(uv_poll_t* poll, int, int events) {
  const Watch* watch = static_cast<Watch*>(poll->data);
  const napi_env env = watch->env;
  napi_handle_scope scope = nullptr;
  napi_value global = nullptr;
  napi_value callback = nullptr;
  napi_value argument = nullptr;
  napi_open_handle_scope(env, &scope);
  napi_get_global(env, &global);
  napi_get_reference_value(env, watch->callback, &callback);
  napi_create_int32(env, events, &argument);
  napi_make_callback(env, watch->context, global, callback, 1, &argument, nullptr);
  napi_close_handle_scope(env, scope);
}

napi_value WatchFd(napi_env env, napi_callback_info info) {
  std::size_t count = 2;
  napi_value arguments[2];
  napi_value name = nullptr;
  std::int32_t fd = -1;
  uv_loop_t* loop = nullptr;
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  napi_get_value_int32(env, arguments[0], &fd);
  napi_get_uv_event_loop(env, &loop);
  Watch* watch = new Watch{};
  watch->env = env;
  watch->poll.data = watch;
  napi_create_reference(env, arguments[1], 1, &watch->callback);
  napi_create_string_utf8(env, "UV_POLL", NAPI_AUTO_LENGTH, &name);
  napi_async_init(env, nullptr, name, &watch->context);
  if (uv_poll_init(loop, &watch->poll, fd) != 0 || uv_poll_start(&watch->poll, UV_READABLE, OnReady) != 0) {
    napi_throw_error(env, nullptr, "uv_poll refuses the fd");
  }
  return nullptr;
}

}  // namespace

NAPI_MODULE_INIT() {
  napi_value function = nullptr;
  napi_create_function(env, "watch", NAPI_AUTO_LENGTH, WatchFd, nullptr, &function);
  napi_set_named_property(env, exports, "watch", function);
  return exports;
}
