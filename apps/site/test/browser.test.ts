import { existsSync, readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { AxeResults } from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dist, serve } from './serve.ts';

const CHROMIUM = '/usr/bin/chromium';
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const ADDRESSES = ['', 'guide', 'api/sys/classes/EventFd', 'recipes/', 'cheat-sheet', 'epoll-live'].filter(
  (address) => existsSync(join(dist, `${address}.html`)) || existsSync(join(dist, address, 'index.html')),
);

describe.skipIf(!existsSync(CHROMIUM))('in a browser', () => {
  let browser: Browser;
  let server: Server;
  let url: string;

  beforeAll(async () => {
    ({ server, url } = await serve());
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  });

  afterAll(async () => {
    await browser.close();
    server.close();
  });

  /** Opens a page, calls `use`, and returns what the console reported as errors. */
  async function open(
    address: string,
    look: { readonly colorScheme: 'light' | 'dark'; readonly width: number },
    use: (page: Page) => Promise<void>,
  ): Promise<string[]> {
    const page = await browser.newPage({
      colorScheme: look.colorScheme,
      reducedMotion: 'reduce',
      viewport: { width: look.width, height: 900 },
    });
    const errors: string[] = [];
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(url + address, { waitUntil: 'networkidle' });
    await use(page);
    await page.close();
    return errors;
  }

  describe.each(['light', 'dark'] as const)('in %s colours', (colorScheme) => {
    describe.each([1280, 390])('%i pixels wide', (width) => {
      test.each(ADDRESSES)('axe finds nothing on /%s, which fits and logs no error', async (address) => {
        const errors = await open(address, { colorScheme, width }, async (page) => {
          await page.evaluate(axe);
          const { violations } = await page.evaluate<AxeResults>('axe.run({ resultTypes: ["violations"] })');
          const findings = violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 5).map(({ html }) => html)}`);
          expect(findings).toEqual([]);
          expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
        });
        expect(errors).toEqual([]);
      });
    });
  });

  test.each([
    ['edge triggered', 'guide#level--and-edge-triggered'],
    ['hang up', 'epoll-semantics#'],
    ['back-pressure', 'streams#back-pressure'],
    ['ERR_EM_ALREADY_REGISTERED', 'errors#err_em_already_registered'],
  ])('the search for "%s" first finds %s', async (text, expected) => {
    await open('', { colorScheme: 'light', width: 1280 }, async (page) => {
      await page.locator('.DocSearch-Button').click();
      await page.locator('#localsearch-input').fill(text);
      const first = page.locator('.VPLocalSearchBox .result').first();
      await first.waitFor();
      expect(await first.getAttribute('href')).toContain(expected);
    });
  });

  test('the page for an address that does not exist leads to the start page', async () => {
    await open('no-such-page', { colorScheme: 'light', width: 1280 }, async (page) => {
      await page.getByRole('link', { name: 'Go to the start page' }).click();
      await page.waitForURL(url);
    });
  });
});
