// With an access key set, the wall asks for it, says when it is wrong, and shows nothing before.
import { expect, it } from 'vitest';
import { axeFindings, openBrowser, openPage, picture, Service } from './house';

it('asks for the access key, and goes on where it was', async () => {
  const key = 'a-key-for-this-test-only';
  const [service, browser] = await Promise.all([Service.start({ environment: { ADMIN_API_KEY: key } }), openBrowser()]);
  try {
    const page = await openPage(browser, service);
    await page.goto('/alerts');
    await page.getByRole('dialog', { name: 'Sign in' }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await picture(page, 'sign-in');
    await page.getByLabel('Access key').fill('not the right key');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('does not know this key').waitFor();
    await page.keyboard.press('Escape');
    await page.getByLabel('Access key').fill(key);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('No alert waits for anybody').waitFor();
    await page.reload();
    await page.getByText('No alert waits for anybody').waitFor();
    expect(page.faults).toEqual([]);
  } finally {
    await browser.close();
    await service.stop();
  }
});
