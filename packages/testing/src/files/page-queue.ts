/** `PAGE_SIZE` on x86-64. A write of at most this number of bytes is not split. */
const PAGE_SIZE = 4096;

interface Page {
  readonly bytes: Uint8Array;
  start: number;
  end: number;
}

/**
 * The bytes in a pipe. Its room is counted in pages, as in the kernel: it is full when every page is in use, even if the
 * last one has room. See `pipe_write` and `pipe_read` in fs/pipe.c.
 */
export class PageQueue {
  readonly #pages: Page[] = [];
  readonly #maxPages: number;

  constructor(capacityBytes: number) {
    this.#maxPages = Math.ceil(capacityBytes / PAGE_SIZE);
  }

  get isEmpty(): boolean {
    return this.#pages.length === 0;
  }

  get isFull(): boolean {
    return this.#pages.length >= this.#maxPages;
  }

  /** Takes as many bytes as there is room for, and returns their number. */
  put(bytes: Uint8Array): number {
    let done = this.#appendToLastPage(bytes.subarray(0, bytes.length % PAGE_SIZE));
    while (done < bytes.length && !this.isFull) {
      const page = { bytes: new Uint8Array(PAGE_SIZE), start: 0, end: 0 };
      this.#pages.push(page);
      done += fill(page, bytes.subarray(done, done + PAGE_SIZE));
    }
    return done;
  }

  /** Moves as many bytes as there are and `into` can hold, and returns their number. */
  take(into: Uint8Array): number {
    let done = 0;
    for (let page = this.#pages[0]; page !== undefined && done < into.length; page = this.#pages[0]) {
      const part = page.bytes.subarray(page.start, Math.min(page.end, page.start + into.length - done));
      into.set(part, done);
      done += part.length;
      page.start += part.length;
      if (page.start === page.end) {
        this.#pages.shift();
      }
    }
    return done;
  }

  /** Appends all of the bytes or none. */
  #appendToLastPage(bytes: Uint8Array): number {
    const last = this.#pages.at(-1);
    return last !== undefined && last.end + bytes.length <= PAGE_SIZE ? fill(last, bytes) : 0;
  }
}

function fill(page: Page, bytes: Uint8Array): number {
  page.bytes.set(bytes, page.end);
  page.end += bytes.length;
  return bytes.length;
}
