#include "shared_fd.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <span>

#include "crossing.h"
#include "ledger.h"

namespace em {

namespace {

// The word by which threads share an fd, in memory that they share, has its number while it is open. Whoever duplicates
// or closes it takes the word meanwhile: a duplicate must not be one of a stranger that has got the number by then.
constexpr std::uint32_t kTaken = UINT32_MAX - 1;
constexpr std::uint32_t kClosed = UINT32_MAX;

std::uint32_t Take(std::uint32_t* word) {
  std::uint32_t fd = kTaken;
  // Whoever has it makes one system call with it.
  while ((fd = std::atomic_ref(*word).exchange(kTaken)) == kTaken) sched_yield();
  return fd;
}

void Put(std::uint32_t* word, std::uint32_t fd) {
  std::atomic_ref(*word).store(fd);
}

struct Share {
  int fd;
  std::uint32_t* word;
  napi_ref words;
  Share* next;
};

// What an environment shares.
struct Shares {
  napi_env env;
  Share* first = nullptr;
};

Share* Remove(Shares* shares, const std::uint32_t* word) {
  for (Share** at = &shares->first; *at != nullptr; at = &(*at)->next) {
    Share* share = *at;
    if (share->word != word) continue;
    *at = share->next;
    return share;
  }
  return nullptr;
}

void Delete(Shares* shares, Share* share) {
  napi_delete_reference(shares->env, share->words);
  delete share;
}

// The ledger closes the fds.
void OnEnvironmentEnd(void* data) {
  auto* shares = static_cast<Shares*>(data);
  while (shares->first != nullptr) {
    Share* share = shares->first;
    shares->first = share->next;
    Take(share->word);
    Put(share->word, kClosed);
    Delete(shares, share);
  }
  delete shares;
}

// Memory that threads share cannot be taken away, as that of an ArrayBuffer can.
bool ReadWord(const Napi::CallbackInfo& info, std::size_t at, std::uint32_t** word) {
  const napi_env env = info.Env();
  std::span<std::uint32_t> words;
  napi_value buffer = nullptr;
  bool is_unshared = true;
  if (!ReadWords(env, info[at], &words) || words.empty()) return false;
  napi_get_typedarray_info(env, info[at], nullptr, nullptr, nullptr, &buffer, nullptr);
  napi_is_arraybuffer(env, buffer, &is_unshared);
  *word = words.data();
  return !is_unshared;
}

// (fd, words): from here on it is for closeSharedFd to close it
Napi::Value ShareFd(const Napi::CallbackInfo& info) {
  auto* shares = static_cast<Shares*>(info.Data());
  std::int32_t fd = 0;
  std::uint32_t* word = nullptr;
  napi_ref words = nullptr;
  if (!ReadInt32(info.Env(), info[0], &fd) || fd < 0 || !ReadWord(info, 1, &word)) return Result(info, -EINVAL);
  if (napi_create_reference(info.Env(), info[1], 1, &words) != napi_ok) return Result(info, -ECANCELED);
  shares->first = new Share{fd, word, words, shares->first};
  Put(word, static_cast<std::uint32_t>(fd));
  return Result(info, 0);
}

// (words)
Napi::Value CloseSharedFd(const Napi::CallbackInfo& info) {
  auto* shares = static_cast<Shares*>(info.Data());
  std::uint32_t* word = nullptr;
  if (!ReadWord(info, 0, &word)) return Result(info, -EINVAL);
  Share* share = Remove(shares, word);
  if (share == nullptr) return Result(info, -EBADF);
  Take(word);
  const std::int32_t result = Close(info.Env(), share->fd);
  Put(word, kClosed);
  Delete(shares, share);
  return Result(info, result);
}

// (words): a duplicate, close-on-exec; -EBADF where it is closed
Napi::Value DupSharedFd(const Napi::CallbackInfo& info) {
  std::uint32_t* word = nullptr;
  if (!ReadWord(info, 0, &word)) return Result(info, -EINVAL);
  const std::uint32_t fd = Take(word);
  // kClosed is nobody's number, and EBADF the answer.
  const std::int32_t result = ValueOrErrno(fcntl(static_cast<int>(fd), F_DUPFD_CLOEXEC, 0));
  Put(word, fd);
  return Result(info, Enter(info.Env(), result));
}

}  // namespace

void InitSharedFd(Napi::Env env, Napi::Object exports) {
  auto* shares = new Shares{env};
  napi_add_env_cleanup_hook(env, OnEnvironmentEnd, shares);
  Export<ShareFd>(env, exports, "shareFd", shares);
  Export<CloseSharedFd>(env, exports, "closeSharedFd", shares);
  Export<DupSharedFd>(env, exports, "dupSharedFd");
}

}  // namespace em
