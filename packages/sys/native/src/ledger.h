// The fds to be closed when an environment ends. An environment that keeps a ledger can end at any moment, also between
// the call that makes an fd and the next line of TypeScript: so the calls that make and close fds write it themselves.

#ifndef EM_SYS_LEDGER_H_
#define EM_SYS_LEDGER_H_

#include <napi.h>

#include <cstdint>
#include <span>

namespace em {

/// Notes an fd that was just made, if a ledger is kept, and returns it; or -errno, if it is that. Without memory to
/// note it, it is closed.
std::int32_t Enter(napi_env env, std::int32_t fd);

/// The same with two, which it puts into `ends`. 0 or -errno.
std::int32_t EnterPair(napi_env env, const int (&fds)[2], std::span<std::uint32_t> ends);

/// Closes an fd. It is struck off first, for its number may be another thread's at once. 0 or -errno; EINTR is no
/// error, since Linux has closed the fd by then.
std::int32_t Close(napi_env env, std::int32_t fd);

/// Puts the ledger calls on `exports`. Each environment has a ledger of its own.
void InitLedger(Napi::Env env, Napi::Object exports);

}  // namespace em

#endif  // EM_SYS_LEDGER_H_
