{
  "targets": [
    {
      "target_name": "em_sys",
      "sources": [
        "src/addon.cc",
        "src/control.cc",
        "src/crossing.cc",
        "src/epoll.cc",
        "src/eventfd.cc",
        "src/host_loop.cc",
        "src/inet.cc",
        "src/inotify.cc",
        "src/io.cc",
        "src/ledger.cc",
        "src/message.cc",
        "src/pidfd.cc",
        "src/pipe.cc",
        "src/socket.cc",
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
      "cflags_cc!": ["-std=gnu++17", "-std=gnu++20"],
      "cflags_cc": [
        "-std=c++20",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-fvisibility=hidden",
        "-fno-exceptions",
        "-fno-rtti",
      ],
    }
  ]
}
