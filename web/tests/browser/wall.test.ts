// A nurse's way through the wall, against the real service with a simulated patient on the line.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Browser } from 'playwright-core';
import { axeFindings, openBrowser, openPage, picture, Service } from './house';

type Wall = Awaited<ReturnType<typeof openPage>>;

let service: Service;
let browser: Browser;
let wall: Wall;

beforeAll(async () => {
  [service, browser] = await Promise.all([Service.start({ scenario: 'sc-02' }), openBrowser()]);
  wall = await openPage(browser, service);
});

afterAll(async () => {
  await browser?.close();
  await service?.stop();
});

afterEach(() => {
  expect(wall.faults).toEqual([]);
});

const text = (page: Wall, selector: string) => page.locator(selector).first().innerText();

describe('while a patient is on the line', () => {
  it('shows the call on the first page, and what is said as it is said', async () => {
    await wall.goto('/');
    await wall.locator('.row-running').first().click({ timeout: 30_000 });
    await wall.locator('.turn-assistant').first().waitFor({ timeout: 30_000 });
    await wall.locator('.turn-patient:not(.turn-partial)').first().waitFor({ timeout: 30_000 });
    const before = await wall.locator('.turn:not(.turn-partial)').count();
    await service.until('another turn appears by itself', async () => (await wall.locator('.turn:not(.turn-partial)').count()) > before);
    expect(await text(wall, '.state')).toContain('On the line');
    expect(await wall.locator('.pending').innerText()).toMatch(/Asking: \S+/);
    await picture(wall, 'live-call');
  });

  it('shows words that are being spoken grey, until the turn is there', async () => {
    // The simulated patient is too brief for the recogniser to guess before the end, so the guess is put in here.
    const id = new URL(wall.url()).pathname.split('/').pop()!;
    const partial = { call_session_id: id, topic: 'pain_score', text: 'well it is about', audio_ms: 1_000 };
    let sent = `event: partial\ndata: ${JSON.stringify(partial)}\n\n`;
    await wall.route('**/api/v1/events?call_session_id=*', (route) => route.fulfill({ contentType: 'text/event-stream', body: sent }));
    await wall.reload();
    await wall.locator('.turn-partial .words', { hasText: 'well it is about' }).waitFor();
    await picture(wall, 'live-partial');
    sent = `event: turn\ndata: ${JSON.stringify({ call_session_id: id, sequence: 1, speaker: 'patient', text: 'x' })}\n\n`;
    await wall.locator('.turn-partial').waitFor({ state: 'detached' });
    await wall.unroute('**/api/v1/events?call_session_id=*');
  });

  it('puts an alert above everything, with the patient’s words and the rule', async () => {
    await wall.locator('.banner').first().waitFor({ timeout: 40_000 });
    expect(await text(wall, '.banner .badge')).toMatch(/High|Urgent|Critical/);
    expect(await text(wall, '.banner blockquote')).toMatch(/“.+”/);
    expect(await text(wall, '.banner')).toMatch(/rule P\d/);
    await wall.locator('mark.mark').first().waitFor();
    await wall.locator('.findings .concerning').first().waitFor();
    await picture(wall, 'live-alert');
    expect(await axeFindings(wall)).toEqual([]);
  });

  it('counts it in the navigation and lists it first on the first page', async () => {
    await wall.getByRole('link', { name: 'Today' }).click();
    await wall.locator('.alert-card').first().waitFor();
    expect(Number((await text(wall, '.count')).match(/\d+/)![0])).toBeGreaterThan(0);
    await picture(wall, 'today');
  });
});

