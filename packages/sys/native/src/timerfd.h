// timerfd_create(2) and its kin.

#ifndef EM_SYS_TIMERFD_H_
#define EM_SYS_TIMERFD_H_

#include <napi.h>

namespace em {

/// Puts the timerfd calls on `exports`.
void InitTimerFd(Napi::Env env, Napi::Object exports);

}  // namespace em

#endif  // EM_SYS_TIMERFD_H_
