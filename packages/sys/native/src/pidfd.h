// pidfd_open(2) and what can be done with its fd.

#ifndef EM_SYS_PIDFD_H_
#define EM_SYS_PIDFD_H_

#include <napi.h>

namespace em {

/// Puts the pidfd calls on `exports`.
void InitPidFd(Napi::Env env, Napi::Object exports);

}  // namespace em

#endif  // EM_SYS_PIDFD_H_
