// Intended faults. If a sanitizer does not find them, its run proves nothing.

#include <node_api.h>
#include <pthread.h>

#include <climits>

namespace {

int shared = 0;

// Volatile, so that the compiler does not remove a fault.
volatile char* NewBytes() {
  return new char[8]{};
}

int Overflow(int index) {
  volatile char* bytes = NewBytes();
  const char beyond = bytes[8 + index];
  delete[] bytes;
  return beyond;
}

int UseAfterFree(int index) {
  volatile char* bytes = NewBytes();
  delete[] bytes;
  return bytes[index];
}

int Undefined(int index) {
  return INT_MAX - index + 1;
}

int Leak(int index) {
  return NewBytes()[index];
}

void* Increment(void*) {
  shared++;
  return nullptr;
}

int Race(int index) {
  pthread_t thread = {};
  pthread_create(&thread, nullptr, Increment, nullptr);
  shared += index + 1;
  pthread_join(thread, nullptr);
  return shared;
}

// `index` is 0, but the compiler cannot know that.
template <int (*Fault)(int)>
napi_value Commit(napi_env env, napi_callback_info info) {
  std::size_t count = 0;
  napi_value result = nullptr;
  napi_get_cb_info(env, info, &count, nullptr, nullptr, nullptr);
  napi_create_int32(env, Fault(static_cast<int>(count)), &result);
  return result;
}

void Export(napi_env env, napi_value exports, const char* name, napi_callback call) {
  napi_value function = nullptr;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, call, nullptr, &function);
  napi_set_named_property(env, exports, name, function);
}

}  // namespace

NAPI_MODULE_INIT() {
  Export(env, exports, "overflow", Commit<Overflow>);
  Export(env, exports, "useAfterFree", Commit<UseAfterFree>);
  Export(env, exports, "undefined", Commit<Undefined>);
  Export(env, exports, "leak", Commit<Leak>);
  Export(env, exports, "race", Commit<Race>);
  return exports;
}
