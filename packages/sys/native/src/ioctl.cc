// ioctl(2). TypeScript makes the bytes of an argument, and checks them where the request says how many there are.

#include <sys/mman.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <span>

#include "crossing.h"
#include "init.h"

namespace em {

namespace {

// A multiple of every page size.
constexpr std::size_t kUnit = 64 * 1024;

// Zeroed pages of the addon between two guards. Many requests read or write more bytes than the caller's argument has.
// What the kernel writes behind the argument is lost. If it reaches a guard, the call fails with EFAULT.
class Scratch {
 public:
  // At least one unit more than asked for. One unit alone is larger than any size that a request contains.
  explicit Scratch(std::size_t size) : room_((size / kUnit + 2) * kUnit) {
    void* pages = mmap(nullptr, room_ + 2 * kUnit, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) return;
    pages_ = static_cast<std::uint8_t*>(pages);
    is_open_ = mprotect(bytes(), room_, PROT_READ | PROT_WRITE) == 0;
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    if (pages_ != nullptr) munmap(pages_, room_ + 2 * kUnit);
  }

  // False if there is no memory.
  bool is_open() const { return is_open_; }
  std::uint8_t* bytes() const { return pages_ + kUnit; }

 private:
  std::size_t room_;
  std::uint8_t* pages_ = nullptr;
  bool is_open_ = false;
};

// (fd, request, integer)
Napi::Value IoctlInteger(const Napi::CallbackInfo& info) {
  std::int32_t fd = 0;
  std::uint32_t request = 0;
  std::int32_t integer = 0;
  std::uint32_t word = 0;
  if (!ReadInt32(info.Env(), info[0], &fd) || !ReadUint32(info.Env(), info[1], &request)) return Result(info, -EINVAL);
  if (ReadUint32(info.Env(), info[2], &word)) return Result(info, SystemCall(SYS_ioctl, fd, request, word));
  if (!ReadInt32(info.Env(), info[2], &integer)) return Result(info, -EINVAL);
  return Result(info, SystemCall(SYS_ioctl, fd, request, integer));
}

// (fd, request, Uint8Array)
Napi::Value IoctlBytes(const Napi::CallbackInfo& info) {
  std::int32_t fd = 0;
  std::uint32_t request = 0;
  std::span<std::uint8_t> argument;
  if (!ReadInt32(info.Env(), info[0], &fd) || !ReadUint32(info.Env(), info[1], &request) ||
      !ReadBytes(info.Env(), info[2], &argument)) {
    return Result(info, -EINVAL);
  }
  const Scratch scratch(argument.size());
  if (!scratch.is_open()) return Result(info, -ENOMEM);
  std::copy(argument.begin(), argument.end(), scratch.bytes());
  const std::int32_t result = SystemCall(SYS_ioctl, fd, request, scratch.bytes());
  // Also after an error: some requests then say more in the argument.
  std::copy_n(scratch.bytes(), argument.size(), argument.begin());
  return Result(info, result);
}

// (fd, request, Uint8Array, Uint32Array)
Napi::Value IoctlAddresses(const Napi::CallbackInfo& info) {
  std::int32_t fd = 0;
  std::uint32_t request = 0;
  std::span<std::uint8_t> argument;
  std::span<std::uint32_t> addresses;
  if (!ReadInt32(info.Env(), info[0], &fd) || !ReadUint32(info.Env(), info[1], &request) ||
      !ReadBytes(info.Env(), info[2], &argument) || !ReadWords(info.Env(), info[3], &addresses)) {
    return Result(info, -EINVAL);
  }
  const Scratch scratch(argument.size());
  if (!scratch.is_open()) return Result(info, -ENOMEM);
  std::copy(argument.begin(), argument.end(), scratch.bytes());
  std::size_t end = 0;
  for (const std::size_t at : addresses) {
    std::uint64_t address = 0;
    // One that overlaps another would change it.
    if (at < end || at + sizeof(address) > argument.size()) return Result(info, -EINVAL);
    end = at + sizeof(address);
    std::memcpy(&address, scratch.bytes() + at, sizeof(address));
    if (address >= argument.size()) return Result(info, -EINVAL);
    address += reinterpret_cast<std::uintptr_t>(scratch.bytes());
    std::memcpy(scratch.bytes() + at, &address, sizeof(address));
  }
  const std::int32_t result = SystemCall(SYS_ioctl, fd, request, scratch.bytes());
  for (const std::size_t at : addresses) {
    std::copy_n(argument.data() + at, sizeof(std::uint64_t), scratch.bytes() + at);
  }
  std::copy_n(scratch.bytes(), argument.size(), argument.begin());
  return Result(info, result);
}

}  // namespace

void InitIoctl(Napi::Env env, Napi::Object exports) {
  Export<IoctlInteger>(env, exports, "ioctlInteger");
  Export<IoctlBytes>(env, exports, "ioctlBytes");
  Export<IoctlAddresses>(env, exports, "ioctlAddresses");
}

}  // namespace em
