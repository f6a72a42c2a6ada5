// Fds that cross from one thread to another: an fd of which other threads make duplicates, and an fd that one thread
// offers and another takes.

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <atomic>
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
  // kTaken once another environment has taken an offer.
  int fd;
  const void* address;
  // Keeps the memory alive, so that no other memory gets its address.
  napi_ref words;
  bool is_offer;
  Share* next;
};

constexpr int kTaken = -1;

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

void Link(Share* share) {
  share->next = first_share;
  first_share = share;
}

void Delete(Share* share) {
  napi_delete_reference(share->env, share->words);
  delete share;
}

// The ledger closes the fds, except those that are offered.
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
    if (share->is_offer && share->fd != kTaken) close(share->fd);
    Delete(share);
  }
}

// Returns false if the value is not an array of words in shared memory.
bool ReadAddress(const Napi::CallbackInfo& info, std::size_t at, std::uint32_t** address) {
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
  std::uint32_t* address = nullptr;
  napi_ref words = nullptr;
  if (!ReadInt32(env, info[0], &fd) || fd < 0 || !ReadAddress(info, 1, &address)) return Result(info, -EINVAL);
  if (napi_create_reference(env, info[1], 1, &words) != napi_ok) return Result(info, -ECANCELED);
  auto* share = new Share{env, fd, address, words, false, nullptr};
  const Locked locked;
  Link(share);
  return Result(info, 0);
}

// Marks memory in which this copy of the addon has offered an fd. Other copies do not know of the offer.
std::uint32_t OfferMark() {
  return static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(&first_share)) | 1;
}

// Returns the offer at an address, which gets `mine` if there has been none. 0 or -errno: -EPIPE if the offer is gone,
// -EXDEV if another copy of the addon has made it.
std::int32_t OfferAt(std::uint32_t* address, Share* mine, Share** offer) {
  std::uint32_t mark = 0;
  if (std::atomic_ref(*address).compare_exchange_strong(mark, OfferMark())) {
    Link(mine);
    *offer = mine;
    return 0;
  }
  if (mark != OfferMark()) return -EXDEV;
  *offer = *Find([=](const Share& each) {
    return each.address == address && each.is_offer && each.fd != kTaken;
  });
  return *offer == nullptr ? -EPIPE : 0;
}

// (fd, words): the fd that another environment offers by this address, or `fd` itself, which is offered from here on.
// The first word must be 0 before.
Napi::Value OfferOrTakeFd(const Napi::CallbackInfo& info) {
  const napi_env env = info.Env();
  std::int32_t fd = 0;
  std::uint32_t* address = nullptr;
  napi_ref words = nullptr;
  if (!ReadInt32(env, info[0], &fd) || fd < 0 || !ReadAddress(info, 1, &address)) return Result(info, -EINVAL);
  if (napi_create_reference(env, info[1], 1, &words) != napi_ok) return Result(info, -ECANCELED);
  auto* mine = new Share{env, fd, address, words, true, nullptr};
  Share* offer = nullptr;
  std::int32_t result = 0;
  {
    const Locked locked;
    result = OfferAt(address, mine, &offer);
    if (result == 0) result = offer->fd;
    if (offer != nullptr && offer != mine) offer->fd = kTaken;
  }
  if (offer == mine) {
    Disown(env, fd);
    return Result(info, fd);
  }
  Delete(mine);
  return Result(info, Enter(env, result));
}

// (words): -EBADF if this environment shares or offers no fd by this address
Napi::Value CloseSharedFd(const Napi::CallbackInfo& info) {
  const napi_env env = info.Env();
  std::uint32_t* address = nullptr;
  if (!ReadAddress(info, 0, &address)) return Result(info, -EINVAL);
  Share* share = nullptr;
  std::int32_t result = -EBADF;
  {
    const Locked locked;
    share = Unlink(Find([=](const Share& each) {
      return each.env == env && each.address == address;
    }));
    if (share != nullptr) result = share->fd == kTaken ? 0 : Close(env, share->fd);
  }
  if (share != nullptr) Delete(share);
  return Result(info, result);
}

// (words): a duplicate, close-on-exec, or -EBADF if no fd is shared by this address
Napi::Value DupSharedFd(const Napi::CallbackInfo& info) {
  std::uint32_t* address = nullptr;
  if (!ReadAddress(info, 0, &address)) return Result(info, -EINVAL);
  const Locked locked;
  const Share* share = *Find([=](const Share& each) {
    return each.address == address && !each.is_offer;
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
  Export<OfferOrTakeFd>(env, exports, "offerOrTakeFd");
}

}  // namespace em
