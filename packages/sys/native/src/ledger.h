// The fds to be closed when an environment ends.

#ifndef EM_SYS_LEDGER_H_
#define EM_SYS_LEDGER_H_

#include <napi.h>

namespace em {

/// Puts the ledger calls on `exports`. Each environment has a ledger of its own.
void InitLedger(Napi::Env env, Napi::Object exports);

}  // namespace em

#endif  // EM_SYS_LEDGER_H_
