// inet_pton(3) and inet_ntop(3): convert IP addresses between text and bytes.

#include <arpa/inet.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <span>

#include "crossing.h"
#include "init.h"

namespace em {

namespace {

// The number of bytes of an address of this family, or 0 if the family has no IP addresses.
std::size_t AddressSize(std::int32_t family) {
  switch (family) {
    case AF_INET:
      return sizeof(in_addr);
    case AF_INET6:
      return sizeof(in6_addr);
    default:
      return 0;
  }
}

bool ReadAddress(const Napi::CallbackInfo& info, std::size_t family_at, std::size_t bytes_at, std::int32_t* family,
                 std::span<std::uint8_t>* bytes) {
  return ReadInt32(info.Env(), info[family_at], family) && ReadBytes(info.Env(), info[bytes_at], bytes) &&
         AddressSize(*family) != 0 && bytes->size() >= AddressSize(*family);
}

// (family, text, bytes): 1, or 0 if the text is not an address of the family
Napi::Value InetPton(const Napi::CallbackInfo& info) {
  std::int32_t family = 0;
  std::span<std::uint8_t> bytes;
  char text[INET6_ADDRSTRLEN] = {};
  std::size_t length = 0;
  if (!ReadAddress(info, 0, 2, &family, &bytes) ||
      napi_get_value_string_utf8(info.Env(), info[1], nullptr, 0, &length) != napi_ok) {
    return Result(info, -EINVAL);
  }
  if (length >= sizeof(text)) return Result(info, 0);
  napi_get_value_string_utf8(info.Env(), info[1], text, sizeof(text), nullptr);
  // No address contains a NUL.
  if (std::strlen(text) != length) return Result(info, 0);
  return Result(info, ValueOrErrno(inet_pton(family, text, bytes.data())));
}

// (family, bytes): the text
Napi::Value InetNtop(const Napi::CallbackInfo& info) {
  std::int32_t family = 0;
  std::span<std::uint8_t> bytes;
  char text[INET6_ADDRSTRLEN];
  if (!ReadAddress(info, 0, 1, &family, &bytes)) return Result(info, -EINVAL);
  if (inet_ntop(family, bytes.data(), text, sizeof(text)) == nullptr) return Result(info, -errno);
  return Napi::String::New(info.Env(), text);
}

}  // namespace

void InitInet(Napi::Env env, Napi::Object exports) {
  Export<InetPton>(env, exports, "inetPton");
  Export<InetNtop>(env, exports, "inetNtop");
}

}  // namespace em
