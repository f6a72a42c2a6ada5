// A thread that waits on an epoll instance by itself and hands over what it finds.

#ifndef EM_SYS_COLLECTOR_H_
#define EM_SYS_COLLECTOR_H_

#include <napi.h>

namespace em {

/// Puts the collector calls on `exports`.
void InitCollector(Napi::Env env, Napi::Object exports);

}  // namespace em

#endif  // EM_SYS_COLLECTOR_H_
