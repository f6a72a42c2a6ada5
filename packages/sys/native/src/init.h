// Each function puts the calls of one subject on `exports`.

#ifndef EM_SYS_INIT_H_
#define EM_SYS_INIT_H_

#include <napi.h>

namespace em {

void InitCollector(Napi::Env env, Napi::Object exports);
void InitEpoll(Napi::Env env, Napi::Object exports);
void InitEventFd(Napi::Env env, Napi::Object exports);
void InitHostLoop(Napi::Env env, Napi::Object exports);
void InitHostThread(Napi::Env env, Napi::Object exports);
void InitInet(Napi::Env env, Napi::Object exports);
void InitInotify(Napi::Env env, Napi::Object exports);
void InitIo(Napi::Env env, Napi::Object exports);
void InitIoctl(Napi::Env env, Napi::Object exports);
void InitLedger(Napi::Env env, Napi::Object exports);
void InitMessage(Napi::Env env, Napi::Object exports);
void InitMessageBatch(Napi::Env env, Napi::Object exports);
void InitPidFd(Napi::Env env, Napi::Object exports);
void InitPipe(Napi::Env env, Napi::Object exports);
void InitPoll(Napi::Env env, Napi::Object exports);
/// Call it after InitLedger. When an environment ends, its hooks run in reverse order: an fd must no longer be shared
/// when the ledger closes it.
void InitSharedFd(Napi::Env env, Napi::Object exports);
void InitSocket(Napi::Env env, Napi::Object exports);
void InitSocketOption(Napi::Env env, Napi::Object exports);
void InitThread(Napi::Env env, Napi::Object exports);
void InitTimerFd(Napi::Env env, Napi::Object exports);

}  // namespace em

#endif  // EM_SYS_INIT_H_
