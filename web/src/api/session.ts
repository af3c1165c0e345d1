// Who is reading. The one place for sign-in: today an API key that the browser forgets with the tab, and a name that
// goes with what this person does to alerts.
import { signal } from '@preact/signals';

const keySlot = 'carevoice.key';
const nameSlot = 'carevoice.name';

function recall(store: () => Storage, slot: string): string {
  try {
    return store().getItem(slot) ?? '';
  } catch {
    return ''; // storage is switched off: it lasts as long as the page
  }
}

function keep(store: () => Storage, slot: string, value: string): void {
  try {
    if (value) store().setItem(slot, value);
    else store().removeItem(slot);
  } catch {
    // as above
  }
}

export const key = signal(recall(() => sessionStorage, keySlot));
/** True once the service wanted a key and ours was missing or wrong. */
export const needsKey = signal(false);
export const readerName = signal(recall(() => localStorage, nameSlot));

export function signIn(value: string): void {
  key.value = value.trim();
  keep(() => sessionStorage, keySlot, key.value);
  needsKey.value = false;
}

export function signOut(): void {
  signIn('');
  needsKey.value = true;
}

export function keyWasRefused(): void {
  needsKey.value = true;
}

export function setReaderName(value: string): void {
  readerName.value = value.trim();
  keep(() => localStorage, nameSlot, readerName.value);
}
