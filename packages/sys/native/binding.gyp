{
  # EM_SYS_LIBC=1 in the environment: libc makes all system calls (system_call.h).
  "variables": {"em_sys_libc%": "<!(node -p \"process.env.EM_SYS_LIBC === '1' ? 1 : 0\")"},
  "targets": [
    {
      "target_name": "em_sys",
      "sources": [
        "src/addon.cc",
        "src/collector.cc",
        "src/control.cc",
        "src/crossing.cc",
        "src/epoll.cc",
        "src/eventfd.cc",
        "src/freestanding.cc",
        "src/host_loop.cc",
        "src/host_thread.cc",
        "src/inet.cc",
        "src/inotify.cc",
        "src/io.cc",
        "src/ioctl.cc",
        "src/ledger.cc",
        "src/message.cc",
        "src/message_batch.cc",
        "src/pidfd.cc",
        "src/pipe.cc",
        "src/poll.cc",
        "src/shared_fd.cc",
        "src/socket.cc",
        "src/socket_option.cc",
        "src/thread.cc",
        "src/timerfd.cc",
      ],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": [
        "NAPI_VERSION=8",
        "NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS",
        "NODE_ADDON_API_DISABLE_DEPRECATED",
        # A worker that is being terminated refuses calls. Without this, node-addon-api then ends the process.
        "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS",
      ],
      # It has no effect on 64 bits, but makes the addon need fcntl64, which musl does not have.
      "defines!": ["_FILE_OFFSET_BITS=64"],
      "cflags_cc!": ["-std=gnu++17", "-std=gnu++20"],
      "cflags_cc": [
        "-std=c++20",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-fvisibility=hidden",
        "-fno-exceptions",
        "-fno-rtti",
        # With them, a static in a function needs a lock of libstdc++.
        "-fno-threadsafe-statics",
        # A sixth of the size of -O3, and as fast: the time goes into the crossing and the kernel.
        "-Os",
        "-ffunction-sections",
        "-fdata-sections",
        # Makes the same file in every folder.
        "-ffile-prefix-map=<(module_root_dir)=.",
      ],
      # The only library is libc (freestanding.cc), so that one build works with glibc and musl.
      "ldflags": [
        "-nodefaultlibs",
        # A missing symbol fails the load, not the first call, and the table of symbols is read-only.
        "-Wl,-z,now",
        "-Wl,--version-script=<(module_root_dir)/exports.map",
        "-Wl,--gc-sections",
        "-Wl,--build-id=none",
        "-Wl,--strip-all",
      ],
      "libraries": ["-lgcc"],
      "conditions": [
        # Otherwise libgcc calls __getauxval, which musl does not have, to look for atomic instructions.
        ["target_arch=='arm64'", {"cflags_cc": ["-mno-outline-atomics"]}],
        ["em_sys_libc==1", {"defines": ["EM_SYS_LIBC"]}],
        # system_call.h makes calls that do not return. A shadow stack forbids them.
        # It also moves the stack pointer. With a frame pointer, the unwind tables of the compiler stay right. Without
        # one, no CFI directive is right in all functions, and a profiler that interrupts the code crashes. The
        # common.gypi of Node asks for a frame pointer as well, but that of other headers may not.
        ["target_arch=='x64' and em_sys_libc!=1", {"cflags_cc": ["-fcf-protection=none", "-fno-omit-frame-pointer"]}],
      ],
    }
  ]
}
