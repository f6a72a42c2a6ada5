#include <napi.h>

#include "init.h"

// Any number of workers can load the addon, so no static belongs to one environment. The only statics are in
// shared_fd.cc, under a lock.
namespace {

// The same number as in load-addon.ts, which refuses any other. Raise both when a call changes.
constexpr int kAbi = 13;

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  em::InitCollector(env, exports);
  em::InitEpoll(env, exports);
  em::InitEventFd(env, exports);
  em::InitHostLoop(env, exports);
  em::InitHostThread(env, exports);
  em::InitInet(env, exports);
  em::InitInotify(env, exports);
  em::InitIo(env, exports);
  em::InitIoctl(env, exports);
  em::InitLedger(env, exports);
  em::InitMessage(env, exports);
  em::InitMessageBatch(env, exports);
  em::InitPidFd(env, exports);
  em::InitPipe(env, exports);
  em::InitPoll(env, exports);
  em::InitSharedFd(env, exports);
  em::InitSocket(env, exports);
  em::InitSocketOption(env, exports);
  em::InitThread(env, exports);
  em::InitTimerFd(env, exports);
  exports.Set("abi", kAbi);
  return exports;
}

}  // namespace

NODE_API_MODULE(em_sys, Init)
