// Patients out of a CSV file: what it holds is shown, with what is wrong in which row, before anything is sent.
import { useState } from 'preact/hooks';
import { api, Problem, take, type ImportReport } from '../api/client';
import { patientColumns, previewOf, toCsv, type Fault, type Preview } from '../domain/csv';
import { plain } from '../domain/words';
import { loadPatients } from '../live/patients';
import { useDraft } from './draft';
import { saveFile } from './save_file';
import { CheckIcon, DownloadIcon, WarnIcon } from './icons';
import { announce, Field, Trouble } from './parts';

const previewRows = 50;

function PreviewTable({ preview, faults }: { preview: Preview; faults: Fault[] }) {
  const wrong = new Set(faults.map((fault) => `${fault.row} ${fault.field ?? ''}`));
  const faulty = new Set(faults.map((fault) => fault.row));
  // What is wrong must be seen, however long the file is.
  const shown = [...preview.rows].sort((a, b) => Number(faulty.has(b.row)) - Number(faulty.has(a.row)) || a.row - b.row).slice(0, previewRows);
  return (
    <div class="table-box" role="region" aria-label="What the file holds" tabIndex={0}>
      <table class="table">
        <caption class="hint">
          {preview.rows.length} {preview.rows.length === 1 ? 'row' : 'rows'}
          {preview.rows.length > shown.length ? `, ${shown.length} shown` : ''}
          {faulty.size ? `; ${faulty.size} with something wrong` : ''}
        </caption>
        <thead>
          <tr>
            <th scope="col">Row</th>
            {faulty.size > 0 && <th scope="col">What is wrong</th>}
            {preview.columns.map((name) => (
              <th scope="col" key={name}>
                {plain(name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map(({ row, cells }) => (
            <tr key={row} class={faulty.has(row) ? 'row-wrong' : ''}>
              <th scope="row">{row}</th>
              {faulty.size > 0 && (
                <td>
                  {faults
                    .filter((fault) => fault.row === row)
                    .map((fault, index) => (
                      <span key={index} class="cell-fault">
                        <WarnIcon /> {fault.field ? `${plain(fault.field)}: ` : ''}
                        {fault.detail}
                      </span>
                    ))}
                </td>
              )}
              {preview.columns.map((name, index) => (
                <td key={name} class={wrong.has(`${row} ${name}`) ? 'cell-wrong' : ''}>
                  {cells[index] || <span class="hint">–</span>}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Report({ report }: { report: ImportReport }) {
  return (
    <div class={report.rejected.length ? 'notice' : 'notice good'} role="status">
      {report.rejected.length ? <WarnIcon /> : <CheckIcon />}
      <div>
        <p>
          <strong>
            {report.imported} new, {report.updated} changed, {report.rejected.length} refused.
          </strong>
        </p>
        {report.rejected.length > 0 && <p>The rows that were refused stand first below. Mend them in the file and send it again.</p>}
      </div>
    </div>
  );
}

export function ImportPatients() {
  const [text, setText] = useDraft('import');
  const [fileName, setFileName] = useState('');
  const [report, setReport] = useState<ImportReport>();
  const [problem, setProblem] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const preview = text ? previewOf(text) : undefined;
  const faults: Fault[] = report?.rejected ?? preview?.faults ?? [];
  const take_ = (next: string, name = '') => {
    setText(next);
    setFileName(name);
    setReport(undefined);
    setProblem(undefined);
  };
  const read = async (file: File | undefined) => {
    if (!file) return;
    if (file.size > 1024 * 1024) return setProblem(new Problem('too-large', 0, ''));
    take_(await file.text(), file.name);
  };
  const send = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      const answer = await take(api.POST('/api/v1/patients/import', { body: text, bodySerializer: (body: string) => body, headers: { 'Content-Type': 'text/csv' } }));
      setReport(answer);
      announce(`${answer.imported} new, ${answer.updated} changed, ${answer.rejected.length} refused.`);
      void loadPatients().catch(() => undefined);
    } catch (failure) {
      setProblem(failure);
    } finally {
      setBusy(false);
    }
  };
  const wrongRows = new Set(preview?.faults.map((fault) => fault.row)).size;
  return (
    <div class="import">
      <Field label="CSV file" hint="Row 1 names the columns. The same file may be sent again.">
        {(ids) => <input {...ids} type="file" accept=".csv,text/csv" onChange={(event) => void read(event.currentTarget.files?.[0])} />}
      </Field>
      <details class="paste">
        <summary>Or paste it here</summary>
        <Field label="CSV text">
          {(ids) => <textarea {...ids} rows={6} spellcheck={false} class="mono" value={text} onInput={(event) => take_(event.currentTarget.value)} />}
        </Field>
      </details>
      <button type="button" class="button quiet" onClick={() => saveFile('patients.csv', 'text/csv', toCsv([patientColumns]))}>
        <DownloadIcon /> An empty file with all columns
      </button>
      {problem !== undefined && <Trouble problem={problem} />}
      {preview?.refusal && (
        <div class="trouble" role="alert">
          <WarnIcon />
          <p>{preview.refusal}</p>
        </div>
      )}
      {report && <Report report={report} />}
      {preview && !preview.refusal && (
        <>
          <h3>{fileName ? `In ${fileName}` : 'In the text'}</h3>
          <PreviewTable preview={preview} faults={faults} />
          <div class="actions">
            <button type="button" class="button" onClick={() => take_('')}>
              Clear
            </button>
            {!report && (
              <button type="button" class="button primary" disabled={busy || !preview.rows.length} onClick={() => void send()}>
                {busy ? 'Importing…' : wrongRows ? `Import the ${preview.rows.length - wrongRows} good rows` : `Import ${preview.rows.length} rows`}
              </button>
            )}
          </div>
        </>
      )}
    </div>
  );
}
