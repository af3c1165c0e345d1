// Small pieces that every page is made of.
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { signal } from '@preact/signals';
import type { Severity } from '../api/client';
import { explain } from '../domain/problems';
import { severityWord } from '../domain/words';
import { CrossIcon, SeverityShape, WarnIcon } from './icons';

export function SeverityBadge({ severity }: { severity: Severity }) {
  return (
    <span class={`badge severity-${severity}`}>
      <SeverityShape severity={severity} />
      {severityWord(severity)}
    </span>
  );
}

/** Every page: its heading takes the focus when it opens, so that a screen reader and the keyboard begin there. */
export function Page(props: { title: string; lead?: ComponentChildren; actions?: ComponentChildren; children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = props.title === 'Today' ? 'Carevoice' : `${props.title} · Carevoice`;
  }, [props.title]);
  return (
    <div class="page">
      <header class="page-head">
        <div>
          <h1 ref={heading} tabIndex={-1} id="page-title">
            {props.title}
          </h1>
          {props.lead && <div class="lead">{props.lead}</div>}
        </div>
        {props.actions && <div class="actions">{props.actions}</div>}
      </header>
      {props.children}
    </div>
  );
}

export function Section(props: { title: ComponentChildren; side?: ComponentChildren; class?: string; children: ComponentChildren }) {
  const id = useId();
  return (
    <section class={`card ${props.class ?? ''}`} aria-labelledby={id}>
      <div class="card-head">
        <h2 id={id}>{props.title}</h2>
        {props.side}
      </div>
      {props.children}
    </section>
  );
}

export function Trouble({ problem, again }: { problem: unknown; again?: () => void }) {
  return (
    <div class="trouble" role="alert">
      <WarnIcon />
      <p>{explain(problem)}</p>
      {again && (
        <button type="button" class="button" onClick={again}>
          Try again
        </button>
      )}
    </div>
  );
}

export function Loading({ what }: { what: string }) {
  return (
    <p class="loading" role="status">
      <span class="pulse" aria-hidden="true" /> Loading {what}…
    </p>
  );
}

export function Empty({ children }: { children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}

/** A question in front of everything else. The browser keeps the focus inside, and Escape closes it. */
export function Dialog(props: { title: string; onClose?: () => void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const element = dialog.current;
    if (element && !element.open) element.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        props.onClose?.();
      }}
    >
      <div class="dialog-head">
        <h2 id={id}>{props.title}</h2>
        {props.onClose && (
          <button type="button" class="button icon-only" aria-label="Close" onClick={props.onClose}>
            <CrossIcon />
          </button>
        )}
      </div>
      {props.children}
    </dialog>
  );
}

export function Field(props: { label: string; hint?: string; error?: string; children: (ids: { id: string; 'aria-describedby'?: string; 'aria-invalid'?: boolean }) => ComponentChildren }) {
  const id = useId();
  const hintId = `${id}-hint`;
  const errorId = `${id}-error`;
  const described = [props.hint && hintId, props.error && errorId].filter(Boolean).join(' ');
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      {props.children({ id, 'aria-describedby': described || undefined, 'aria-invalid': props.error ? true : undefined })}
      {props.hint && (
        <p class="hint" id={hintId}>
          {props.hint}
        </p>
      )}
      {props.error && (
        <p class="field-error" id={errorId}>
          <WarnIcon /> {props.error}
        </p>
      )}
    </div>
  );
}

const announcement = signal('');

/** Says something to a screen reader, once, when it is done with what it says. */
export function announce(text: string): void {
  announcement.value = '';
  setTimeout(() => (announcement.value = text), 50);
}

export function Announcer() {
  return (
    <div class="visually-hidden" role="status" aria-live="polite">
      {announcement.value}
    </div>
  );
}

export interface BarRow {
  name: string;
  value: number;
  text?: string;
  tone?: string;
}

/** Bars beside their numbers: a table for those who do not see them. */
export function Bars({ caption, rows, unit = '' }: { caption: string; rows: BarRow[]; unit?: string }) {
  const most = Math.max(1, ...rows.map((row) => row.value));
  if (!rows.length) return <Empty>Nothing in this time.</Empty>;
  return (
    <table class="bars">
      <caption class="visually-hidden">{caption}</caption>
      <thead class="visually-hidden">
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Number</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.name}>
            <th scope="row">{row.name}</th>
            <td>
              <span class="bar-track" aria-hidden="true">
                <span class={`bar ${row.tone ?? ''}`} style={{ width: `${(row.value / most) * 100}%` }} />
              </span>
              <span class="bar-number">
                {row.text ?? row.value}
                {unit}
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Figure(props: { label: string; value: ComponentChildren; note?: ComponentChildren; tone?: 'good' | 'bad' | '' }) {
  return (
    <div class={`figure ${props.tone ?? ''}`}>
      <dt>{props.label}</dt>
      <dd>
        <span class="figure-value">{props.value}</span>
        {props.note && <span class="figure-note">{props.note}</span>}
      </dd>
    </div>
  );
}
