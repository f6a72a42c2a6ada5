#include "ledger.h"

#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <iterator>

#include "crossing.h"
#include "init.h"

namespace em {

namespace {

constexpr std::uint32_t kBitsPerWord = 32;
// The default maximum number of fds of a process, sysctl_nr_open in fs/file.c.
constexpr std::uint32_t kFdsPerPage = 1 << 20;
// Up to the highest number that an int has.
constexpr std::uint32_t kPages = 1 << 11;

// fd n is bit n % 32 of word n / 32. calloc zeroes the 128 kB, which take memory only as they are used.
struct Page {
  std::uint32_t words[kFdsPerPage / kBitsPerWord];
};

// The fds that an environment owns. Not a JavaScript array: when an environment ends, Deno has no handle scope in which
// to read one.
struct Ledger {
  napi_env env;
  bool is_kept;
  // nullptr until an fd of the page is recorded.
  Page* pages[kPages];
};

// nullptr if there was no memory for a ledger, or the environment has ended.
Ledger* LedgerOf(napi_env env) {
  void* data = nullptr;
  napi_get_instance_data(env, &data);
  return static_cast<Ledger*>(data);
}

bool Has(const Ledger* ledger, std::uint32_t fd) {
  const Page* page = ledger->pages[fd / kFdsPerPage];
  if (page == nullptr) return false;
  return (page->words[fd % kFdsPerPage / kBitsPerWord] >> fd % kBitsPerWord & 1) != 0;
}

// 0 or -errno.
std::int32_t Add(Ledger* ledger, std::uint32_t fd) {
  Page*& page = ledger->pages[fd / kFdsPerPage];
  if (page == nullptr) page = static_cast<Page*>(std::calloc(1, sizeof(Page)));
  if (page == nullptr) return -ENOMEM;
  page->words[fd % kFdsPerPage / kBitsPerWord] |= 1u << fd % kBitsPerWord;
  return 0;
}

void Remove(Ledger* ledger, std::uint32_t fd) {
  Page* page = ledger->pages[fd / kFdsPerPage];
  if (page != nullptr) page->words[fd % kFdsPerPage / kBitsPerWord] &= ~(1u << fd % kBitsPerWord);
}

void CloseAllOf(Page* page, int first) {
  for (std::uint32_t i = 0; i < std::size(page->words); i++) {
    for (std::uint32_t word = page->words[i]; word != 0; word &= word - 1) {
      close(first + static_cast<int>(i * kBitsPerWord) + std::countr_zero(word));
    }
  }
  std::free(page);
}

void CloseAll(void* data) {
  auto* ledger = static_cast<Ledger*>(data);
  for (std::uint32_t i = 0; i < kPages; i++) {
    if (ledger->pages[i] != nullptr) CloseAllOf(ledger->pages[i], static_cast<int>(i * kFdsPerPage));
  }
  napi_set_instance_data(ledger->env, nullptr, nullptr, nullptr);
  std::free(ledger);
}

bool ReadFd(napi_env env, napi_value value, std::uint32_t* fd) {
  return ReadUint32(env, value, fd) && *fd <= INT32_MAX;
}

// (fd): 1 if it is owned, or 0
napi_value HasFd(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  std::uint32_t fd = 0;
  if (!ReadFd(env, arguments[0], &fd)) return Result(env, -EINVAL);
  const Ledger* ledger = LedgerOf(env);
  return Result(env, ledger != nullptr && Has(ledger, fd) ? 1 : 0);
}

// (fd)
napi_value EnterFd(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  std::uint32_t fd = 0;
  if (!ReadFd(env, arguments[0], &fd)) return Result(env, -EINVAL);
  Ledger* ledger = LedgerOf(env);
  return Result(env, ledger == nullptr ? -ENOMEM : Add(ledger, fd));
}

// (fd)
napi_value DisownFd(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  std::uint32_t fd = 0;
  if (!ReadFd(env, arguments[0], &fd)) return Result(env, -EINVAL);
  Disown(env, static_cast<std::int32_t>(fd));
  return Result(env, 0);
}

// ()
napi_value KeepLedger(napi_env env, napi_callback_info) {
  Ledger* ledger = LedgerOf(env);
  if (ledger == nullptr) return Result(env, -ENOMEM);
  ledger->is_kept = true;
  return Result(env, 0);
}

}  // namespace

std::int32_t Enter(napi_env env, std::int32_t fd) {
  Ledger* ledger = LedgerOf(env);
  if (fd < 0 || ledger == nullptr || !ledger->is_kept) return fd;
  const std::int32_t error = Add(ledger, static_cast<std::uint32_t>(fd));
  if (error == 0) return fd;
  close(fd);
  return error;
}

std::int32_t EnterPair(napi_env env, const int (&fds)[2], std::span<std::uint32_t> ends) {
  const std::int32_t first = Enter(env, fds[0]);
  const std::int32_t second = Enter(env, fds[1]);
  if (first < 0 || second < 0) {
    if (first >= 0) Close(env, first);
    if (second >= 0) Close(env, second);
    return -ENOMEM;
  }
  ends[0] = static_cast<std::uint32_t>(first);
  ends[1] = static_cast<std::uint32_t>(second);
  return 0;
}

void Disown(napi_env env, std::int32_t fd) {
  if (Ledger* ledger = LedgerOf(env); ledger != nullptr && fd >= 0) Remove(ledger, static_cast<std::uint32_t>(fd));
}

std::int32_t Close(napi_env env, std::int32_t fd) {
  Disown(env, fd);
  const std::int32_t result = ValueOrErrno(close(fd));
  return result == -EINTR ? 0 : result;
}

void InitLedger(Napi::Env env, Napi::Object exports) {
  auto* ledger = static_cast<Ledger*>(std::calloc(1, sizeof(Ledger)));
  if (ledger != nullptr) {
    ledger->env = env;
    napi_set_instance_data(env, ledger, nullptr, nullptr);
    napi_add_env_cleanup_hook(env, CloseAll, ledger);
  }
  Export(env, exports, "keepLedger", KeepLedger);
  Export(env, exports, "hasFd", HasFd);
  Export(env, exports, "enterFd", EnterFd);
  Export(env, exports, "disownFd", DisownFd);
}

}  // namespace em
