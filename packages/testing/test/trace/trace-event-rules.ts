// The rules of Chrome's Trace Event Format, for the phases that are used here, and what Perfetto asks beyond them.
// https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
// https://perfetto.dev/docs/getting-started/other-formats#chrome-json-format

const SCOPES = ['g', 'p', 't'];
const NAMES_OF_METADATA = ['process_name', 'thread_name', 'process_labels', 'process_sort_index', 'thread_sort_index'];

interface Slice {
  readonly from: number;
  readonly to: number;
  readonly name: string;
}

/** Returns what breaks a rule. */
export function checkTraceEvents(events: readonly object[]): string[] {
  const faults: string[] = [];
  const slices = new Map<string, Slice[]>();
  for (const event of events) {
    const { ph, name, cat, pid, tid, ts, dur, s, args } = event as Record<string, unknown>;
    const fault = (rule: string): void => void faults.push(`${rule}: ${JSON.stringify(event)}`);
    const isTimed = typeof ts === 'number' && Number.isFinite(ts) && ts >= 0;
    if (typeof name !== 'string' || name === '' || typeof args !== 'object') {
      fault('an event has a name and arguments');
    } else if (!Number.isInteger(pid) || !Number.isInteger(tid)) {
      fault('process and thread are integers');
    } else if (ph === 'M') {
      if (!NAMES_OF_METADATA.includes(name) || typeof (args as { name?: unknown } | null)?.name !== 'string') {
        fault('metadata names a process or a thread');
      }
    } else if (!isTimed || typeof cat !== 'string') {
      fault('an event has a time in microseconds and a category');
    } else if (ph === 'i') {
      if (!SCOPES.includes(s as string)) {
        fault('an instant has a scope');
      }
    } else if (ph !== 'X') {
      fault('the phase is known');
    } else if (typeof dur !== 'number' || !(dur >= 0)) {
      fault('a slice has a duration');
    } else {
      const key = `${pid} ${tid}`;
      // Perfetto counts in nanoseconds.
      const [from, to] = [Math.round(ts * 1_000), Math.round((ts + dur) * 1_000)];
      const onThread = slices.get(key) ?? [];
      onThread.push({ from, to, name });
      slices.set(key, onThread);
    }
  }
  return [...faults, ...[...slices.values()].flatMap(findCrossing)];
}

/** Perfetto drops a slice that begins in another one, and ends after it. */
function findCrossing(slices: readonly Slice[]): string[] {
  const faults: string[] = [];
  const open: Slice[] = [];
  for (const slice of slices.toSorted((a, b) => a.from - b.from || b.to - a.to)) {
    while ((open.at(-1)?.to ?? Number.POSITIVE_INFINITY) <= slice.from) {
      open.pop();
    }
    const around = open.at(-1);
    if (around !== undefined && around.to < slice.to) {
      faults.push(`slices are nested: ${JSON.stringify([around, slice])}`);
    }
    open.push(slice);
  }
  return faults;
}
