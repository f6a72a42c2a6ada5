#include "crossing.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <limits>

namespace em {

namespace {

// Number.MAX_SAFE_INTEGER. Above it, a double can stand for more than one integer.
constexpr std::uint64_t kMaxSafeInteger = (std::uint64_t{1} << 53) - 1;

// napi_get_value_int32 and its siblings wrap numbers out of range, and make 0 of NaN. A wrong fd must not become
// another fd.
template <typename Integer>
bool ReadInteger(napi_env env, napi_value value, Integer* out, Integer max = std::numeric_limits<Integer>::max()) {
  double number = 0;
  if (napi_get_value_double(env, value, &number) != napi_ok) return false;
  if (!(number >= std::numeric_limits<Integer>::min() && number <= max)) return false;
  *out = static_cast<Integer>(number);
  return static_cast<double>(*out) == number;
}

template <typename Element>
bool ReadArray(napi_env env, napi_value value, napi_typedarray_type wanted, std::span<Element>* out) {
  napi_typedarray_type type = napi_int8_array;
  std::size_t length = 0;
  void* data = nullptr;
  if (napi_get_typedarray_info(env, value, &type, &length, &data, nullptr, nullptr) != napi_ok) {
    return false;
  }
  if (type != wanted) return false;
  *out = std::span<Element>(static_cast<Element*>(data), data == nullptr ? 0 : length);
  return true;
}

}  // namespace

bool ReadInt32(napi_env env, napi_value value, std::int32_t* out) {
  return ReadInteger(env, value, out);
}

bool ReadUint32(napi_env env, napi_value value, std::uint32_t* out) {
  return ReadInteger(env, value, out);
}

bool ReadSize(napi_env env, napi_value value, std::size_t* out) {
  return ReadInteger<std::size_t>(env, value, out, kMaxSafeInteger);
}

bool ReadDouble(napi_env env, napi_value value, double* out) {
  return napi_get_value_double(env, value, out) == napi_ok;
}

bool ReadBytes(napi_env env, napi_value value, std::span<std::uint8_t>* out) {
  return ReadArray(env, value, napi_uint8_array, out);
}

bool ReadSlice(napi_env env, napi_value array, napi_value offset, napi_value length, std::span<std::uint8_t>* out) {
  std::span<std::uint8_t> bytes;
  std::size_t from = 0;
  std::size_t count = 0;
  if (!ReadBytes(env, array, &bytes) || !ReadSize(env, offset, &from) || !ReadSize(env, length, &count)) {
    return false;
  }
  if (from > bytes.size() || count > bytes.size() - from) return false;
  *out = bytes.subspan(from, count);
  return true;
}

bool ReadSockaddr(napi_env env, napi_value value, std::span<std::uint8_t>* out) {
  return ReadBytes(env, value, out) && out->size() <= sizeof(sockaddr_storage);
}

std::int32_t ReadPath(napi_env env, napi_value value, std::span<char, PATH_MAX> out) {
  std::span<std::uint8_t> path;
  if (!ReadBytes(env, value, &path)) return -EINVAL;
  if (path.size() >= out.size()) return -ENAMETOOLONG;
  std::ranges::copy(path, out.begin());
  out[path.size()] = '\0';
  return 0;
}

bool ReadWords(napi_env env, napi_value value, std::span<std::uint32_t>* out) {
  return ReadArray(env, value, napi_uint32_array, out);
}

bool ReadBuffer(napi_env env, napi_value value, std::span<std::uint32_t>* out) {
  void* data = nullptr;
  std::size_t size = 0;
  if (napi_get_arraybuffer_info(env, value, &data, &size) != napi_ok) return false;
  *out = std::span(static_cast<std::uint32_t*>(data), data == nullptr ? 0 : size / sizeof(std::uint32_t));
  return true;
}

bool ReadLongs(napi_env env, napi_value value, std::span<std::int64_t>* out) {
  return ReadArray(env, value, napi_bigint64_array, out);
}

std::int32_t ValueOrErrno(std::int64_t result) {
  return result == -1 ? -errno : static_cast<std::int32_t>(result);
}

napi_value Result(napi_env env, std::int32_t value) {
  napi_value result = nullptr;
  napi_create_int32(env, value, &result);
  return result;
}

Napi::Value Result(const Napi::CallbackInfo& info, std::int32_t value) {
  return Napi::Value(info.Env(), Result(static_cast<napi_env>(info.Env()), value));
}

napi_value NewHandle(napi_env env, void* data, napi_finalize on_collected, const napi_type_tag* tag) {
  napi_value handle = nullptr;
  if (napi_create_external(env, data, on_collected, nullptr, &handle) != napi_ok) return nullptr;
  napi_type_tag_object(env, handle, tag);
  return handle;
}

void* ReadHandle(napi_env env, napi_value value, const napi_type_tag* tag) {
  napi_valuetype type = napi_undefined;
  bool is_tagged = false;
  void* data = nullptr;
  if (napi_typeof(env, value, &type) != napi_ok || type != napi_external) return nullptr;
  if (napi_check_object_type_tag(env, value, tag, &is_tagged) != napi_ok || !is_tagged) return nullptr;
  return napi_get_value_external(env, value, &data) == napi_ok ? data : nullptr;
}

void ReportException(napi_env env, napi_status status) {
  if (status != napi_pending_exception) return;
  napi_value error = nullptr;
  napi_get_and_clear_last_exception(env, &error);
  napi_fatal_exception(env, error);
}

void Export(Napi::Env env, Napi::Object exports, const char* name, napi_callback call, void* data) {
  napi_value function = nullptr;
  if (napi_create_function(env, name, NAPI_AUTO_LENGTH, call, data, &function) == napi_ok) {
    napi_set_named_property(env, exports, name, function);
  }
}

}  // namespace em
