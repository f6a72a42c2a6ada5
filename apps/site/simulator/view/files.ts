import type { EndView, FileView } from '../model/program.ts';
import { button, html, svg } from './dom.ts';

/** Adds a step, written as text. */
export type Add = (step: string) => void;

/** The files as vessels, with a button for each thing to do. */
export function drawFiles(files: readonly FileView[], add: Add): HTMLElement[] {
  const open = files.filter(({ ends }) => ends.some(({ fds }) => fds.length > 0));
  return open.length === 0
    ? [html('p', { class: 'quiet' }, 'No file is open.')]
    : open.map((file) => drawFile(file, add));
}

const TITLES: Readonly<Record<FileView['kind'], string>> = {
  pipe: 'pipe',
  socket: 'socket pair',
  eventfd: 'eventfd',
  timer: 'timer',
  trigger: 'consuming file',
};

function drawFile({ kind, ends, dueInMs }: FileView, add: Add): HTMLElement {
  const parts = ends.map((end, index) => drawEnd(kind, end, index, add));
  const due = dueInMs === undefined ? [] : [html('p', { class: 'quiet' }, `fires in ${dueInMs} ms`)];
  return html(
    'div',
    { class: `file ${kind}` },
    html('h3', {}, TITLES[kind]),
    html('div', { class: 'ends' }, ...parts, ...due),
  );
}

function drawEnd(kind: FileView['kind'], { fds, amount }: EndView, index: number, add: Add): HTMLElement {
  const isWriter = kind === 'pipe' && index === 1;
  const [first] = fds;
  const name = html('p', { class: 'fds' }, fds.length === 0 ? 'closed' : fds.join(' = '));
  const vessel = isWriter || kind === 'trigger' || kind === 'timer' ? [] : [drawVessel(amount, kind === 'eventfd')];
  const actions =
    first === undefined
      ? []
      : [
          ...actionsOf(kind, isWriter).map((action) => {
            const step = action.replace('fd', first);
            return button(action.replace(' fd', ''), step, () => add(step));
          }),
          ...fds.map((fd) => button(fds.length > 1 ? `close ${fd}` : 'close', `close ${fd}`, () => add(`close ${fd}`))),
        ];
  return html(
    'div',
    { class: 'end', 'data-row': fds[0] ?? '' },
    name,
    ...vessel,
    html('div', { class: 'actions' }, ...actions),
  );
}

function actionsOf(kind: FileView['kind'], isWriter: boolean): readonly string[] {
  switch (kind) {
    case 'pipe':
      return isWriter ? ['write fd 4'] : ['read fd 4', 'read fd all'];
    case 'socket':
      return ['write fd 4', 'read fd 4', 'read fd all', 'shutdown fd write'];
    case 'eventfd':
      return ['write fd 1', 'read fd all'];
    case 'timer':
      return ['arm fd 10', 'read fd all'];
    case 'trigger':
      return ['fire fd'];
  }
}

/** Twelve bytes fill it to the brim. What is beyond is only in the number. */
const BRIM = 12;
const [WIDTH, HEIGHT] = [64, 44];

function drawVessel(amount: number, isCount: boolean): SVGElement {
  const level = (Math.min(amount, BRIM) / BRIM) * (HEIGHT - 6);
  const label = isCount ? `counts ${amount}` : `holds ${amount} bytes`;
  return svg(
    'svg',
    {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      width: String(WIDTH),
      height: String(HEIGHT),
      role: 'img',
      'aria-label': label,
    },
    svg('rect', {
      class: 'liquid',
      x: '2',
      width: String(WIDTH - 4),
      y: String(HEIGHT - 2 - level),
      height: String(level),
      rx: '2',
    }),
    svg('path', { class: 'glass', d: `M2 2v${HEIGHT - 6}q0 2 2 2h${WIDTH - 8}q2 0 2-2V2` }),
    svg('text', { x: String(WIDTH / 2), y: String(HEIGHT / 2 + 5), 'text-anchor': 'middle' }, String(amount)),
  );
}
