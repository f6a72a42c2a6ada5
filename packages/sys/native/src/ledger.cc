#include "ledger.h"

#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstdint>
#include <span>

#include "crossing.h"

namespace em {

namespace {

constexpr int kBitsPerWord = 32;

struct Ledger {
  napi_env env;
  napi_ref words;
};

// The words are looked up only now, for their buffer may have been detached meanwhile.
void CloseAll(void* data) {
  auto* ledger = static_cast<Ledger*>(data);
  const Napi::HandleScope scope(ledger->env);
  napi_value value = nullptr;
  std::span<std::uint32_t> words;
  napi_get_reference_value(ledger->env, ledger->words, &value);
  if (value != nullptr) ReadWords(ledger->env, value, &words);
  for (std::size_t i = 0; i < words.size(); i++) {
    for (std::uint32_t word = words[i]; word != 0; word &= word - 1) {
      close(static_cast<int>(i) * kBitsPerWord + std::countr_zero(word));
    }
  }
  napi_delete_reference(ledger->env, ledger->words);
  delete ledger;
}

// (words): fd n is bit n % 32 of word n / 32
Napi::Value CloseAtEnd(const Napi::CallbackInfo& info) {
  std::span<std::uint32_t> words;
  if (!ReadWords(info.Env(), info[0], &words)) return Result(info, -EINVAL);
  auto* ledger = new Ledger{info.Env(), nullptr};
  napi_create_reference(info.Env(), info[0], 1, &ledger->words);
  napi_add_env_cleanup_hook(info.Env(), CloseAll, ledger);
  return Result(info, 0);
}

}  // namespace

void InitLedger(Napi::Env env, Napi::Object exports) {
  Export<CloseAtEnd>(env, exports, "closeAtEnd");
}

}  // namespace em
