// Patients from a file: what it says, what is plainly wrong with it, and our own tables as files.
import Papa from 'papaparse';

export const patientColumns = [
  'patient_id', 'first_name', 'last_name', 'date_of_birth', 'phone', 'procedure', 'procedure_family', 'surgery_date',
  'time_zone', 'language', 'medications', 'lives_alone', 'opted_out', 'consents_calls', 'consents_recording',
  'consents_voicemail', 'caregiver_name', 'caregiver_phone', 'caregiver_authorised', 'care_team_name',
  'care_team_email', 'care_team_phone',
];

export interface Fault {
  /** As a spreadsheet counts: the header is row 1. */
  row: number;
  field: string | null;
  detail: string;
}

export interface Preview {
  columns: string[];
  rows: { row: number; cells: string[] }[];
  faults: Fault[];
  /** Set when nothing of the file can be sent. */
  refusal?: string;
}

export const rowsMax = 10_000;
export const bytesMax = 1024 * 1024;

const flags = /^(true|false|yes|no)$/i;
const checks: Record<string, { test: RegExp; say: string }> = {
  patient_id: { test: /^[A-Za-z0-9._-]{1,64}$/, say: '1 to 64 letters, digits, dots, dashes or underscores' },
  phone: { test: /^\+[1-9]\d{7,14}$/, say: 'a telephone number that begins with + and the country, such as +14155550123' },
  caregiver_phone: { test: /^\+[1-9]\d{7,14}$/, say: 'a telephone number that begins with + and the country' },
  care_team_phone: { test: /^\+[1-9]\d{7,14}$/, say: 'a telephone number that begins with + and the country' },
  date_of_birth: { test: /^\d{4}-\d{2}-\d{2}$/, say: 'a date such as 1957-03-14' },
  surgery_date: { test: /^\d{4}-\d{2}-\d{2}$/, say: 'a date such as 2026-11-16' },
  procedure_family: { test: /^(joint|abdominal|cardiac|generic)$/, say: 'joint, abdominal, cardiac or generic' },
  lives_alone: { test: flags, say: 'yes or no' },
  opted_out: { test: flags, say: 'yes or no' },
  consents_calls: { test: flags, say: 'yes or no' },
  consents_recording: { test: flags, say: 'yes or no' },
  consents_voicemail: { test: flags, say: 'yes or no' },
  caregiver_authorised: { test: flags, say: 'yes or no' },
};

/** Reads a file as the service will; finds what can be found without it. The service has the last word. */
export function previewOf(text: string): Preview {
  const body = text.replace(/^\uFEFF/, '');
  const empty: Preview = { columns: [], rows: [], faults: [] };
  if (!body.trim()) return { ...empty, refusal: 'The file is empty.' };
  if (new Blob([body]).size > bytesMax) return { ...empty, refusal: 'The file is larger than 1 MB. Split it.' };
  const parsed = Papa.parse<string[]>(body, { delimiter: ',', skipEmptyLines: 'greedy' });
  const quotes = parsed.errors.find((error) => error.type === 'Quotes');
  if (quotes) return { ...empty, refusal: `Quotation marks do not match near row ${(quotes.row ?? 0) + 1}.` };
  const [header = [], ...lines] = parsed.data;
  const columns = header.map((name) => name.trim());
  const refusal = faultOfHeader(columns) ?? (lines.length > rowsMax ? 'More than 10,000 rows. Split the file.' : undefined);
  const rows = lines.map((cells, index) => ({ row: index + 2, cells }));
  return { columns, rows, faults: rows.flatMap((row) => faultsOfRow(columns, row)), refusal };
}

function faultOfHeader(columns: string[]): string | undefined {
  if (!columns.includes('patient_id')) return 'Row 1 must name the columns, and patient_id must be one of them.';
  const unknown = columns.find((name) => !patientColumns.includes(name));
  if (unknown !== undefined) return `There is no column “${unknown}”. Known are: ${patientColumns.join(', ')}.`;
  const twice = columns.find((name, index) => columns.indexOf(name) !== index);
  return twice ? `The column “${twice}” stands there twice.` : undefined;
}

function faultsOfRow(columns: string[], { row, cells }: { row: number; cells: string[] }): Fault[] {
  if (cells.length !== columns.length)
    return [{ row, field: null, detail: `Has ${cells.length} cells; row 1 has ${columns.length}.` }];
  const faults: Fault[] = [];
  columns.forEach((field, index) => {
    const cell = (cells[index] ?? '').trim();
    const check = checks[field];
    if (field === 'patient_id' && !cell) faults.push({ row, field, detail: 'Must not be empty.' });
    else if (cell && check && !check.test.test(cell)) faults.push({ row, field, detail: `Must be ${check.say}.` });
  });
  return faults;
}

/** A table as a CSV file. A cell that a spreadsheet would take for a formula is kept as text. */
export function toCsv(rows: readonly (readonly (string | number)[])[]): string {
  return Papa.unparse(rows as (string | number)[][], { newline: '\r\n', escapeFormulae: true });
}
