import { existsSync, readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { SCENES } from '../../simulator/scenes.ts';
import { serve } from '../serve.ts';

const CHROMIUM = '/usr/bin/chromium';
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

describe.skipIf(!existsSync(CHROMIUM))('epoll, live', () => {
  let browser: Browser;
  let server: Server;
  let url: string;
  let page: Page;
  let errors: string[];

  beforeAll(async () => {
    ({ server, url } = await serve());
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    page = await browser.newPage({ reducedMotion: 'reduce', viewport: { width: 390, height: 900 } });
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    page.on('pageerror', (error) => errors.push(error.message));
    errors = [];
    await page.goto(`${url}epoll-live`, { waitUntil: 'networkidle' });
  });

  afterAll(async () => {
    await browser.close();
    server.close();
  });

  afterEach(() => {
    expect(errors).toEqual([]);
  });

  const show = (fragment: string): Promise<void> => page.evaluate(`location.hash = ${JSON.stringify(fragment)}`);
  const picture = (): Promise<string[]> => page.locator('.picture li').allTextContents();
  const fragment = (): Promise<string> => page.evaluate('location.hash');
  const expectFragment = (expected: string): Promise<void> => expect.poll(fragment, { timeout: 60_000 }).toBe(expected);
  const focused = (): Promise<string> =>
    page.evaluate('document.querySelector("epoll-live").shadowRoot.activeElement?.textContent');
  const press = async (name: string): Promise<void> => {
    await page.getByRole('button', { name, exact: true }).focus();
    await page.keyboard.press('Enter');
  };

  const expectNowInView = async (): Promise<void> => {
    const view = await page.getByRole('region', { name: 'Time line' }).boundingBox();
    const now = await page.locator('.time-line .now').last().boundingBox();
    expect((now?.x ?? Infinity) + (now?.width ?? 0)).toBeLessThanOrEqual((view?.x ?? 0) + (view?.width ?? 0) + 1);
  };

  test.each(SCENES)(
    '$id is played to its end with the keyboard, and axe finds nothing',
    async ({ id, steps, ending }) => {
      await show(`scene=${id}`);
      const next = page.getByRole('button', { name: 'Next step' });
      await next.focus();
      for (const step of steps) {
        await page.keyboard.press('Enter');
        await page.getByRole('status').getByText(`: ${step} → `).waitFor();
      }
      expect(await next.isDisabled()).toBe(true);
      expect(await picture()).toEqual(ending);
      await expectFragment(`#scene=${id}&at=${steps.length}`);
      await expectNowInView();
      await page.evaluate(axe);
      const { violations } = await page.evaluate<AxeResults>('axe.run("epoll-live", { resultTypes: ["violations"] })');
      expect(violations.map(({ id: rule, nodes }) => `${rule}: ${nodes.map(({ html }) => html)}`)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    },
  );

  test('steps of one’s own replace those that would come, and are in the address', async () => {
    await show('scene=one-shot&at=3');
    await page.getByRole('button', { name: 'wait', exact: true }).click();
    await page.getByLabel('Another step').fill('read e all');
    await page.keyboard.press('Enter');
    await page.getByRole('status').getByText('e gives 1').waitFor();
    await expect
      .poll(async () => new URLSearchParams((await fragment()).slice(1)).get('steps'))
      .toBe('eventfd e;watch e IN ONE_SHOT;write e 1;wait;read e all');
    const address = await fragment();
    await show('scene=reset');
    await show(address);
    expect(await picture()).toEqual(['e was called once. It is disarmed until you arm it again.']);
  });

  test('the time can be moved back and forth, and the code has three languages', async () => {
    await show('scene=partial-read&at=14');
    await page.getByLabel('Time', { exact: true }).focus();
    await page.keyboard.press('Home');
    expect(await picture()).toEqual([]);
    await page.getByRole('button', { name: 'C', exact: true }).click();
    expect(await page.locator('.code').textContent()).toContain(
      'epoll_ctl(epoll, EPOLL_CTL_ADD, r2, &(struct epoll_event){ EPOLLIN | EPOLLET, { .fd = r2 } });',
    );
    await expectFragment('#scene=partial-read&code=c');
  });

  test.each([
    ['scene=nonsense', 'There is no scene “nonsense”.'],
    ['steps=eventfd e;jump e', '“jump” is not a step.'],
    ['steps=read e all', 'There is no fd “e”.'],
    ['scene=reset&at=99', 'The address has “at=99”. It must be 0 to 9.'],
  ])('an address with #%s is refused with a reason, and shows the first scene', async (wrong, reason) => {
    await show(wrong);
    await page.getByRole('alert').getByText(reason, { exact: true }).waitFor();
    expect(await page.getByLabel('Question').inputValue()).toBe(SCENES[0].id);
  });

  test('a step that cannot be read is refused, and what was there stays', async () => {
    await show('scene=one-shot&at=2');
    await page.getByLabel('Another step').fill('write nothing');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('needs a number of bytes').waitFor();
    await expectFragment('#scene=one-shot&at=2');
  });

  test('the clock waits by itself for what is written, and stops when it is switched off', async () => {
    await show('steps=eventfd e;watch e IN EDGE_TRIGGERED;timer t;watch t IN EDGE_TRIGGERED&at=4');
    const clock = page.getByRole('button', { name: 'Clock' });
    expect(await clock.getAttribute('aria-pressed')).toBe('false');
    await press('Clock');
    expect(await clock.getAttribute('aria-pressed')).toBe('true');
    await press('write 1');
    await page.getByRole('status').getByText('Clock: wait → reports e IN', { exact: true }).waitFor();
    await press('arm 10');
    await page.getByRole('status').getByText('Clock: wait → reports t IN', { exact: true }).waitFor();
    expect(await picture()).toEqual([
      'e was called once. IN is true, but it is not in the ready list: a wait does not report it.',
      't was called once. IN is true, but it is not in the ready list: a wait does not report it.',
    ]);
    await press('Clock');
    expect(await clock.getAttribute('aria-pressed')).toBe('false');
    await press('Clock');
    await press('Back');
    expect(await clock.getAttribute('aria-pressed')).toBe('false');
  });

  test('what is being typed stays while the clock takes steps', async () => {
    await show('steps=eventfd e;watch e IN;write e 1&at=3');
    await press('Clock');
    await page.getByLabel('Another step').fill('read e');
    await page.getByRole('status').getByText('Clock: wait').waitFor();
    expect(await page.getByLabel('Another step').inputValue()).toBe('read e');
    await press('Clock');
  });

  test.each([
    ['scene=partial-read&at=9', 'edge', 'waits for an edge'],
    ['scene=exclusive-herd&at=16', 'b2', 'was not woken'],
  ])('after %s, the subscription %s %s', async (where, subscription, state) => {
    await show(where);
    await page.locator(`.interests [data-row=${subscription}]`).getByText(state).waitFor();
  });

  test('the focus stays near a button that vanishes', async () => {
    await show('steps=eventfd e;watch e IN&at=2');
    await press('pause');
    expect(await focused()).toBe('resume');
    await page.keyboard.press('Enter');
    expect(await focused()).toBe('pause');
    await press('unwatch');
    expect(await focused()).toBe('Epoll');
    await press('close');
    expect(await focused()).toBe('Files');
    await show('steps=eventfd e&at=1');
    await press('Next step');
    expect(await focused()).toBe('Next step');
  });

  test('an address without steps says how to begin', async () => {
    await show('steps=');
    await page.getByRole('status').getByText('No steps yet. Write the first one below').waitFor();
    expect(await picture()).toEqual([]);
    await page.getByLabel('Another step').fill('eventfd e');
    await page.keyboard.press('Enter');
    await page.getByRole('status').getByText('eventfd e → ').waitFor();
    await expectFragment('#steps=eventfd+e&at=1');
  });

  test('many moves at once are written to the address once or twice, and the last one always', async () => {
    await show('scene=partial-read');
    await expectFragment('#scene=partial-read');
    const writes = await page.evaluate(`{
      const replace = history.replaceState;
      window.writes = 0;
      history.replaceState = (...args) => { window.writes++; replace.apply(history, args); };
      const slider = document.querySelector('epoll-live').shadowRoot.querySelector('[type=range]');
      for (let turn = 0; turn < 150; turn++) {
        slider.value = String(turn % 14);
        slider.dispatchEvent(new Event('input'));
      }
      window.writes;
    }`);
    expect(writes).toBeLessThanOrEqual(1);
    await expectFragment('#scene=partial-read&at=9');
    expect(await page.evaluate('window.writes')).toBeLessThanOrEqual(2);
  });
});
