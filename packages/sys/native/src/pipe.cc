// pipe2(2).

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <span>

#include "crossing.h"
#include "init.h"
#include "ledger.h"

namespace em {

namespace {

// (ends): filled with the reader and the writer
Napi::Value Pipe2(const Napi::CallbackInfo& info) {
  std::span<std::uint32_t> ends;
  if (!ReadWords(info.Env(), info[0], &ends) || ends.size() < 2) return Result(info, -EINVAL);
  int fds[2] = {-1, -1};
  const std::int32_t result = ValueOrErrno(pipe2(fds, O_CLOEXEC | O_NONBLOCK));
  return Result(info, result < 0 ? result : EnterPair(info.Env(), fds, ends));
}

}  // namespace

void InitPipe(Napi::Env env, Napi::Object exports) {
  Export<Pipe2>(env, exports, "pipe2");
}

}  // namespace em
