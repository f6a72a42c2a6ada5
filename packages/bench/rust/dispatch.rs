// dispatch KIND FDS READY: the same as dispatch.cc, on the Rust crate event-manager 0.4. `src/rust-crate.ts` builds it.

use std::fs::File;
use std::io::{stdin, BufRead};
use std::os::fd::FromRawFd;

use event_manager::{EventManager, EventOps, EventSet, Events, MutEventSubscriber, SubscriberOps};

#[repr(C)]
struct Timespec {
    seconds: i64,
    nanoseconds: i64,
}

// The standard library depends on libc, so no crate is needed for it.
extern "C" {
    fn eventfd(initial: u32, flags: i32) -> i32;
    fn clock_gettime(clock: i32, time: *mut Timespec) -> i32;
}

const CLOCK_MONOTONIC: i32 = 1;
const CLOCK_PROCESS_CPUTIME_ID: i32 = 2;
const EFD_NONBLOCK: i32 = 0o4000;

fn now_ns(clock: i32) -> i64 {
    let mut time = Timespec { seconds: 0, nanoseconds: 0 };
    // SAFETY: the call writes one struct timespec, which has this layout on 64-bit Linux.
    assert_eq!(unsafe { clock_gettime(clock, &mut time) }, 0);
    time.seconds * 1_000_000_000 + time.nanoseconds
}

/// An eventfd, which closes itself as a file does.
fn new_eventfd(is_ready: bool) -> File {
    // SAFETY: the call has no pointers, and nothing else owns the new fd.
    unsafe {
        let fd = eventfd(u32::from(is_ready), EFD_NONBLOCK);
        assert!(fd >= 0);
        File::from_raw_fd(fd)
    }
}

fn expect_readable(events: Events) {
    assert_eq!(events.event_set(), EventSet::IN);
}

struct NoOp {
    fd: File,
}

impl MutEventSubscriber for NoOp {
    fn process(&mut self, events: Events, _: &mut EventOps) {
        expect_readable(events);
    }

    fn init(&mut self, ops: &mut EventOps) {
        ops.add(Events::new(&self.fd, EventSet::IN)).unwrap();
    }
}

struct Counting {
    fd: File,
    count: u64,
}

impl MutEventSubscriber for Counting {
    fn process(&mut self, events: Events, _: &mut EventOps) {
        expect_readable(events);
        self.count += 1;
    }

    fn init(&mut self, ops: &mut EventOps) {
        ops.add(Events::new(&self.fd, EventSet::IN)).unwrap();
    }
}

/// Three fds. Each counts in its own element.
struct Sharing {
    fds: [File; 3],
    counts: [u64; 3],
}

impl MutEventSubscriber for Sharing {
    fn process(&mut self, events: Events, _: &mut EventOps) {
        expect_readable(events);
        self.counts[events.data() as usize] += 1;
    }

    fn init(&mut self, ops: &mut EventOps) {
        for (index, fd) in self.fds.iter().enumerate() {
            ops.add(Events::with_data(fd, index as u32, EventSet::IN)).unwrap();
        }
    }
}

fn take_rounds<S: MutEventSubscriber>(subscribers: impl Iterator<Item = S>, fds: usize, ready: usize) {
    let mut manager = EventManager::<S>::new_with_capacity(fds).unwrap();
    for subscriber in subscribers {
        manager.add_subscriber(subscriber);
    }
    println!("ready");
    for line in stdin().lock().lines() {
        let operations: u64 = line.unwrap().trim().parse().unwrap();
        let cpu = now_ns(CLOCK_PROCESS_CPUTIME_ID);
        let wall = now_ns(CLOCK_MONOTONIC);
        for _ in 0..operations {
            assert_eq!(manager.run_with_timeout(0).unwrap(), ready);
        }
        let wall_ns = now_ns(CLOCK_MONOTONIC) - wall;
        let cpu_ns = now_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu;
        println!("{{\"wallNs\":{wall_ns},\"cpuNs\":{cpu_ns}}}");
    }
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let fds: usize = args[2].parse().unwrap();
    let ready: usize = args[3].parse().unwrap();
    let step = (fds + ready - 1) / ready;
    let fd_at = |index: usize| new_eventfd(index % step == 0);
    match args[1].as_str() {
        "no-op" => take_rounds((0..fds).map(|index| NoOp { fd: fd_at(index) }), fds, ready),
        "counting" => take_rounds((0..fds).map(|index| Counting { fd: fd_at(index), count: 0 }), fds, ready),
        "mixed" => {
            // A quarter of the fds have their own counter. Three of the others share a subscriber.
            let subscribers = (0..fds / 2).map(|index| -> Box<dyn MutEventSubscriber> {
                if index % 2 == 0 {
                    Box::new(Counting { fd: fd_at(0), count: 0 })
                } else {
                    Box::new(Sharing { fds: [fd_at(0), fd_at(0), fd_at(0)], counts: [0; 3] })
                }
            });
            take_rounds(subscribers, fds, ready);
        }
        kind => panic!("unknown kind {kind}"),
    }
}
