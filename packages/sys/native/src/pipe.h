// pipe2(2).

#ifndef EM_SYS_PIPE_H_
#define EM_SYS_PIPE_H_

#include <napi.h>

namespace em {

/// Puts the pipe calls on `exports`.
void InitPipe(Napi::Env env, Napi::Object exports);

}  // namespace em

#endif  // EM_SYS_PIPE_H_
