// Asked for when the service answers 401. The page behind it stays, with all that was typed.
import { useState } from 'preact/hooks';
import { key, signIn } from '../api/session';
import { feed } from '../live/feed';
import { Dialog, Field } from './parts';

export function SignIn() {
  const [value, setValue] = useState('');
  const wasRefused = key.value !== '';
  return (
    <Dialog title="Sign in">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!value.trim()) return;
          signIn(value);
          feed.noteAnswer(true);
        }}
      >
        <p>This wall shows patients’ data. Enter the access key that your hospital’s engineer gave you.</p>
        <Field label="Access key" error={wasRefused ? 'The service does not know this key.' : undefined}>
          {(ids) => (
            <input {...ids} type="password" autocomplete="current-password" required autofocus value={value} onInput={(event) => setValue(event.currentTarget.value)} />
          )}
        </Field>
        <div class="actions">
          <button type="submit" class="button primary">
            Sign in
          </button>
        </div>
      </form>
    </Dialog>
  );
}
