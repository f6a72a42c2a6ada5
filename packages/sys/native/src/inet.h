// inet_pton(3) and inet_ntop(3): IP addresses between text and bytes.

#ifndef EM_SYS_INET_H_
#define EM_SYS_INET_H_

#include <napi.h>

namespace em {

/// Puts the conversions of addresses on `exports`.
void InitInet(Napi::Env env, Napi::Object exports);

}  // namespace em

#endif  // EM_SYS_INET_H_
