// All patients, to be found by a few letters.
import { useEffect, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { postOperativeDay } from '../domain/time';
import { plain } from '../domain/words';
import { now } from '../live/clock';
import { loadPatients, patients, patientsLoaded } from '../live/patients';
import { Empty, Field, Loading, Page, Section, Trouble } from '../ui/parts';
import { matching, StartCallDialog } from '../ui/start_call';

const shownMost = 200;

export function PatientsPage() {
  const [text, setText] = useState('');
  const [calling, setCalling] = useState<string>();
  const [problem, setProblem] = useState<unknown>();
  const load = () => {
    setProblem(undefined);
    loadPatients().catch(setProblem);
  };
  useEffect(load, []);
  const found = matching(patients.value.values(), text, shownMost + 1);
  return (
    <Page title="Patients" actions={<Link class="button" href="/plan">Import from a file</Link>}>
      <Section title={`${patients.value.size} ${patients.value.size === 1 ? 'patient' : 'patients'}`}>
        <Field label="Find" hint="Name, id or operation">
          {(ids) => <input {...ids} type="search" class="search" autocomplete="off" value={text} onInput={(event) => setText(event.currentTarget.value)} />}
        </Field>
        {problem !== undefined && <Trouble problem={problem} again={load} />}
        {!patientsLoaded.value && problem === undefined && <Loading what="patients" />}
        {patientsLoaded.value && !found.length && <Empty>{text ? 'No patient fits.' : 'There are no patients yet. Import them from a file.'}</Empty>}
        {found.length > 0 && (
          <div class="table-box" role="region" aria-label="Patients" tabIndex={0}>
            <table class="table">
              <thead>
                <tr>
                  <th scope="col">Name</th>
                  <th scope="col">Operation</th>
                  <th scope="col">Day</th>
                  <th scope="col">Calls</th>
                  <th scope="col">
                    <span class="visually-hidden">Action</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {found.slice(0, shownMost).map((patient) => {
                  const day = postOperativeDay(patient.surgery_date, now.value);
                  return (
                    <tr key={patient.patient_id}>
                      <th scope="row">
                        <Link href={`/patients/${patient.patient_id}`}>
                          {patient.first_name} {patient.last_name}
                        </Link>
                        <span class="hint block">{patient.patient_id}</span>
                      </th>
                      <td>
                        {patient.procedure || '–'}
                        <span class="hint block">{plain(patient.procedure_family)}</span>
                      </td>
                      <td>{day === undefined ? '–' : day}</td>
                      <td>{patient.opted_out ? 'wants none' : 'yes'}</td>
                      <td class="cell-action">
                        <button type="button" class="button" disabled={patient.opted_out} onClick={() => setCalling(patient.patient_id)}>
                          Call
                          <span class="visually-hidden">
                            {' '}
                            {patient.first_name} {patient.last_name}
                          </span>
                        </button>
                      </td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </div>
        )}
        {found.length > shownMost && <p class="hint">The first {shownMost} are shown. Type more letters.</p>}
      </Section>
      {calling && <StartCallDialog patientId={calling} onClose={() => setCalling(undefined)} />}
    </Page>
  );
}
