// getsockopt(2), setsockopt(2). Values are bytes, and made in TypeScript, but for the one that holds an address.

#ifndef EM_SYS_SOCKET_OPTION_H_
#define EM_SYS_SOCKET_OPTION_H_

#include <napi.h>

namespace em {

/// Puts the calls for socket options on `exports`.
void InitSocketOption(Napi::Env env, Napi::Object exports);

}  // namespace em

#endif  // EM_SYS_SOCKET_OPTION_H_
