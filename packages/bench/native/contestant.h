// Makes a C++ program a contestant: prints `ready`, then reads lines with a number of operations, and answers each with
// their costs. programs/take-rounds.ts is the same in TypeScript.

#ifndef EM_BENCH_CONTESTANT_H_
#define EM_BENCH_CONTESTANT_H_

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>

/// Ends the program if a system call has failed.
inline int Check(int result, const char* what) {
  if (result < 0) {
    std::perror(what);
    std::exit(1);
  }
  return result;
}

inline std::int64_t NowNs(clockid_t clock) {
  timespec time = {};
  clock_gettime(clock, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

/// Calls `round` with each number of operations that is asked for, and then `report`, which can print further figures:
/// `,"name":value`.
template <typename Round, typename Report>
int TakeRounds(Round round, Report report) {
  std::puts("ready");
  std::fflush(stdout);
  char line[32];
  while (std::fgets(line, sizeof(line), stdin) != nullptr) {
    const long operations = std::atol(line);
    const std::int64_t cpu = NowNs(CLOCK_PROCESS_CPUTIME_ID);
    const std::int64_t wall = NowNs(CLOCK_MONOTONIC);
    round(operations);
    const std::int64_t wall_ns = NowNs(CLOCK_MONOTONIC) - wall;
    const std::int64_t cpu_ns = NowNs(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    std::printf("{\"wallNs\":%lld,\"cpuNs\":%lld", static_cast<long long>(wall_ns), static_cast<long long>(cpu_ns));
    report();
    std::puts("}");
    std::fflush(stdout);
  }
  return 0;
}

template <typename Round>
int TakeRounds(Round round) {
  return TakeRounds(round, [] {});
}

#endif  // EM_BENCH_CONTESTANT_H_
