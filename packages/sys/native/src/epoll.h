// Waits on an epoll instance, for other files than epoll.cc.

#ifndef EM_SYS_EPOLL_H_
#define EM_SYS_EPOLL_H_

#include <cstdint>
#include <span>

namespace em {

/// Fills `words` with entries of what is ready now. Returns the number of entries, or -errno.
std::int32_t PollEntries(std::int32_t epoll_fd, std::span<std::uint32_t> words);

}  // namespace em

#endif  // EM_SYS_EPOLL_H_
