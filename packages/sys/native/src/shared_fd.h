// An fd of one thread that others make duplicates of.

#ifndef EM_SYS_SHARED_FD_H_
#define EM_SYS_SHARED_FD_H_

#include <napi.h>

namespace em {

/// Puts the calls for shared fds on `exports`. After the ledger: what an environment shares is closed by the ledger
/// when it ends, and is to be known as closed before.
void InitSharedFd(Napi::Env env, Napi::Object exports);

}  // namespace em

#endif  // EM_SYS_SHARED_FD_H_
