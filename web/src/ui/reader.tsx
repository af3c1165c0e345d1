// Who is reading, and how they like to see it.
import { useState } from 'preact/hooks';
import { key, readerName, setReaderName, signOut } from '../api/session';
import { setTheme, theme, type Theme } from './theme';
import { Field } from './parts';

export function ReaderSettings() {
  const [name, setName] = useState(readerName.value);
  return (
    <div class="reader">
      <Field label="Your name" hint="Goes with alerts you take">
        {(ids) => (
          <input
            {...ids}
            type="text"
            autocomplete="name"
            maxLength={60}
            value={name}
            onInput={(event) => {
              setName(event.currentTarget.value);
              setReaderName(event.currentTarget.value);
            }}
          />
        )}
      </Field>
      <Field label="Colours">
        {(ids) => (
          <select {...ids} value={theme.value} onChange={(event) => setTheme(event.currentTarget.value as Theme)}>
            <option value="auto">As the device</option>
            <option value="light">Light</option>
            <option value="dark">Dark</option>
          </select>
        )}
      </Field>
      {key.value && (
        <button type="button" class="button quiet" onClick={signOut}>
          Sign out
        </button>
      )}
    </div>
  );
}
