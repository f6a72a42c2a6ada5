// libuv's poll handle: an fd watched by the event loop of the host.

#ifndef EM_SYS_HOST_LOOP_H_
#define EM_SYS_HOST_LOOP_H_

#include <napi.h>

namespace em {

/// Puts the host loop calls on `exports`.
void InitHostLoop(Napi::Env env, Napi::Object exports);

}  // namespace em

#endif  // EM_SYS_HOST_LOOP_H_
