// Light, dark, or what the device says. Remembered on this device.
import { signal } from '@preact/signals';

export type Theme = 'auto' | 'light' | 'dark';
const slot = 'carevoice.theme';

function recall(): Theme {
  try {
    const kept = localStorage.getItem(slot);
    return kept === 'light' || kept === 'dark' ? kept : 'auto';
  } catch {
    return 'auto';
  }
}

export const theme = signal<Theme>(recall());

export function applyTheme(): void {
  document.documentElement.dataset.theme = theme.value;
}

export function setTheme(next: Theme): void {
  theme.value = next;
  applyTheme();
  try {
    localStorage.setItem(slot, next);
  } catch {
    // it lasts as long as the page
  }
}
