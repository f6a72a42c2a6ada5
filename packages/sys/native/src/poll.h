// poll(2), and what tells a file whose poll consumes the event that it reports.

#ifndef EM_SYS_POLL_H_
#define EM_SYS_POLL_H_

#include <napi.h>

namespace em {

/// Puts the calls on `exports`.
void InitPoll(Napi::Env env, Napi::Object exports);

}  // namespace em

#endif  // EM_SYS_POLL_H_
