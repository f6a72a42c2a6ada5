import { execFileSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The part of a manifest that is read here. */
export interface Manifest {
  readonly name: string;
  readonly type: string;
  readonly sideEffects: boolean;
  readonly bin?: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
}

/** An unpacked tarball. */
export class Tarball implements Disposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'em-tarball-'));
  /** Relative to `folder`, sorted. */
  readonly files: readonly string[];
  readonly manifest: Manifest;

  constructor(path: string) {
    execFileSync('tar', ['--extract', '--gzip', '--file', path, '--directory', this.folder, '--strip-components=1']);
    const entries = globSync('**', { cwd: this.folder, withFileTypes: true });
    this.files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(this.folder.length + 1))
      .sort();
    this.manifest = JSON.parse(this.read('package.json')) as Manifest;
  }

  read(file: string): string {
    return readFileSync(join(this.folder, file), 'utf8');
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}
