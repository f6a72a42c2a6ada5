// The symbols that libstdc++ and libgcc need from glibc, and musl lacks.

#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

char __libc_single_threaded = 0;
int __cpu_model[4];

int __cpu_indicator_init(void) {
  return 0;
}

int __cxa_thread_atexit_impl(void (*function)(void *), void *object, void *library) {
  (void)function, (void)object, (void)library;
  return 0;
}

int _dl_find_object(void *address, void *result) {
  (void)address, (void)result;
  return -1;
}

unsigned arc4random(void) {
  unsigned number = 0;
  syscall(SYS_getrandom, &number, sizeof(number), 0);
  return number;
}

size_t strftime_l(char *text, size_t size, const char *format, const void *time, void *locale);

size_t __strftime_l(char *text, size_t size, const char *format, const void *time, void *locale) {
  return strftime_l(text, size, format, time, locale);
}
