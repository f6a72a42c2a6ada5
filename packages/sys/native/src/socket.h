// socket(2) and what is done with one; sockaddr bytes are made in TypeScript.

#ifndef EM_SYS_SOCKET_H_
#define EM_SYS_SOCKET_H_

#include <napi.h>

namespace em {

/// Puts the socket calls on `exports`.
void InitSocket(Napi::Env env, Napi::Object exports);

}  // namespace em

#endif  // EM_SYS_SOCKET_H_
