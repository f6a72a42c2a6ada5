import { LANGUAGES, type Language } from './model/code.ts';
import { formatStep, ProgramError, parseStep, type Step } from './model/step.ts';
import { SCENES, type Scene } from './scenes.ts';

/** What an address says: everything that a reader has chosen. */
export interface Position {
  /** `undefined` for a program of the reader's own. */
  readonly scene: Scene | undefined;
  readonly steps: readonly Step[];
  /** How many of the steps are taken. */
  readonly at: number;
  readonly language: Language;
}

/** The start of a scene. */
export function startOf(scene: Scene, language: Language = 'ts'): Position {
  return { scene, steps: scene.steps.map(parseStep), at: 0, language };
}

const MOST_STEPS = 200;

/**
 * Returns the steps if an address can have that many.
 *
 * @throws ProgramError if there are too many.
 */
export function checkCount(steps: readonly Step[]): readonly Step[] {
  if (steps.length > MOST_STEPS) {
    throw new ProgramError(`There are ${steps.length} steps. At most ${MOST_STEPS} are possible`);
  }
  return steps;
}

/**
 * Reads the fragment of an address, such as `#scene=reset&at=3&code=c` or `#steps=eventfd e;watch e IN&at=2`.
 *
 * @throws ProgramError if it names no scene, or if a step in it cannot be read.
 */
export function parseAddress(fragment: string): Position {
  const values = new URLSearchParams(fragment.replace(/^#/, ''));
  const code = values.get('code') ?? 'ts';
  const language = LANGUAGES.find((known) => known === code);
  if (language === undefined) {
    throw new ProgramError(`The address has “code=${code}”. Possible are ${LANGUAGES.join(', ')}`);
  }
  const text = values.get('steps');
  const position = text === null ? scenePosition(values.get('scene'), language) : ownPosition(text, language);
  const at = Number(values.get('at') ?? 0);
  if (!(Number.isInteger(at) && at >= 0 && at <= position.steps.length)) {
    throw new ProgramError(`The address has “at=${values.get('at')}”. It must be 0 to ${position.steps.length}`);
  }
  return { ...position, at };
}

/** Writes the fragment that {@link parseAddress} reads. */
export function formatAddress({ scene, steps, at, language }: Position): string {
  const values = new URLSearchParams(
    scene === undefined ? { steps: steps.map(formatStep).join(';') } : { scene: scene.id },
  );
  if (at > 0) {
    values.set('at', String(at));
  }
  if (language !== 'ts') {
    values.set('code', language);
  }
  return `#${values}`;
}

function scenePosition(id: string | null, language: Language): Position {
  const scene = id === null ? SCENES[0] : SCENES.find((known) => known.id === id);
  if (scene === undefined) {
    throw new ProgramError(`There is no scene “${id}”`);
  }
  return startOf(scene, language);
}

function ownPosition(text: string, language: Language): Position {
  const steps = text
    .split(';')
    .filter((step) => step.trim() !== '')
    .map(parseStep);
  return { scene: undefined, steps: checkCount(steps), at: 0, language };
}
