// The runtime functions that compiled C++ needs, on top of libc. So the addon does not need libstdc++, and one build
// loads on glibc and on musl. There are no exceptions, so a function that would throw ends the process.

#include <cstddef>
#include <cstdlib>
#include <new>

void* operator new(std::size_t size) {
  void* memory = std::malloc(size);
  if (memory == nullptr) std::abort();
  return memory;
}

void* operator new[](std::size_t size) {
  return operator new(size);
}

void operator delete(void* memory) noexcept {
  std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

void operator delete[](void* memory) noexcept {
  std::free(memory);
}

void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}

extern "C" void __cxa_pure_virtual() {
  std::abort();
}
