// The wall speaks to the service by types made from the service's own description.
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import openapiTS, { astToString } from 'openapi-typescript';
import { expect, it } from 'vitest';
import { Service } from './house';

it('knows exactly what the service describes: ./dev web client writes it anew', async () => {
  const service = await Service.start({ environment: { WALL_DIR: '' } });
  try {
    const document = await service.get('/openapi.json');
    const made = `// Made by ./dev web client from /openapi.json: change the service's route table, not this.\n${astToString(await openapiTS(document))}`;
    const file = resolve(__dirname, '../../src/api/schema.ts');
    if (process.env['UPDATE_CLIENT']) writeFileSync(file, made);
    expect(readFileSync(file, 'utf8') === made, 'src/api/schema.ts is not what the service describes').toBe(true);
  } finally {
    await service.stop();
  }
});
