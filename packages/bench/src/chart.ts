import type { Results } from './bench.ts';
import { formatRatio } from './format.ts';
import type { Row } from './measure.ts';
import { METRICS, type Metric } from './question.ts';
import type { Summary } from './statistics.ts';

const WIDTH = 860;
const LABELS = 240;
const RIGHT = 60;
const LINE = 20;
const TOP = 40;
/** The axis, relative to the cost of the reference: its ends and its marks. */
const [LEAST, MOST] = [0.25, 64];
const MARKS = [0.25, 0.5, 1, 2, 4, 8, 16, 32, 64];

const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #24292f }
  .case { font-weight: 600 }
  .note { fill: #6e7781 }
  line { stroke: #d0d7de }
  .one { stroke: #57606a }
  .ours { fill: #0969da; stroke: #0969da }
  .other { fill: #bc4c00; stroke: #bc4c00 }`;

/** The costs relative to the reference of the case: a dot for the median, a line for the middle half of the rounds. */
export function toChart({ questions }: Results): string {
  const lines = questions.flatMap(({ cases }) =>
    cases.flatMap(({ title, operation, metrics: [metric], rows: [reference, ...rows] }) =>
      metric === undefined || reference === undefined
        ? []
        : [
            caseLine(`${title}: ${METRICS[metric].title} per ${operation}, × ${reference.contestant}`),
            ...rows.map((row) => rowLine(row, metric)),
          ],
    ),
  );
  const height = TOP + lines.length * LINE + LINE;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Costs compared">`,
    `<style>${STYLE}</style>`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    ...MARKS.map((mark) => axisMark(mark, height)),
    ...lines.map((line, index) => `<g transform="translate(0 ${TOP + index * LINE + LINE})">${line}</g>`),
    '</svg>',
    '',
  ].join('\n');
}

function axisMark(mark: number, height: number): string {
  const x = xOf(mark);
  const kind = mark === 1 ? ' class="one"' : '';
  return `<text x="${x}" y="20" text-anchor="middle" class="note">${mark}×</text><line x1="${x}" x2="${x}" y1="28" y2="${height}"${kind}/>`;
}

function caseLine(title: string): string {
  return `<rect x="0" y="-15" width="${WIDTH}" height="${LINE}" fill="#fff"/><text x="8" class="case">${toXml(title)}</text>`;
}

function rowLine({ contestant, unavailable, ratios }: Row, metric: Metric): string {
  const name = `<text x="20">${toXml(contestant)}</text>`;
  const ratio = ratios[metric];
  if (ratio === undefined) {
    return `${name}<text x="${LABELS}" class="note">${unavailable === undefined ? 'nothing to compare with' : 'not run'}</text>`;
  }
  return name + dot(ratio, contestant.startsWith('@em') ? 'ours' : 'other');
}

function dot({ median, low, high }: Summary, kind: string): string {
  const x = xOf(median);
  return [
    `<line class="${kind}" x1="${xOf(low)}" x2="${xOf(high)}" y1="-4" y2="-4"/>`,
    `<circle class="${kind}" cx="${x}" cy="-4" r="4"/>`,
    `<text x="${x + 9}">${formatRatio(median)}</text>`,
  ].join('');
}

/** Logarithmic, so that half and double are equally far from 1. Values beyond the axis are drawn at its end. */
function xOf(ratio: number): number {
  const part = Math.log(Math.min(Math.max(ratio, LEAST), MOST) / LEAST) / Math.log(MOST / LEAST);
  return Math.round(LABELS + part * (WIDTH - LABELS - RIGHT));
}

function toXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
