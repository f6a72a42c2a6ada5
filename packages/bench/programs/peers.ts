/** The addon of `native/uv-poll.cc`. */
export interface UvPoll {
  watch(fd: number, callback: (events: number) => void): void;
}

/** `UV_READABLE` of uv.h. */
export const UV_READABLE = 1;

/** The addon of npm's `epoll`. */
export interface NpmEpoll {
  readonly Epoll: (new (
    callback: (error: Error | null, fd: number, events: number) => void,
  ) => Epoll) & {
    readonly EPOLLIN: number;
    readonly EPOLLPRI: number;
  };
}

export interface Epoll {
  add(fd: number, events: number): void;
  modify(fd: number, events: number): void;
  remove(fd: number): void;
}
