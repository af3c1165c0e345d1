// What was typed and not sent yet outlives a lost line, a wrong click and a reload.
import { useEffect, useState } from 'preact/hooks';

const prefix = 'carevoice.draft.';

export function useDraft(name: string): [string, (text: string) => void] {
  const slot = prefix + name;
  const [text, setText] = useState(() => recall(slot));
  useEffect(() => setText(recall(slot)), [slot]);
  const set = (next: string) => {
    setText(next);
    try {
      if (next) sessionStorage.setItem(slot, next);
      else sessionStorage.removeItem(slot);
    } catch {
      // storage is switched off: it lasts as long as the page
    }
  };
  return [text, set];
}

function recall(slot: string): string {
  try {
    return sessionStorage.getItem(slot) ?? '';
  } catch {
    return '';
  }
}
