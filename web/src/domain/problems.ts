// Refusals in plain words: what happened, and what a nurse can do about it.
import { Problem } from '../api/client';

const twilioCodes: Record<number, string> = {
  21211: 'The phone network says this number does not exist. Check it with the patient.',
  21214: 'The phone network cannot reach this number. Check it with the patient.',
  21215: 'The telephone account may not call this country. The hospital’s engineer can allow it at Twilio.',
  21216: 'The telephone account may not call this number.',
  20003: 'The telephone account refuses our password. The hospital’s engineer has to look at it.',
  20429: 'The phone network is too busy with our calls. Try again in a minute.',
};

const kinds: Record<string, string> = {
  unreachable: 'The service did not answer. Nothing was lost: try again in a moment.',
  unauthorised: 'Sign in first.',
  'phone-not-callable': 'This telephone number cannot be called. Check it in the patient’s details.',
  'consent-missing': 'The patient has not agreed to be called. Ask for consent first, then note it in their details.',
  'outside-calling-hours': 'It is not a good hour to call where the patient lives. Plan the call for the daytime.',
  'mode-unavailable': 'The service cannot hold this kind of call just now. Choose another way, or leave it to the service.',
  'twilio-refused': 'The phone network refused the call.',
  unavailable: 'The service is busy or a part of it is away. Try again in a minute.',
  'timed-out': 'It took too long, so the call may or may not have been made. Look at the list before you try again.',
  'too-large': 'That is more than the service takes at once. Split it and try again.',
  internal: 'Something in the service went wrong. Its engineers find the reason in the log.',
  'method-not-allowed': 'This wall and the service do not fit together. Load the page again.',
};

export function explain(problem: unknown): string {
  if (!(problem instanceof Problem)) return 'Something went wrong on this page. Load it again.';
  if (problem.providerCode && twilioCodes[problem.providerCode]) return twilioCodes[problem.providerCode]!;
  if (problem.kind === 'twilio-refused') return `${kinds['twilio-refused']} ${sentence(problem.message)}`;
  return kinds[problem.kind] ?? sentence(problem.message);
}

function sentence(text: string): string {
  const trimmed = text.trim();
  if (!trimmed) return '';
  const capital = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
