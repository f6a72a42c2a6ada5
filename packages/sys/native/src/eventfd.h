// eventfd(2).

#ifndef EM_SYS_EVENTFD_H_
#define EM_SYS_EVENTFD_H_

#include <napi.h>

namespace em {

/// Puts the eventfd calls on `exports`.
void InitEventFd(Napi::Env env, Napi::Object exports);

}  // namespace em

#endif  // EM_SYS_EVENTFD_H_
