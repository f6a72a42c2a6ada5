// Takes the place of `node:child_process` in the build, which would load the streams and `node:net`.

export {};
