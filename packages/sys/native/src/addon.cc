#include <napi.h>

#include "collector.h"
#include "epoll.h"
#include "eventfd.h"
#include "host_loop.h"
#include "host_thread.h"
#include "inet.h"
#include "inotify.h"
#include "io.h"
#include "ledger.h"
#include "message.h"
#include "pidfd.h"
#include "pipe.h"
#include "poll.h"
#include "shared_fd.h"
#include "socket.h"
#include "socket_option.h"
#include "timerfd.h"

// No static belongs to one environment, so that any number of workers can load it. shared_fd.cc has the only ones,
// under a lock.
namespace {

// load-addon.ts refuses another: raise both when a call changes.
constexpr int kAbi = 5;

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  em::InitCollector(env, exports);
  em::InitEpoll(env, exports);
  em::InitEventFd(env, exports);
  em::InitHostLoop(env, exports);
  em::InitHostThread(env, exports);
  em::InitInet(env, exports);
  em::InitInotify(env, exports);
  em::InitIo(env, exports);
  em::InitLedger(env, exports);
  em::InitMessage(env, exports);
  em::InitPidFd(env, exports);
  em::InitPipe(env, exports);
  em::InitPoll(env, exports);
  em::InitSharedFd(env, exports);
  em::InitSocket(env, exports);
  em::InitSocketOption(env, exports);
  em::InitTimerFd(env, exports);
  exports.Set("abi", kAbi);
  return exports;
}

}  // namespace

NODE_API_MODULE(em_sys, Init)
