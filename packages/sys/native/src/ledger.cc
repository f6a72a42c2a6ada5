#include "ledger.h"

#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <iterator>

#include "crossing.h"

namespace em {

namespace {

constexpr std::uint32_t kBitsPerWord = 32;
// The kernel's default ceiling for fd numbers, sysctl_nr_open in fs/file.c.
constexpr std::uint32_t kFds = 1 << 20;

// The fds that an environment owns: n is bit n % 32 of word n / 32. Zeroed by calloc, the 128 kB take memory as they
// are used. This is no array of JavaScript's: when an environment ends, Deno has no handle scope to look at one in.
struct Ledger {
  std::uint32_t words[kFds / kBitsPerWord];
};

void CloseAll(void* data) {
  auto* ledger = static_cast<Ledger*>(data);
  for (std::uint32_t i = 0; i < std::size(ledger->words); i++) {
    for (std::uint32_t word = ledger->words[i]; word != 0; word &= word - 1) {
      close(static_cast<int>(i * kBitsPerWord) + std::countr_zero(word));
    }
  }
  std::free(ledger);
}

// (fd)
template <bool kOwned>
napi_value Note(napi_env env, napi_callback_info info) {
  void* data = nullptr;
  napi_value argument = nullptr;
  std::size_t count = 1;
  std::uint32_t fd = 0;
  napi_get_cb_info(env, info, &count, &argument, nullptr, &data);
  if (!ReadUint32(env, argument, &fd) || fd >= kFds) return Result(env, -EINVAL);
  std::uint32_t& word = static_cast<Ledger*>(data)->words[fd / kBitsPerWord];
  const std::uint32_t bit = 1u << fd % kBitsPerWord;
  word = kOwned ? word | bit : word & ~bit;
  return Result(env, 0);
}

}  // namespace

void InitLedger(Napi::Env env, Napi::Object exports) {
  auto* ledger = static_cast<Ledger*>(std::calloc(1, sizeof(Ledger)));
  napi_add_env_cleanup_hook(env, CloseAll, ledger);
  Export(env, exports, "enterFd", Note<true>, ledger);
  Export(env, exports, "strikeFd", Note<false>, ledger);
}

}  // namespace em
