// The fds to be closed when an environment ends. An environment that keeps a ledger can end at any moment, also between
// the call that makes an fd and the next line of TypeScript: so the calls that make and close fds write it themselves.

#ifndef EM_SYS_LEDGER_H_
#define EM_SYS_LEDGER_H_

#include <napi.h>

#include <cstdint>

namespace em {

/// Notes an fd that was just made, if a ledger is kept, and returns it; or -errno, if it is that.
std::int32_t Enter(napi_env env, std::int32_t fd);

/// To be called before an fd is closed, for its number may be another thread's at once.
void Strike(napi_env env, std::int32_t fd);

/// Puts the ledger calls on `exports`. Each environment has a ledger of its own.
void InitLedger(Napi::Env env, Napi::Object exports);

}  // namespace em

#endif  // EM_SYS_LEDGER_H_
