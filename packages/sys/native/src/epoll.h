// epoll(7).

#ifndef EM_SYS_EPOLL_H_
#define EM_SYS_EPOLL_H_

#include <napi.h>

namespace em {

/// Puts the epoll calls on `exports`.
void InitEpoll(Napi::Env env, Napi::Object exports);

}  // namespace em

#endif  // EM_SYS_EPOLL_H_
