// Keeps a list of all files in a folder and its subfolders up to date, through renames and lost events.

import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventManager, EventSet, Inotify, type InotifyChangeEvent } from '@em/sys';

class WatchedTree {
  readonly inotify = new Inotify();
  readonly files = new Set<string>();
  readonly #root: string;
  readonly #folders = new Map<number, string>();

  constructor(root: string) {
    this.#root = root;
    this.#enter(root);
  }

  update(): void {
    for (const event of this.inotify.read() ?? []) {
      if (event.overflow) {
        this.#leave(this.#root); // Events are missing: start again.
        this.#enter(this.#root);
      } else {
        this.#handle(event);
      }
    }
  }

  #handle({ watch, name, changes }: InotifyChangeEvent): void {
    const folder = this.#folders.get(watch);
    if (changes.includes('IGNORED')) {
      this.#folders.delete(watch);
    } else if (folder !== undefined && name !== undefined) {
      const path = join(folder, name);
      const isFolder = changes.includes('ISDIR');
      const isHere = changes.includes('CREATE') || changes.includes('MOVED_TO');
      if (!isHere || isFolder) {
        this.#leave(path);
      }
      if (isHere) {
        this.#find(path, isFolder);
      }
    }
  }

  #find(path: string, isFolder: boolean): void {
    if (isFolder) {
      this.#enter(path);
    } else {
      this.files.add(path);
    }
  }

  /** Watches a folder first, and lists it then: so a file that is created meanwhile is found, perhaps twice. */
  #enter(folder: string): void {
    try {
      const changes = ['CREATE', 'DELETE', 'MOVED_FROM', 'MOVED_TO', 'ONLYDIR', 'DONT_FOLLOW'] as const;
      this.#folders.set(this.inotify.add(folder, changes), folder);
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        const path = join(folder, entry.name);
        this.#find(path, entry.isDirectory());
      }
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOSPC') {
        throw new Error(`Cannot watch ${folder}: raise fs.inotify.max_user_watches`, { cause: error });
      }
      if (code !== 'ENOENT' && code !== 'ENOTDIR') {
        throw error;
      } // The folder is gone already.
    }
  }

  #leave(path: string): void {
    const isInside = (other: string) => other === path || other.startsWith(`${path}/`);
    for (const [watch, folder] of this.#folders) {
      if (isInside(folder)) {
        this.#folders.delete(watch);
        this.inotify.remove(watch);
      }
    }
    for (const file of [...this.files].filter(isInside)) {
      this.files.delete(file);
    }
  }
}

const root = mkdtempSync(join(tmpdir(), 'tree-'));
const outside = mkdtempSync(join(tmpdir(), 'tree-'));
using manager = new EventManager();
const tree = new WatchedTree(root);
manager.add(tree.inotify, EventSet.IN, () => tree.update(), { own: true });

function show(what: string): void {
  while (manager.wait(0) > 0) {
    // Until all events are handled.
  }
  console.log(`${what}: ${[...tree.files].map((file) => file.slice(root.length + 1)).sort()}`);
}

mkdirSync(join(root, 'a/b/c'), { recursive: true });
writeFileSync(join(root, 'a/b/c/deep'), '');
symlinkSync(root, join(root, 'link'));
show('created');
renameSync(join(root, 'a/b'), join(root, 'moved'));
writeFileSync(join(root, 'moved/c/new'), '');
show('renamed');
renameSync(join(root, 'moved'), join(outside, 'away'));
writeFileSync(join(outside, 'away/c/unseen'), '');
show('moved out');
renameSync(join(outside, 'away/c'), join(root, 'back'));
show('moved in');
// Fill the queue of events. Each rename is two of them.
const maxQueued = Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8'));
writeFileSync(join(root, 'file'), '');
for (let queued = 0; queued <= maxQueued; queued += 4) {
  renameSync(join(root, 'file'), join(root, 'other'));
  renameSync(join(root, 'other'), join(root, 'file'));
}
writeFileSync(join(root, 'last'), '');
show('after an overflow');

rmSync(root, { recursive: true });
rmSync(outside, { recursive: true });
