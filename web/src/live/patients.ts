// Names for the ids that calls and alerts carry.
import { signal } from '@preact/signals';
import { allPages, api, take, type PatientSummary } from '../api/client';

export const patients = signal<ReadonlyMap<string, PatientSummary>>(new Map());
export const patientsLoaded = signal(false);

const asked = new Set<string>();

export async function loadPatients(): Promise<PatientSummary[]> {
  const found = await allPages(
    (cursor) => take(api.GET('/api/v1/patients', { params: { query: { limit: 200, cursor } } })),
    (page) => page.patients,
    50,
  );
  patients.value = new Map(found.map((patient) => [patient.patient_id, patient]));
  patientsLoaded.value = true;
  asked.clear();
  return found;
}

/** "Ruth Albrecht", or the id until we know. Unknown ids are looked for, once. */
export function nameOf(id: string): string {
  const patient = patients.value.get(id);
  if (patient) return `${patient.first_name} ${patient.last_name}`;
  if (patientsLoaded.value && !asked.has(id)) {
    asked.add(id);
    setTimeout(() => void loadPatients().then(() => asked.add(id), () => undefined), 200);
  }
  return id;
}
