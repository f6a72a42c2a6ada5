import type { Change } from './against.ts';
import type { QuestionResult, Results } from './bench.ts';
import { formatRatio, formatRatios, formatSummary } from './format.ts';
import type { CaseResult, Row, Verdict } from './measure.ts';
import { METRICS, type Metric } from './question.ts';
import type { Summary } from './statistics.ts';

/** All results as one page. */
export function toMarkdown({ circumstances, bun, effort, seconds, questions }: Results): string {
  const { date, commit, cpu, cores, memoryGb, kernel, node, compiler, npmEpoll, loadAtStart } = circumstances;
  return [
    '# Results',
    '',
    '<!-- Written by `pnpm bench`; do not edit. -->',
    '',
    table(
      ['of', 'on', 'with'],
      [
        [
          `commit ${commit}, ${date}`,
          `${cpu}, ${cores} cores, ${memoryGb} GB, ${kernel}`,
          `Node ${node}, ${compiler}, epoll ${npmEpoll}${bun === undefined ? '' : `, Bun ${bun}`}`,
        ],
      ],
    ),
    '',
    `Medians of ${effort.rounds} interleaved rounds of some ${effort.roundMs} ms (fewer and longer where an operation`,
    'takes long), the middle half of the rounds in brackets; ratios are taken round by round. The whole took',
    `${seconds} s; the load average was ${loadAtStart.toFixed(2)} at the start.`,
    '',
    ...targets(questions),
    ...questions.flatMap(({ title, cases }) => [`## ${title}`, '', ...cases.flatMap(caseSection)]),
  ].join('\n');
}

/** A table of the changes since former results. */
export function comparisonToMarkdown(changes: readonly Change[], { circumstances }: Results): string {
  const lines = changes.map(({ case: title, contestant, metric, isRatio, former, present, change, verdict }) => {
    const show = (summary: Summary): string => (isRatio ? formatRatios(summary) : formatSummary(metric, summary));
    const changed = verdict === 'same' ? '' : `**${verdict}**`;
    return [title, contestant, METRICS[metric].title, show(former), show(present), formatRatios(change), changed];
  });
  return [
    `## Compared with commit ${circumstances.commit}, ${circumstances.date}`,
    '',
    'Costs are relative to the first contestant of a case, so that the machine matters less; the costs of that are not.',
    'The change has the spread of both. It is marked if the middle halves of the rounds do not overlap.',
    '',
    table(['case', 'contestant', 'by', 'before', 'now', 'change', ''], lines),
  ].join('\n');
}

function targets(questions: readonly QuestionResult[]): string[] {
  const lines = questions.flatMap(({ cases }) =>
    cases.flatMap(({ title, verdicts }) => verdicts.map((verdict) => targetLine(title, verdict))),
  );
  return lines.length === 0 ? [] : ['## Targets', '', table(['case', 'target', 'by', 'measured', ''], lines), ''];
}

function targetLine(title: string, { claim, metric, isRatio, measured, met }: Verdict): string[] {
  const asked = [title, claim, METRICS[metric].title];
  if (measured === undefined) {
    return [...asked, 'could not be measured', ''];
  }
  return [...asked, isRatio ? formatRatios(measured) : formatSummary(metric, measured), met ? 'met' : '**missed**'];
}

function caseSection({ title, operation, metrics, rows }: CaseResult): string[] {
  const reference = rows[0]?.contestant ?? '';
  const head = metrics.flatMap((metric) => [`${METRICS[metric].title} per ${operation}`, `× ${reference}`]);
  return [
    table(
      [title, ...head],
      rows.map((row) => rowLine(row, metrics)),
    ),
    '',
  ];
}

function rowLine({ contestant, unavailable, figures, ratios }: Row, metrics: readonly Metric[]): string[] {
  if (unavailable !== undefined) {
    return [contestant, `not run: ${unavailable}`, ...Array<string>(metrics.length * 2 - 1).fill('')];
  }
  const cells = metrics.flatMap((metric) => {
    const [summary, ratio] = [figures[metric], ratios[metric]];
    return [summary ? formatSummary(metric, summary) : '', ratio ? formatRatio(ratio.median) : ''];
  });
  return [contestant, ...cells];
}

function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...lines.map(line)].join('\n');
}
