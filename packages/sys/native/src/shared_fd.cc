// An fd of one thread that others make duplicates of.

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <span>

#include "crossing.h"
#include "init.h"
#include "ledger.h"

namespace em {

namespace {

// What finds a shared fd is the address of memory that threads share. What is written in that memory does not matter,
// and it is never read here: any thread can write anything to it.
struct Share {
  napi_env env;
  int fd;
  const void* address;
  // Keeps the memory, so that no other gets the address.
  napi_ref words;
  Share* next;
};

// The shares of all environments. Whoever duplicates or closes one has the lock meanwhile: a duplicate must not be one
// of a stranger that has got the number by then.
constinit Share* first_share = nullptr;
constinit pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

struct Locked {
  Locked() { pthread_mutex_lock(&lock); }
  ~Locked() { pthread_mutex_unlock(&lock); }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;
};

// The link that leads to the first share that `matches`, or to nullptr at the end.
template <typename Matches>
Share** Find(Matches matches) {
  Share** link = &first_share;
  while (*link != nullptr && !matches(**link)) link = &(*link)->next;
  return link;
}

Share* Unlink(Share** link) {
  Share* share = *link;
  if (share != nullptr) *link = share->next;
  return share;
}

void Delete(Share* share) {
  napi_delete_reference(share->env, share->words);
  delete share;
}

// The ledger closes the fds.
void OnEnvironmentEnd(void* data) {
  const auto env = static_cast<napi_env>(data);
  for (;;) {
    Share* share = nullptr;
    {
      const Locked locked;
      share = Unlink(Find([env](const Share& each) {
        return each.env == env;
      }));
    }
    if (share == nullptr) return;
    Delete(share);
  }
}

// False where the value is no array of words in memory that threads share.
bool ReadAddress(const Napi::CallbackInfo& info, std::size_t at, const void** address) {
  const napi_env env = info.Env();
  std::span<std::uint32_t> words;
  napi_value buffer = nullptr;
  bool is_unshared = true;
  if (!ReadWords(env, info[at], &words) || words.empty()) return false;
  napi_get_typedarray_info(env, info[at], nullptr, nullptr, nullptr, &buffer, nullptr);
  napi_is_arraybuffer(env, buffer, &is_unshared);
  *address = words.data();
  return !is_unshared;
}

// (fd, words): from here on it is for closeSharedFd to close it
Napi::Value ShareFd(const Napi::CallbackInfo& info) {
  const napi_env env = info.Env();
  std::int32_t fd = 0;
  const void* address = nullptr;
  napi_ref words = nullptr;
  if (!ReadInt32(env, info[0], &fd) || fd < 0 || !ReadAddress(info, 1, &address)) return Result(info, -EINVAL);
  if (napi_create_reference(env, info[1], 1, &words) != napi_ok) return Result(info, -ECANCELED);
  auto* share = new Share{env, fd, address, words, nullptr};
  const Locked locked;
  share->next = first_share;
  first_share = share;
  return Result(info, 0);
}

// (words): -EBADF where this environment shares nothing by them
Napi::Value CloseSharedFd(const Napi::CallbackInfo& info) {
  const napi_env env = info.Env();
  const void* address = nullptr;
  if (!ReadAddress(info, 0, &address)) return Result(info, -EINVAL);
  Share* share = nullptr;
  std::int32_t result = -EBADF;
  {
    const Locked locked;
    share = Unlink(Find([=](const Share& each) {
      return each.env == env && each.address == address;
    }));
    if (share != nullptr) result = Close(env, share->fd);
  }
  if (share != nullptr) Delete(share);
  return Result(info, result);
}

// (words): a duplicate, close-on-exec; -EBADF where nothing is shared by them
Napi::Value DupSharedFd(const Napi::CallbackInfo& info) {
  const void* address = nullptr;
  if (!ReadAddress(info, 0, &address)) return Result(info, -EINVAL);
  const Locked locked;
  const Share* share = *Find([=](const Share& each) {
    return each.address == address;
  });
  if (share == nullptr) return Result(info, -EBADF);
  return Result(info, Enter(info.Env(), ValueOrErrno(fcntl(share->fd, F_DUPFD_CLOEXEC, 0))));
}

}  // namespace

void InitSharedFd(Napi::Env env, Napi::Object exports) {
  napi_add_env_cleanup_hook(env, OnEnvironmentEnd, static_cast<napi_env>(env));
  Export<ShareFd>(env, exports, "shareFd");
  Export<CloseSharedFd>(env, exports, "closeSharedFd");
  Export<DupSharedFd>(env, exports, "dupSharedFd");
}

}  // namespace em
