import type { Question } from '../question.ts';
import { roundTrip } from './round-trip.ts';

/** All that is asked, in the order in which it is answered. */
export const QUESTIONS: readonly Question[] = [roundTrip];
