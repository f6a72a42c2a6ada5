{
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
        "src/ledger.cc",
        "src/message.cc",
        "src/pidfd.cc",
        "src/pipe.cc",
        "src/poll.cc",
        "src/shared_fd.cc",
        "src/socket.cc",
        "src/socket_option.cc",
        "src/timerfd.cc",
      ],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": [
        "NAPI_VERSION=8",
        "NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS",
        "NODE_ADDON_API_DISABLE_DEPRECATED",
        # A worker that is being terminated refuses calls; node-addon-api would end the process then.
        "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS",
      ],
      # It would bind fcntl64, which musl has not, and is nothing on 64 bits.
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
        # Else a static in a function would take a lock of libstdc++.
        "-fno-threadsafe-statics",
        # A sixth of what -O3 makes, and no slower: the time goes into the crossing and the kernel.
        "-Os",
        "-ffunction-sections",
        "-fdata-sections",
        # The same bytes wherever it is built.
        "-ffile-prefix-map=<(module_root_dir)=.",
      ],
      # libc and nothing else (freestanding.cc), so that one build serves glibc and musl.
      "ldflags": [
        "-nodefaultlibs",
        # A missing symbol is an error at load, not a crash at the first call, and the table of symbols is read-only.
        "-Wl,-z,now",
        "-Wl,--version-script=<(module_root_dir)/exports.map",
        "-Wl,--gc-sections",
        "-Wl,--build-id=none",
        "-Wl,--strip-all",
      ],
      "libraries": ["-lgcc"],
      "conditions": [
        # Else libgcc would ask __getauxval, which musl has not, whether the processor has atomic instructions.
        ["target_arch=='arm64'", {"cflags_cc": ["-mno-outline-atomics"]}],
        # system_call.h calls and does not return, which a shadow stack would not allow.
        # It also moves the stack pointer, and no CFI directive is right both with and without a frame pointer. With one,
        # what the compiler writes is right; without, a profiler that looks meanwhile crashes. Node's common.gypi asks
        # for one as well, but other headers need not.
        ["target_arch=='x64'", {"cflags_cc": ["-fcf-protection=none", "-fno-omit-frame-pointer"]}],
      ],
    }
  ]
}
