// inotify(7).

#ifndef EM_SYS_INOTIFY_H_
#define EM_SYS_INOTIFY_H_

#include <napi.h>

namespace em {

/// Puts the inotify calls on `exports`.
void InitInotify(Napi::Env env, Napi::Object exports);

}  // namespace em

#endif  // EM_SYS_INOTIFY_H_
