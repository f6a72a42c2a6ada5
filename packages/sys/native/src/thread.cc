// gettid(2).

#include "crossing.h"
#include "init.h"

namespace em {

namespace {

// ()
napi_value GetTid(napi_env env, napi_callback_info) {
  return Result(env, SystemCall(SYS_gettid));
}

}  // namespace

void InitThread(Napi::Env env, Napi::Object exports) {
  Export(env, exports, "gettid", GetTid);
}

}  // namespace em