describe('an alert', () => {
  it('is taken with the keyboard alone, in the reader’s name, and stops climbing', async () => {
    await wall.goto('/');
    await wall.locator('.alert-card').first().waitFor();
    await wall.getByLabel('Your name').fill('Nurse Okafor');
    await wall.goto('/');
    await wall.locator('.alert-card').first().waitFor();
    const isOn = (name: string) => wall.evaluate((wanted) => (document.activeElement?.textContent ?? '').startsWith(wanted), name);
    await wall.keyboard.press('Tab');
    expect(await isOn('Skip to the page')).toBe(true);
    await wall.keyboard.press('Enter');
    for (let i = 0; i < 30 && !(await isOn('Take it')); i++) await wall.keyboard.press('Tab');
    expect(await isOn('Take it')).toBe(true);
    const open = async () => (await service.get('/api/v1/alerts?status=open')).alerts.length as number;
    const before = await open();
    await wall.keyboard.press('Enter');
    await service.until('one alert less waits', async () => (await open()) < before);
    const [taken] = (await service.get('/api/v1/alerts?status=acknowledged')).alerts;
    expect(taken).toMatchObject({ acknowledged_by: 'Nurse Okafor', escalates_at: null });
  });

  it('has a page of its own, where a note outlives a reload and a lost connection', async () => {
    const [taken] = (await service.get('/api/v1/alerts?status=acknowledged')).alerts;
    await wall.goto(`/alerts/${taken.id}`);
    await wall.getByLabel('Note').fill('Called back. She takes two tablets and sleeps.');
    await wall.reload();
    await wall.locator('.history li').nth(1).waitFor();
    expect(await wall.getByLabel('Note').inputValue()).toContain('two tablets');
    await wall.context().setOffline(true);
    await wall.getByText('Connection lost').waitFor({ timeout: 15_000 });
    await wall.getByRole('button', { name: 'Write the note' }).click();
    await wall.getByText('Nothing was lost').waitFor();
    await picture(wall, 'lost');
    await wall.context().setOffline(false);
    await wall.getByText('Connection lost').waitFor({ state: 'detached', timeout: 20_000 });
    expect(await wall.getByLabel('Note').inputValue()).toContain('two tablets');
    await wall.getByRole('button', { name: 'Write the note' }).click();
    await wall.locator('.note', { hasText: 'two tablets' }).waitFor();
    expect(await wall.getByLabel('Note').inputValue()).toBe('');
    await wall.getByLabel('Note').fill('Pain is four now.');
    await picture(wall, 'alert');
    expect(await axeFindings(wall)).toEqual([]);
    await wall.getByRole('button', { name: 'Resolve' }).click();
    await wall.getByText('Resolved by Nurse Okafor').waitFor();
    const { history } = await service.get(`/api/v1/alerts/${taken.id}`);
    expect(history.map((action: { note: string }) => action.note)).toEqual([null, 'Called back. She takes two tablets and sleeps.', 'Pain is four now.']);
  });
});

describe('patients from a file', () => {
  const file = [
    'patient_id,first_name,last_name,date_of_birth,phone,procedure,procedure_family,surgery_date,consents_calls',
    'csv-1,Ada,Example,1957-03-14,+14155550123,total knee replacement,joint,2026-11-16,yes',
    'csv-2,Bo,Brown,1961-01-31,4155550123,hernia repair,abdominal,2026-11-18,yes',
    'csv-3,Cy,Green,1961-01-31,+14155550125,bypass,heart,2026-11-18,no',
    'csv-4,Di,White,1970-02-30,+14155550126,hip replacement,joint,2026-11-18,no',
  ].join('\n');

  it('are shown with what is wrong before they are sent, and with what the service refused after', async () => {
    await wall.goto('/plan');
    await wall.getByLabel('CSV file').setInputFiles({ name: 'ward.csv', mimeType: 'text/csv', buffer: Buffer.from(file) });
    await wall.locator('.cell-wrong').nth(1).waitFor();
    expect(await wall.locator('.cell-fault').allInnerTexts()).toEqual([expect.stringContaining('+14155550123'), expect.stringContaining('cardiac')]);
    expect(await axeFindings(wall)).toEqual([]);
    await wall.getByRole('button', { name: 'Import the 2 good rows' }).click();
    // The thirtieth of February only the service knows.
    await wall.locator('.notice', { hasText: '1 new, 0 changed, 3 refused.' }).waitFor();
    expect(await wall.locator('.cell-fault').allInnerTexts()).toEqual([
      expect.stringContaining('Phone'), expect.stringContaining('Procedure family'), expect.stringContaining('Date of birth'),
    ]);
    await picture(wall, 'import');
  });

  it('can be found at once, and a call that may not be made is explained in plain words', async () => {
    await wall.goto('/patients');
    await wall.getByLabel('Find').fill('knee exam');
    await wall.getByRole('link', { name: 'Ada Example' }).waitFor();
    expect(await wall.locator('tbody tr').count()).toBe(1);
    await service.post('/api/v1/patients', {
      patient_id: 'no-consent', first_name: 'Eve', last_name: 'Black', date_of_birth: '1950-05-05', phone: '+14155550190', consents: { calls: false },
    });
    await wall.goto('/patients/no-consent');
    await wall.getByRole('button', { name: 'Call Eve' }).click();
    await wall.getByRole('button', { name: 'Call now' }).click();
    await wall.getByText('has not agreed to be called').waitFor();
    await picture(wall, 'refused');
    expect(await axeFindings(wall)).toEqual([]);
    await wall.keyboard.press('Escape');
    await wall.getByRole('dialog').waitFor({ state: 'detached' });
  });
});

