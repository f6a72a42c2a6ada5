// An fd of one thread, of which other threads make duplicates.

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

// The address of shared memory identifies a shared fd. The contents of that memory do not matter and are never read
// here, because any thread can write anything to it.
struct Share {
  napi_env env;
  int fd;
  const void* address;
  // Keeps the memory alive, so that no other memory gets its address.
  napi_ref words;
  Share* next;
};

// The shares of all environments. A thread holds the lock while it duplicates or closes an fd. Otherwise another file
// could get the number in between, and the duplicate would be one of that file.
constinit Share* first_share = nullptr;
constinit pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

struct Locked {
  Locked() { pthread_mutex_lock(&lock); }
  ~Locked() { pthread_mutex_unlock(&lock); }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;
};

// Returns the link to the first share that `matches`, or the link at the end, which is nullptr.
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

// Returns false if the value is not an array of words in shared memory.
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

// (fd, words): from here on, closeSharedFd closes the fd
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

// (words): -EBADF if this environment shares no fd by this address
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

// (words): a duplicate, close-on-exec, or -EBADF if no fd is shared by this address
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
