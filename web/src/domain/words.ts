// The service's names in the nurse's words. A name we do not know is shown as it is, without underscores.
import type { Alert, Call, Severity } from '../api/client';

export function plain(name: string): string {
  const text = name.replace(/[_-]+/g, ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const of = (table: Record<string, string>) => (name: string) => table[name] ?? plain(name);

export const severityWord: (severity: Severity) => string = of({});

export const alertWord: (type: Alert['type']) => string = of({
  high_pain: 'High pain',
  wound_problem: 'Wound problem',
  mobility_issue: 'Mobility',
  medication_issue: 'Medication',
  patient_concern: 'Patient concern',
  emergency: 'Emergency',
});

export const alertStatusWord: (status: Alert['status']) => string = of({
  open: 'Waiting',
  acknowledged: 'Taken',
  resolved: 'Resolved',
});

export const statusWord: (status: Call['status']) => string = of({
  scheduled: 'Planned',
  unknown: 'Asking the phone network',
  queued: 'About to ring',
  initiated: 'Dialling',
  ringing: 'Ringing',
  'in-progress': 'On the line',
  completed: 'Ended',
  busy: 'Line busy',
  'no-answer': 'No answer',
  failed: 'Could not be made',
  canceled: 'Withdrawn',
});

export const outcomeWord: (outcome: string) => string = of({
  completed: 'All questions asked',
  partial: 'Some questions asked',
  escalated: 'Handed to a person',
  wrong_person: 'Somebody else answered',
  voicemail: 'Voicemail',
  refused: 'Did not want to talk',
  call_later: 'Wants a later call',
  dropped: 'Line went dead',
  no_answer: 'No answer',
  failed: 'Could not be made',
  none: 'Not known yet',
});

export const callTypeWord: (type: Call['call_type']) => string = of({
  followup: 'Follow-up',
  enrollment: 'Enrolment',
  education: 'Education',
});

export const modeWord: (mode: Call['mode']) => string = of({
  updates: 'Spoken by Twilio',
  stream: 'Both ways, live',
  gather: 'Heard by Twilio',
});

export const channelWord: (channel: string) => string = of({
  in_app: 'wall',
  email: 'e-mail',
  sms: 'SMS',
  webhook: 'webhook',
});

export const topicWord: (topic: string) => string = of({
  identity: 'Who is speaking',
  consent: 'Consent to recording',
  pain_score: 'Pain, 0 to 10',
  pain_change: 'Pain since last time',
  pain_detail: 'More about the pain',
  pain_place: 'Where it hurts',
  breathing: 'Breathing, chest, legs',
  wound: 'Wound',
  fever: 'Fever or chills',
  fever_reading: 'Temperature',
  mobility: 'Walking and falls',
  fall_head: 'Fall: head',
  fall_stand: 'Fall: standing',
  medication: 'Medicines',
  weight: 'Weight',
  bowel: 'Bowel and eating',
  concerns: 'Worries',
  probe: 'Asking again',
  phq2_interest: 'Mood: interest',
  phq2_mood: 'Mood: feeling down',
  callback: 'Call back wanted',
});

export const topicStateWord: (state: string) => string = of({
  asked: 'Being asked',
  answered: 'Answered',
  unclear: 'Not understood',
  declined: 'Did not want to say',
});

/** What a rule looks at; its letter is its family. */
export function ruleWord(rule: string): string {
  const families: Record<string, string> = {
    P: 'pain',
    W: 'wound',
    F: 'fever',
    M: 'mobility',
    D: 'medicines',
    E: 'emergency',
    C: 'concern',
  };
  const family = families[rule.charAt(0)];
  return family ? `rule ${rule}, ${family}` : `rule ${rule}`;
}

export const readerWord: (reader: string) => string = of({
  rules: 'found by the rules',
  semantic: 'found by likeness of meaning',
  model: 'found by the chat model',
});
