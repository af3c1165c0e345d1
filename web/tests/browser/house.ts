// One real service with a simulated Twilio, and one real Chromium, for all browser tests.
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

export const checkout = resolve(__dirname, '../../..');

/** The program under test: given by ./dev, else the first that was built. */
function findProgram(): string {
  const given = process.env['CAREVOICE'];
  const places = given ? [given] : ['build/carevoice', 'build/release/src/carevoice', 'build/dev/src/carevoice'];
  const found = places.map((place) => resolve(checkout, place)).find((place) => existsSync(place));
  if (!found) throw new Error('there is no program to test: ./dev build makes it');
  return found;
}

function findChromium(): string {
  const places = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  const found = places.find((place) => place && existsSync(place));
  if (!found) throw new Error('there is no Chromium: ./dev web browser installs it');
  return found;
}

export interface ServiceOptions {
  /** Which patient the first call goes to; none: no call at the start. */
  scenario?: string;
  /** How many times faster than real the voice speaks; 2 when left out. */
  pace?: number;
  environment?: Record<string, string>;
}

export class Service {
  origin = '';
  output = '';
  private constructor(
    private readonly process: ChildProcess,
    private readonly folder: string,
  ) {}

  static async start(options: ServiceOptions = {}): Promise<Service> {
    const folder = mkdtempSync(join(tmpdir(), 'carevoice-wall-'));
    const settings = join(folder, 'settings.env');
    writeFileSync(settings, '');
    const words = options.scenario ? ['demo', '--scenario', options.scenario, '--pace', String(options.pace ?? 2)] : ['serve'];
    const child = spawn(findProgram(), [...words, '--env-file', settings], {
      cwd: checkout,
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        LISTEN: '127.0.0.1:0',
        DATA_DIR: join(folder, 'data'),
        MODELS_DIR: join(checkout, 'models'),
        WALL_DIR: join(checkout, 'web/dist'),
        STT_PROVIDER: 'none',
        CALLING_HOURS: '00:00-24:00',
        LD_LIBRARY_PATH: process.env['LD_LIBRARY_PATH'],
        ...options.environment,
      } as NodeJS.ProcessEnv,
    });
    const service = new Service(child, folder);
    const hear = (piece: Buffer) => (service.output += piece.toString());
    child.stdout!.on('data', hear);
    child.stderr!.on('data', hear);
    await service.until('it listens', async () => {
      if (child.exitCode !== null) throw new Error(`the service ended:\n${service.output}`);
      const found = /carevoice listens at (\S+)/.exec(service.output);
      if (found) service.origin = found[1]!;
      return service.origin !== '';
    });
    return service;
  }

  async until<T>(what: string, ask: () => Promise<T>, seconds = 30): Promise<NonNullable<T>> {
    const end = Date.now() + seconds * 1_000;
    for (;;) {
      const answer = await ask();
      if (answer) return answer as NonNullable<T>;
      if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s\n${this.output.slice(-2_000)}`);
      await new Promise((done) => setTimeout(done, 150));
    }
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  async get(path: string): Promise<any> {
    return (await fetch(this.origin + path)).json();
  }

  async post(path: string, body: unknown): Promise<Response> {
    const isText = typeof body === 'string';
    return fetch(this.origin + path, {
      method: 'POST',
      headers: { 'Content-Type': isText ? 'text/csv' : 'application/json' },
      body: isText ? body : JSON.stringify(body),
    });
  }

  async stop(): Promise<void> {
    this.process.kill('SIGTERM');
    await new Promise<void>((done) => {
      if (this.process.exitCode !== null) return done();
      const late = setTimeout(() => this.process.kill('SIGKILL'), 5_000);
      this.process.once('exit', () => {
        clearTimeout(late);
        done();
      });
    });
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export function openBrowser(): Promise<Browser> {
  // As root, as in CI, Chromium has no sandbox of its own; it only ever sees our own service here.
  const args = ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--force-color-profile=srgb'];
  return chromium.launch({ executablePath: findChromium(), args });
}

/** A page that fails the test when its script fails, and that can reach nothing but the service. */
export async function openPage(browser: Browser, service: Service, options: BrowserContextOptions = {}): Promise<Page & { faults: string[] }> {
  const context = await browser.newContext({ baseURL: service.origin, viewport: { width: 1280, height: 900 }, locale: 'en-US', ...options });
  const page = (await context.newPage()) as Page & { faults: string[] };
  page.faults = [];
  page.on('pageerror', (fault) => page.faults.push(fault.message));
  page.on('console', (line) => {
    if (line.type() === 'error' && !/Failed to load resource|ERR_INTERNET_DISCONNECTED/.test(line.text())) page.faults.push(line.text());
  });
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith('http') && url.origin !== service.origin) page.faults.push(`asked ${url.origin}`);
  });
  return page;
}

const axeSource = readFileSync(resolve(__dirname, '../../node_modules/axe-core/axe.min.js'), 'utf8');

/** What axe finds against WCAG 2.2 AA and its own good practice, each as one line. */
export async function axeFindings(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  return page.evaluate(async () => {
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    const results = await (window as any).axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    return results.violations.map((violation: any) => `${violation.id}: ${violation.nodes.map((node: any) => node.target.join(' ')).slice(0, 3).join(', ')}`);
  });
}

/** Pictures for people who work on the wall: only with SCREENSHOTS=folder. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env['SCREENSHOTS'];
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}
