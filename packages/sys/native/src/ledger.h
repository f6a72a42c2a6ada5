// The fds to close when an environment ends. Each environment has its own ledger. An environment that keeps one can end
// at any moment, even between the call that opens an fd and the next line of TypeScript. So the calls that open and
// close fds update the ledger.

#ifndef EM_SYS_LEDGER_H_
#define EM_SYS_LEDGER_H_

#include <napi.h>

#include <cstdint>
#include <span>

namespace em {

/// Records an fd that was just opened, if a ledger is kept, and returns it. Returns -errno unchanged. If there is no
/// memory to record the fd, closes it and returns -ENOMEM.
std::int32_t Enter(napi_env env, std::int32_t fd);

/// Does the same with two fds, which it puts into `ends`. 0 or -errno.
std::int32_t EnterPair(napi_env env, const int (&fds)[2], std::span<std::uint32_t> ends);

/// Closes an fd. It is removed from the ledger first: another thread may get its number at once. 0 or -errno. EINTR is
/// not an error: Linux has closed the fd by then.
std::int32_t Close(napi_env env, std::int32_t fd);

/// Takes an fd out of the ledger, open. From here on the caller closes it.
void Disown(napi_env env, std::int32_t fd);

}  // namespace em

#endif  // EM_SYS_LEDGER_H_
