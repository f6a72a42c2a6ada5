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
  napi_env env;
  bool is_kept;
  std::uint32_t words[kFds / kBitsPerWord];
};

Ledger* LedgerOf(napi_env env) {
  void* data = nullptr;
  napi_get_instance_data(env, &data);
  return static_cast<Ledger*>(data);
}

// False where the fd is none, or beyond the ledger, or where the environment has ended and has no ledger any more.
bool Note(Ledger* ledger, std::int64_t fd, bool is_owned) {
  if (ledger == nullptr || fd < 0 || fd >= kFds) return false;
  std::uint32_t& word = ledger->words[fd / kBitsPerWord];
  const std::uint32_t bit = 1u << fd % kBitsPerWord;
  word = is_owned ? word | bit : word & ~bit;
  return true;
}

void CloseAll(void* data) {
  auto* ledger = static_cast<Ledger*>(data);
  for (std::uint32_t i = 0; i < std::size(ledger->words); i++) {
    for (std::uint32_t word = ledger->words[i]; word != 0; word &= word - 1) {
      close(static_cast<int>(i * kBitsPerWord) + std::countr_zero(word));
    }
  }
  napi_set_instance_data(ledger->env, nullptr, nullptr, nullptr);
  std::free(ledger);
}

// (fd): 1 if it is owned, or 0
napi_value HasFd(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  std::uint32_t fd = 0;
  if (!ReadUint32(env, arguments[0], &fd)) return Result(env, -EINVAL);
  const Ledger* ledger = LedgerOf(env);
  if (ledger == nullptr || fd >= kFds) return Result(env, 0);
  return Result(env, static_cast<std::int32_t>(ledger->words[fd / kBitsPerWord] >> fd % kBitsPerWord & 1));
}

// (fd)
template <bool kOwned>
napi_value NoteFd(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  std::uint32_t fd = 0;
  if (!ReadUint32(env, arguments[0], &fd) || !Note(LedgerOf(env), fd, kOwned)) return Result(env, -EINVAL);
  return Result(env, 0);
}

// ()
napi_value KeepLedger(napi_env env, napi_callback_info) {
  Ledger* ledger = LedgerOf(env);
  if (ledger == nullptr) return Result(env, -ECANCELED);
  ledger->is_kept = true;
  return Result(env, 0);
}

}  // namespace

std::int32_t Enter(napi_env env, std::int32_t fd) {
  Ledger* ledger = LedgerOf(env);
  if (ledger != nullptr && ledger->is_kept) Note(ledger, fd, true);
  return fd;
}

void Strike(napi_env env, std::int32_t fd) {
  Note(LedgerOf(env), fd, false);
}

void InitLedger(Napi::Env env, Napi::Object exports) {
  auto* ledger = static_cast<Ledger*>(std::calloc(1, sizeof(Ledger)));
  ledger->env = env;
  napi_set_instance_data(env, ledger, nullptr, nullptr);
  napi_add_env_cleanup_hook(env, CloseAll, ledger);
  Export(env, exports, "keepLedger", KeepLedger);
  Export(env, exports, "hasFd", HasFd);
  Export(env, exports, "enterFd", NoteFd<true>);
  Export(env, exports, "strikeFd", NoteFd<false>);
}

}  // namespace em
