import { EventSet } from '@em/core';
import type { Program, Step } from './program.js';

/** Describes a step in one line, without the steps of its callback. */
export function describeStep(step: Step): string {
  const parts: string[] = [step.do];
  if ('kind' in step) {
    parts.push(step.kind);
  }
  if ('file' in step) {
    parts.push(`file ${step.file}`);
  }
  if ('fd' in step) {
    parts.push(`of file ${step.fd}`);
  }
  if ('registration' in step) {
    parts.push(`registration ${step.registration}`);
  }
  if ('events' in step) {
    parts.push(EventSet.format(step.events));
  }
  if ('amount' in step) {
    parts.push(step.amount);
  }
  if ('how' in step) {
    parts.push(step.how);
  }
  if ('ticks' in step) {
    parts.push(`${step.ticks} ticks`);
  }
  if ('take' in step) {
    parts.push(`${step.take} results`);
  }
  return parts.join(' ');
}

/** Describes a program: one step per line, callbacks indented. */
export function describeProgram({ capacity, handlesErrors, steps }: Program): string {
  const head = `capacity ${capacity}, ${handlesErrors ? 'with' : 'without'} an error handler`;
  return [head, ...describeSteps(steps, '  ')].join('\n');
}

function describeSteps(steps: readonly Step[], indent: string): string[] {
  return steps.flatMap((step) => [
    `${indent}${describeStep(step)}`,
    ...('callback' in step ? describeSteps(step.callback, `${indent}  | `) : []),
  ]);
}
