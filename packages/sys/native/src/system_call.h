// System calls without libc, for those that happen per event. They return a value or -errno, as TypeScript expects it.
// They are compiled into their callers and are not cancellation points. With EM_SYS_LIBC, libc makes them, and the
// results are the same: docs/decisions/system-calls-without-libc.md.

#ifndef EM_SYS_SYSTEM_CALL_H_
#define EM_SYS_SYSTEM_CALL_H_

#include <unistd.h>

#include <cerrno>
#include <cstdint>

namespace em {

namespace system_call {

using Word = std::int64_t;

#if defined(__x86_64__) && !defined(EM_SYS_LIBC)

// On processors that need the guard against SRSO (AMD Zen 1 to 4), the kernel returns with an empty return stack in the
// processor. Each return after that costs about 115 ns, a quarter of a system call, and there are at least eight on the
// way to JavaScript. So this code refills the return stack with addresses that nothing returns to. They are
// mispredicted as well, but at low cost. On other processors the refill takes a nanosecond or two. The calls stay below
// the red zone of 128 bytes.
//
// A profiler or debugger that interrupts this code finds the caller by the frame pointer, which binding.gyp asks for.
// The stack pointer is an operand so that the compiler sets up the frame first.
register Word stack_pointer asm("rsp");

[[gnu::always_inline]] inline Word Make(Word number, Word a, Word b, Word c, Word d, Word e, Word f) {
  register Word r10 asm("r10") = d;
  register Word r8 asm("r8") = e;
  register Word r9 asm("r9") = f;
  Word result;
  asm volatile(
      "syscall\n\t"
      "lea -128(%%rsp), %%rsp\n\t"
      ".rept 16\n\t"
      "call 1f\n\t"
      "int3\n"
      "1:\n\t"
      ".endr\n\t"
      "lea 128 + 16 * 8(%%rsp), %%rsp"
      : "=a"(result), "+r"(stack_pointer)
      : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
      : "rcx", "r11", "memory");
  return result;
}

#elif defined(__aarch64__) && !defined(EM_SYS_LIBC)

[[gnu::always_inline]] inline Word Make(Word number, Word a, Word b, Word c, Word d, Word e, Word f) {
  register Word x8 asm("x8") = number;
  register Word x0 asm("x0") = a;
  register Word x1 asm("x1") = b;
  register Word x2 asm("x2") = c;
  register Word x3 asm("x3") = d;
  register Word x4 asm("x4") = e;
  register Word x5 asm("x5") = f;
  asm volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  return x0;
}

#else

inline Word Make(Word number, Word a, Word b, Word c, Word d, Word e, Word f) {
  const Word result = syscall(number, a, b, c, d, e, f);
  return result < 0 ? -errno : result;
}

#endif

[[gnu::always_inline]] inline Word ToWord(Word value) {
  return value;
}

[[gnu::always_inline]] inline Word ToWord(const void* pointer) {
  return reinterpret_cast<Word>(pointer);
}

}  // namespace system_call

/// @param number One of `<sys/syscall.h>`.
/// @param arguments At most six. The rest are 0.
/// @return The value of the call, or -errno.
template <typename... Arguments>
[[gnu::always_inline]] inline std::int32_t SystemCall(long number, Arguments... arguments) {
  const system_call::Word words[6] = {system_call::ToWord(arguments)...};
  return static_cast<std::int32_t>(
      system_call::Make(number, words[0], words[1], words[2], words[3], words[4], words[5]));
}

}  // namespace em

#endif  // EM_SYS_SYSTEM_CALL_H_
