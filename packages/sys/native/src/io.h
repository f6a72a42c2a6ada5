// open(2), read(2), write(2), close(2), dup(2), fcntl(2).

#ifndef EM_SYS_IO_H_
#define EM_SYS_IO_H_

#include <napi.h>

namespace em {

/// Puts the calls that work on any fd on `exports`.
void InitIo(Napi::Env env, Napi::Object exports);

}  // namespace em

#endif  // EM_SYS_IO_H_
