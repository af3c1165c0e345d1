// What was learned in a call, as rows for people, and as series over the days after the operation.
import type { CallStatus, Turn } from '../api/client';
import { postOperativeDay } from './time';
import { plain } from './words';

export type FactValue = unknown;

export interface Finding {
  name: string;
  label: string;
  text: string;
  /** For the eye: something a nurse should look at. */
  isConcerning: boolean;
  /** What the patient said when it was learned, if that can be told. */
  quote?: string;
}

export const painThreshold = 7;
export const feverThresholdF = 100.4;

const labels: Record<string, string> = {
  pain_score: 'Pain',
  pain_change: 'Pain since last time',
  temperature_f: 'Temperature',
  chills: 'Chills',
  wound_signs: 'Wound',
  red_flags: 'Warning signs',
  falls: 'Fell',
  head_injury: 'Hit the head',
  can_bear_weight: 'Can stand on it',
  aid: 'Walks with',
  meds_adherent: 'Takes the medicines',
  meds_missed: 'Missed doses',
  bowel_moved: 'Bowel moved',
  callback: 'Wants a call back',
  consent: 'Recording',
  consent_calls: 'Agrees to calls',
  consent_recording: 'Agrees to recording',
  opt_out: 'Wants no more calls',
  concern: 'Worry',
};

/** The question at which a fact is usually learned: where its quote is looked for. */
const topicsOf: Record<string, string[]> = {
  pain_score: ['pain_score'],
  pain_change: ['pain_change'],
  temperature_f: ['fever_reading', 'fever'],
  chills: ['fever'],
  wound_signs: ['wound'],
  red_flags: ['breathing'],
  falls: ['mobility'],
  head_injury: ['fall_head'],
  can_bear_weight: ['fall_stand', 'mobility'],
  aid: ['mobility'],
  meds_adherent: ['medication'],
  meds_missed: ['medication'],
  bowel_moved: ['bowel'],
  callback: ['callback'],
  concern: ['concerns'],
};

const concernedWhenTrue = new Set(['chills', 'falls', 'head_injury', 'callback', 'opt_out']);
const concernedWhenFalse = new Set(['can_bear_weight', 'meds_adherent', 'bowel_moved']);

export function factText(name: string, value: FactValue): string {
  if (name === 'pain_score' && typeof value === 'number') return `${value} of 10`;
  if (name === 'temperature_f' && typeof value === 'number') return temperature(value);
  if (name === 'consent' && typeof value === 'boolean') return value ? 'May be recorded' : 'Must not be recorded';
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  if (Array.isArray(value)) return value.length ? value.map((one) => plain(String(one))).join(', ') : 'No signs';
  if (typeof value === 'string') return plain(value);
  return String(value);
}

export function temperature(fahrenheit: number): string {
  const celsius = ((fahrenheit - 32) * 5) / 9;
  return `${fahrenheit.toFixed(1)} °F (${celsius.toFixed(1)} °C)`;
}

export function isConcerning(name: string, value: FactValue): boolean {
  if (name === 'pain_score') return typeof value === 'number' && value >= painThreshold;
  if (name === 'temperature_f') return typeof value === 'number' && value >= feverThresholdF;
  if (name === 'pain_change') return value === 'worse';
  if (name === 'wound_signs' || name === 'red_flags') return Array.isArray(value) && value.length > 0;
  if (name === 'concern' || name === 'meds_missed') return Boolean(value);
  if (concernedWhenTrue.has(name)) return value === true;
  if (concernedWhenFalse.has(name)) return value === false;
  return false;
}

function quoteOf(name: string, turns: readonly Turn[]): string | undefined {
  for (const topic of topicsOf[name] ?? []) {
    const said = turns.filter((turn) => turn.speaker === 'patient' && turn.topic === topic);
    const last = said[said.length - 1];
    if (last) return last.text;
  }
  return undefined;
}

/** In the order of the labels, what is concerning first. */
export function findingsOf(data: Record<string, unknown>, turns: readonly Turn[] = []): Finding[] {
  const order = Object.keys(labels);
  const place = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
  return Object.entries(data)
    .map(([name, value]) => ({
      name,
      label: labels[name] ?? plain(name),
      text: factText(name, value),
      isConcerning: isConcerning(name, value),
      quote: quoteOf(name, turns),
    }))
    .sort((a, b) => Number(b.isConcerning) - Number(a.isConcerning) || place(a.name) - place(b.name));
}

export interface Point {
  day: number;
  value: number;
  callId: string;
  at: string;
}

/** A number over the days after the operation, one point for each call that learned it. */
export function seriesOf(calls: readonly CallStatus[], name: string, surgery: string | null | undefined): Point[] {
  const points: Point[] = [];
  for (const call of calls) {
    const value = (call.clinical_data as Record<string, unknown>)[name];
    const at = call.answered_at ?? call.created_at;
    const day = postOperativeDay(surgery, new Date(at));
    if (typeof value === 'number' && day !== undefined) points.push({ day, value, callId: call.call_session_id, at });
  }
  return points.sort((a, b) => a.at.localeCompare(b.at));
}
