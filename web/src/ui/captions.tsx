// What is said in a call, turn by turn. While it lasts the newest stays in view, unless the reader has scrolled away.
import { useEffect, useRef, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import type { Alert, Turn } from '../api/client';
import { piecesOf } from '../domain/highlight';
import { timer } from '../domain/time';
import { ruleWord, severityWord } from '../domain/words';
import { SeverityShape } from './icons';

/** Below this the recogniser was unsure of what it heard. */
const unsureBelow = 0.6;

function Words({ turn, alerts }: { turn: Turn; alerts: readonly Alert[] }) {
  return (
    <p class="words">
      {piecesOf(turn, alerts).map((piece, index) => {
        const worst = piece.marks[0];
        if (!worst) return <span key={index}>{piece.text}</span>;
        const rules = [...new Set(piece.marks.map((mark) => mark.rule))];
        return (
          <mark key={index} class={`mark severity-${worst.severity}-soft`}>
            {piece.text}
            <Link href={`/alerts/${worst.alertId}`} class="mark-rule">
              <SeverityShape severity={worst.severity} />
              {rules.join(', ')}
              <span class="visually-hidden">
                {' '}
                {severityWord(worst.severity)}, {ruleWord(worst.rule)}
              </span>
            </Link>
          </mark>
        );
      })}
    </p>
  );
}

function Confidence({ value }: { value: number }) {
  const percent = Math.round(value * 100);
  const isUnsure = value < unsureBelow;
  return (
    <span class={`confidence ${isUnsure ? 'unsure' : ''}`}>
      {isUnsure ? `heard unsurely, ${percent} %` : `heard ${percent} %`}
    </span>
  );
}

export function Captions(props: { turns: readonly Turn[]; alerts: readonly Alert[]; partial?: string; isLive: boolean; startedAt: string | null }) {
  const { turns, partial, isLive } = props;
  const list = useRef<HTMLDivElement>(null);
  const [follows, setFollows] = useState(true);
  useEffect(() => {
    const box = list.current;
    if (isLive && follows && box) box.scrollTop = box.scrollHeight;
  }, [turns.length, partial, isLive, follows]);
  const start = props.startedAt ? Date.parse(props.startedAt) : undefined;
  return (
    <div class="captions-frame">
      <div
        class={`captions ${isLive ? 'captions-live' : ''}`}
        ref={list}
        role="log"
        aria-label="What is said"
        aria-live={isLive ? 'polite' : 'off'}
        tabIndex={0}
        onScroll={(event) => {
          const box = event.currentTarget;
          setFollows(box.scrollHeight - box.scrollTop - box.clientHeight < 60);
        }}
      >
        {!turns.length && !partial && <p class="empty">{isLive ? 'Nobody has spoken yet.' : 'Nothing was said.'}</p>}
        {turns.map((turn) => (
          <div key={turn.sequence} class={`turn turn-${turn.speaker}`}>
            <p class="turn-head">
              <strong>{turn.speaker === 'patient' ? 'Patient' : 'Carevoice'}</strong>
              {start !== undefined && <span>{timer((Date.parse(turn.started_at) - start) / 1_000)}</span>}
              {turn.confidence !== null && <Confidence value={turn.confidence} />}
              {turn.interrupted && <span>cut short</span>}
            </p>
            <Words turn={turn} alerts={props.alerts} />
          </div>
        ))}
        {partial && (
          <div class="turn turn-patient turn-partial" aria-hidden="true">
            <p class="turn-head">
              <strong>Patient</strong>
              <span>speaking…</span>
            </p>
            <p class="words">{partial}</p>
          </div>
        )}
      </div>
      {isLive && !follows && (
        <button type="button" class="button to-newest" onClick={() => setFollows(true)}>
          To the newest words
        </button>
      )}
    </div>
  );
}
