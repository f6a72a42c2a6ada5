/** `1,234,567` */
export function count(number: number): string {
  return Math.round(number).toLocaleString('en');
}

/** `1,234 MB` */
export function megabytes(bytes: number): string {
  return `${count(bytes / 1e6)} MB`;
}

/** `0.12 %` */
export function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

/** `1.2 s` */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** Several numbers in one cell. */
export function listed(format: (number: number) => string, ...numbers: readonly number[]): string {
  return numbers.map(format).join(', ');
}

/** A table of Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}
