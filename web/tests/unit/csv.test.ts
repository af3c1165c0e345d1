import { describe, expect, it } from 'vitest';
import { patientColumns, previewOf, toCsv } from '../../src/domain/csv';

const header = 'patient_id,first_name,phone,date_of_birth\n';

describe('the preview of a file', () => {
  it('has every row as a spreadsheet counts it', () => {
    const preview = previewOf(`${header}p-1,Ada,+14155550123,1957-03-14\r\np-2,"Lee, Jr.",,\n`);
    expect(preview.refusal).toBeUndefined();
    expect(preview.rows.map((row) => row.row)).toEqual([2, 3]);
    expect(preview.rows[1]!.cells[1]).toBe('Lee, Jr.');
    expect(preview.faults).toEqual([]);
  });

  it('names the row and the cell at fault', () => {
    const { faults } = previewOf(`${header},Ada,0123,14.3.1957\np-2,Bo\n`);
    expect(faults.map((fault) => [fault.row, fault.field])).toEqual([[2, 'patient_id'], [2, 'phone'], [2, 'date_of_birth'], [3, null]]);
  });

  it('lets empty cells be, for they say nothing', () => {
    expect(previewOf(`${header}p-1,,,\n`).faults).toEqual([]);
  });

  it.each([
    ['', 'empty'],
    ['   \n', 'empty'],
    ['name\nAda\n', 'patient_id'],
    ['patient_id,shoe\np-1,43\n', 'shoe'],
    ['patient_id,phone,phone\np-1,,\n', 'twice'],
    ['patient_id,first_name\np-1,"Ada\n', 'Quotation'],
  ])('refuses %j as a whole', (text, word) => {
    expect(previewOf(text).refusal).toContain(word);
  });

  it('reads a file that begins with a byte order mark', () => {
    expect(previewOf(`\uFEFF${header}p-1,,,\n`).refusal).toBeUndefined();
  });

  it('knows every column of the file it offers', () => {
    expect(previewOf(toCsv([patientColumns])).refusal).toBeUndefined();
  });
});

it('keeps formulas out of spreadsheets', () => {
  expect(toCsv([['=HYPERLINK("x")', 3]])).toContain(`'=HYPERLINK`);
});