describe('a call', () => {
  it('is planned from the wall, stands in the plan, and is withdrawn', async () => {
    await wall.goto('/');
    await wall.getByRole('button', { name: 'Call a patient' }).click();
    await wall.getByLabel('Find a patient').fill('ada');
    await wall.getByRole('radio', { name: /Ada Example/ }).check();
    await wall.getByLabel('When').selectOption('later');
    await wall.getByLabel('Day and time').fill('2031-05-06T10:30');
    await wall.getByRole('button', { name: 'Plan the call' }).click();
    await wall.locator('.planned', { hasText: 'Ada Example' }).waitFor();
    await wall.getByRole('button', { name: /Withdraw/ }).click();
    await wall.getByText('No call is planned').waitFor();
  });

  it('is started from the wall and ended from it', async () => {
    for (const call of (await service.get('/api/v1/calls?status=in-progress')).calls) await service.post(`/api/v1/calls/${call.call_session_id}/end`, {});
    await service.until('the first call is over', async () => (await service.get('/health')).live_calls === 0);
    await wall.goto('/patients/test_patient');
    await wall.getByRole('button', { name: /^Call / }).click();
    await wall.getByRole('button', { name: 'Call now' }).click();
    await wall.waitForURL(/\/calls\/wall-/);
    await wall.locator('.turn-assistant').first().waitFor({ timeout: 30_000 });
    await wall.getByRole('button', { name: 'End the call' }).click();
    await wall.getByRole('dialog').getByRole('button', { name: 'End the call' }).click();
    await wall.getByRole('heading', { name: 'What was said' }).waitFor({ timeout: 20_000 });
    expect(await text(wall, '.state')).not.toContain('On the line');
  });
});

describe('every page', () => {
  const pages = async (): Promise<[string, string][]> => {
    const { calls } = await service.get('/api/v1/calls');
    const { alerts } = await service.get('/api/v1/alerts');
    const told = calls.find((call: { call_session_id: string }) => alerts.some((alert: { call_session_id: string }) => alert.call_session_id === call.call_session_id));
    return [
      ['today', '/'], ['alerts', '/alerts'], ['alert', `/alerts/${alerts[0].id}`], ['calls', '/calls'], ['transcript', `/calls/${told.call_session_id}`],
      ['patients', '/patients'], ['patient', `/patients/${told.patient_id}`], ['plan', '/plan'], ['analytics', '/analytics'], ['health', '/system'], ['nowhere', '/calls/nobody'],
    ];
  };

  it.each([
    ['desktop', {}],
    ['phone', { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }],
    ['dark', { colorScheme: 'dark' as const }],
    ['wall', { viewport: { width: 2560, height: 1440 } }],
  ])('stands by WCAG 2.2 AA, fits, and has a heading: %s', async (kind, options) => {
    const page = await openPage(browser, service, options);
    for (const [name, path] of await pages()) {
      await page.goto(path);
      await page.locator('h1').waitFor();
      await page.locator('.loading').first().waitFor({ state: 'detached' }).catch(() => undefined);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(wide, `${name} is ${wide} px too wide`).toBeLessThanOrEqual(0);
      // On a wall screen only the size differs.
      if (kind !== 'wall') expect(await axeFindings(page), name).toEqual([]);
      await picture(page, `${kind}-${name}`);
    }
    expect(page.faults).toEqual([]);
    await page.context().close();
  }, 90_000);

  it('begins at its heading for the keyboard and the screen reader', async () => {
    await wall.goto('/');
    await wall.getByRole('link', { name: 'Analytics' }).click();
    await wall.waitForFunction(() => document.activeElement?.id === 'page-title');
    expect(await wall.title()).toBe('Analytics · Carevoice');
  });

  it('gives its figures as a file', async () => {
    await wall.goto('/analytics');
    const [file] = await Promise.all([wall.waitForEvent('download'), wall.getByRole('button', { name: 'Save as CSV' }).click()]);
    expect(file.suggestedFilename()).toBe('carevoice-week.csv');
  });
});
