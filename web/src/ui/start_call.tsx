// Calls a patient now, or plans it. What was chosen stays while the dialog is closed.
import { useState } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import { api, Problem, take, type Call, type PatientSummary } from '../api/client';
import { explain } from '../domain/problems';
import { callTypeWord } from '../domain/words';
import { patients } from '../live/patients';
import { PhoneIcon, WarnIcon } from './icons';
import { announce, Dialog, Field } from './parts';

const types: Call['call_type'][] = ['followup', 'enrollment', 'education'];

/** Ours, so that a second press is the same call and not a second one. */
function newSessionId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(6));
  return `wall-${Date.now().toString(36)}-${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

export function matching(all: Iterable<PatientSummary>, text: string, most = 8): PatientSummary[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found: PatientSummary[] = [];
  for (const patient of all) {
    const own = `${patient.first_name} ${patient.last_name} ${patient.patient_id} ${patient.procedure}`.toLowerCase();
    if (words.every((word) => own.includes(word))) found.push(patient);
    if (found.length >= most) break;
  }
  return found;
}

function PatientChoice({ chosen, onChoose }: { chosen: string; onChoose: (id: string) => void }) {
  const [text, setText] = useState('');
  const found = matching(patients.value.values(), text);
  const patient = patients.value.get(chosen);
  return (
    <fieldset class="choice">
      <legend>Who is called</legend>
      <Field label="Find a patient" hint="Name, id or operation">
        {(ids) => <input {...ids} type="search" value={text} onInput={(event) => setText(event.currentTarget.value)} autocomplete="off" />}
      </Field>
      <div class="options">
        {patient && !found.includes(patient) && <PatientOption patient={patient} isChosen onChoose={onChoose} />}
        {found.map((one) => (
          <PatientOption key={one.patient_id} patient={one} isChosen={one.patient_id === chosen} onChoose={onChoose} />
        ))}
        {!found.length && <p class="hint">No patient fits.</p>}
      </div>
    </fieldset>
  );
}

function PatientOption({ patient, isChosen, onChoose }: { patient: PatientSummary; isChosen: boolean; onChoose: (id: string) => void }) {
  return (
    <label class="option">
      <input type="radio" name="patient" checked={isChosen} onChange={() => onChoose(patient.patient_id)} />
      <span>
        <strong>
          {patient.first_name} {patient.last_name}
        </strong>
        <span class="hint">
          {patient.procedure || 'operation not given'}
          {patient.opted_out ? ', wants no calls' : ''}
        </span>
      </span>
    </label>
  );
}

export function StartCallDialog({ patientId, onClose }: { patientId?: string; onClose: () => void }) {
  const [, go] = useLocation();
  const [who, setWho] = useState(patientId ?? '');
  const [type, setType] = useState<Call['call_type']>('followup');
  const [when, setWhen] = useState('now');
  const [time, setTime] = useState('');
  const [id, setId] = useState(newSessionId);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const isLater = when === 'later';
  const start = async () => {
    if (!who) return setProblem(new Problem('wall', 0, 'Choose a patient first.'));
    if (isLater && !time) return setProblem(new Problem('wall', 0, 'Choose a day and a time first.'));
    setBusy(true);
    setProblem(undefined);
    const body = {
      patient_id: who,
      call_type: type,
      call_session_id: id,
      scheduled_at: isLater ? new Date(time).toISOString() : null,
    };
    try {
      const call = await take(api.POST('/api/v1/calls/initiate', { body }));
      announce(isLater ? 'The call is planned.' : 'The call is being made.');
      onClose();
      go(isLater ? '/plan' : `/calls/${call.call_session_id}`);
    } catch (failure) {
      setProblem(failure);
      // After a refusal the next press is another call; after silence it must be the same one.
      const mayExist = failure instanceof Problem && ['unreachable', 'timed-out'].includes(failure.kind);
      if (!mayExist) setId(newSessionId());
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog title="Call a patient" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void start();
        }}
      >
        {!patientId && <PatientChoice chosen={who} onChoose={setWho} />}
        {patientId && <p class="chosen">{nameLine(patientId)}</p>}
        <div class="fields">
          <Field label="Kind of call">
            {(ids) => (
              <select {...ids} value={type} onChange={(event) => setType(event.currentTarget.value as Call['call_type'])}>
                {types.map((one) => (
                  <option key={one} value={one}>
                    {callTypeWord(one)}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <Field label="When">
            {(ids) => (
              <select {...ids} value={when} onChange={(event) => setWhen(event.currentTarget.value)}>
                <option value="now">Now</option>
                <option value="later">Later</option>
              </select>
            )}
          </Field>
          {isLater && (
            <Field label="Day and time" hint="In this device’s time">
              {(ids) => <input {...ids} type="datetime-local" value={time} onInput={(event) => setTime(event.currentTarget.value)} />}
            </Field>
          )}
        </div>
        {problem !== undefined && (
          <div class="trouble" role="alert">
            <WarnIcon />
            <p>{explain(problem)}</p>
          </div>
        )}
        <div class="actions">
          <button type="button" class="button" onClick={onClose}>
            Leave it
          </button>
          <button type="submit" class="button primary" disabled={busy}>
            <PhoneIcon />
            {isLater ? 'Plan the call' : busy ? 'Calling…' : 'Call now'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function nameLine(id: string): string {
  const patient = patients.value.get(id);
  return patient ? `${patient.first_name} ${patient.last_name}, ${patient.procedure || 'operation not given'}` : id;
}

export function StartCallButton({ patientId }: { patientId?: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button type="button" class="button primary" onClick={() => setOpen(true)}>
        <PhoneIcon />
        Call a patient
      </button>
      {isOpen && <StartCallDialog patientId={patientId} onClose={() => setOpen(false)} />}
    </>
  );
}
