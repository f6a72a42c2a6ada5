// sendmsg(2) and recvmsg(2): bytes together with an address and with file descriptors.

#ifndef EM_SYS_MESSAGE_H_
#define EM_SYS_MESSAGE_H_

#include <napi.h>

namespace em {

/// Puts the message calls on `exports`.
void InitMessage(Napi::Env env, Napi::Object exports);

}  // namespace em

#endif  // EM_SYS_MESSAGE_H_
