// A thread that watches an fd, for hosts whose event loop cannot: Node-API and libc are all it needs.

#ifndef EM_SYS_HOST_THREAD_H_
#define EM_SYS_HOST_THREAD_H_

#include <napi.h>

namespace em {

/// Puts the host thread calls on `exports`.
void InitHostThread(Napi::Env env, Napi::Object exports);

}  // namespace em

#endif  // EM_SYS_HOST_THREAD_H_
