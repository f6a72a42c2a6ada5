import { checkCount, formatAddress, type Position, parseAddress, startOf } from './address.ts';
import { codeOf, LANGUAGE_NAMES, LANGUAGES } from './model/code.ts';
import { describe } from './model/describe.ts';
import { FakeWorld } from './model/fake-world.ts';
import { type Frame, run } from './model/program.ts';
import { formatStep, ProgramError, parseStep, type Step } from './model/step.ts';
import { SCENES } from './scenes.ts';
import { button, html } from './view/dom.ts';
import { drawFiles } from './view/files.ts';
import { drawInstances } from './view/lists.ts';
import { STYLE } from './view/style.ts';
import { drawTimeLine } from './view/time-line.ts';

const PLAY_EVERY_MS = 1_200;

/**
 * The element `<epoll-live>`: runs the event manager on a fake kernel, step by step.
 *
 * - `scene`: the name of the scene to begin with.
 * - `address`: with this attribute, the address of the page says what is shown. Give it to one element of a page only.
 */
export class EpollLive extends HTMLElement {
  #position: Position = startOf(SCENES[0]);
  #frames: readonly Frame[] = [];
  #timer: ReturnType<typeof setInterval> | undefined;

  readonly #scenes = html('select', { id: 'scene' }) as HTMLSelectElement;
  readonly #look = html('p', { class: 'look' });
  readonly #play = button('Play', 'play', () => this.#togglePlay());
  readonly #back = button('Back', 'back', () => this.#go(this.#position.at - 1));
  readonly #next = button('Next step', 'next', () => this.#go(this.#position.at + 1));
  readonly #slider = html('input', { type: 'range', min: '0', 'aria-label': 'Time' }) as HTMLInputElement;
  readonly #said = html('p', { class: 'said', role: 'status' });
  readonly #problem = html('p', { class: 'problem', role: 'alert' });
  readonly #files = html('div', { class: 'files' });
  readonly #instances = html('div', { class: 'instances' });
  readonly #picture = html('ul', { class: 'picture' });
  readonly #timeLine = html('table', { class: 'time-line' });
  readonly #languages = html('div', { class: 'languages', role: 'group', 'aria-label': 'Language' });
  readonly #code = html('ol', { class: 'code', tabindex: '0', 'aria-label': 'Calls' });
  readonly #own = html('input', {
    type: 'text',
    id: 'own',
    placeholder: 'watch e IN',
    spellcheck: 'false',
  }) as HTMLInputElement;

  constructor() {
    super();
    const options = SCENES.map(({ id, title }) => html('option', { value: id }, title));
    this.#scenes.append(...options, html('option', { value: '', hidden: '' }, 'Steps of your own'));
    this.#scenes.addEventListener('change', () => {
      const scene = SCENES.find(({ id }) => id === this.#scenes.value) ?? SCENES[0];
      this.#show(startOf(scene, this.#position.language));
    });
    this.#slider.addEventListener('input', () => this.#go(Number(this.#slider.value)));
    const form = html(
      'form',
      { class: 'own' },
      html('label', { for: 'own' }, 'Another step'),
      this.#own,
      html('button', {}, 'Take it'),
    );
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#add(this.#own.value);
    });
    this.attachShadow({ mode: 'open' }).append(
      html('style', {}, STYLE),
      html('div', { class: 'top' }, html('label', { for: 'scene' }, 'Question'), this.#scenes),
      this.#look,
      html('div', { class: 'controls' }, this.#back, this.#next, this.#play, this.#slider),
      this.#said,
      this.#problem,
      html(
        'div',
        { class: 'world' },
        section(
          'What you see',
          this.#picture,
          html('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Time line' }, this.#timeLine),
          html('p', { class: 'legend' }, '● reported   ○ ready   × true, but not in the ready list'),
        ),
        section('Epoll', this.#instances),
        section('Files', this.#files),
        section('Calls', this.#languages, this.#code, form),
      ),
    );
  }

  connectedCallback(): void {
    if (this.hasAttribute('address')) {
      addEventListener('hashchange', this.#readAddress);
      this.#readAddress();
    } else {
      this.#read(`scene=${this.getAttribute('scene') ?? SCENES[0].id}`);
    }
  }

  disconnectedCallback(): void {
    removeEventListener('hashchange', this.#readAddress);
    this.#stop();
  }

  readonly #readAddress = (): void => this.#read(location.hash);

  #read(fragment: string): void {
    try {
      this.#show(parseAddress(fragment));
    } catch (error) {
      this.#show(startOf(SCENES[0]));
      this.#complain(error);
    }
  }

  /** Shows a position. If its program cannot be run, the former one stays. */
  #show(position: Position): void {
    this.#frames = run(position.steps, new FakeWorld());
    this.#position = position;
    this.#problem.textContent = '';
    this.#draw();
    if (this.hasAttribute('address') && this.isConnected) {
      history.replaceState(history.state, '', formatAddress(position));
    }
  }

  #go(at: number): void {
    this.#show({ ...this.#position, at: Math.max(0, Math.min(at, this.#position.steps.length)) });
  }

  /** Takes a step of the reader's own, in place of those that would have come. */
  #add(text: string): void {
    const { steps, at, language } = this.#position;
    try {
      const taken = checkCount([...steps.slice(0, at), parseStep(text)]);
      this.#show({ scene: undefined, steps: taken, at: taken.length, language });
      this.#own.value = '';
    } catch (error) {
      this.#complain(error);
    }
  }

  #complain(error: unknown): void {
    if (!(error instanceof ProgramError)) {
      throw error;
    }
    this.#problem.textContent = `${error.message}.`;
  }

  #togglePlay(): void {
    if (this.#timer !== undefined) {
      this.#stop();
      return;
    }
    if (this.#position.at === this.#position.steps.length) {
      this.#go(0);
    }
    this.#play.textContent = 'Pause';
    this.#timer = setInterval(() => {
      this.#go(this.#position.at + 1);
      if (this.#position.at === this.#position.steps.length) {
        this.#stop();
      }
    }, PLAY_EVERY_MS);
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#play.textContent = 'Play';
  }

  #draw(): void {
    const { scene, steps, at, language } = this.#position;
    const frame = this.#frames[at] as Frame;
    const focused = this.shadowRoot?.activeElement?.getAttribute('data-key');
    this.#scenes.value = scene?.id ?? '';
    const share = this.hasAttribute('address')
      ? ' The address of this page has them all, so that you can share it.'
      : '';
    this.#look.replaceChildren(html('strong', {}, scene?.title ?? ''), scene?.look ?? `Your own steps.${share}`);
    this.#slider.max = String(steps.length);
    this.#slider.value = String(at);
    this.#slider.setAttribute('aria-valuetext', at === 0 ? 'start' : `step ${at} of ${steps.length}`);
    this.#back.disabled = at === 0;
    this.#next.disabled = at === steps.length;
    this.#said.textContent = sayStep(frame, at, steps.length);
    const add = (step: string): void => this.#add(step);
    this.#files.replaceChildren(...drawFiles(frame.files, add));
    this.#instances.replaceChildren(...drawInstances(frame, add));
    this.#picture.replaceChildren(...describe(frame).map((sentence) => html('li', {}, sentence)));
    this.#timeLine.replaceChildren(...drawTimeLine(this.#frames, at));
    this.#scrollTimeLine();
    this.#languages.replaceChildren(
      ...LANGUAGES.map((name) => {
        const choice = button(LANGUAGE_NAMES[name], `code ${name}`, () =>
          this.#show({ ...this.#position, language: name }),
        );
        choice.setAttribute('aria-pressed', String(name === language));
        return choice;
      }),
    );
    this.#drawCode(steps);
    if (focused !== null && focused !== undefined) {
      this.shadowRoot?.querySelector<HTMLElement>(`[data-key="${focused}"]`)?.focus();
    }
  }

  #scrollTimeLine(): void {
    const now = this.#timeLine.querySelector<HTMLElement>('.now');
    const view = this.#timeLine.parentElement as HTMLElement;
    view.scrollLeft = now === null ? 0 : now.offsetLeft - view.clientWidth / 2;
  }

  #drawCode(steps: readonly Step[]): void {
    const { at, language } = this.#position;
    const lines = steps.map((step, index) => {
      const attributes =
        index + 1 === at ? { class: 'now', 'aria-current': 'step' } : { class: index < at ? '' : 'later' };
      return html('li', attributes, html('code', {}, codeOf(step, this.#frames[index], language)));
    });
    this.#code.replaceChildren(...lines);
    const now = this.#code.querySelector<HTMLElement>('.now');
    // Scrolls the list alone: scrollIntoView() would move the page too.
    this.#code.scrollTop = now === null ? 0 : now.offsetTop - this.#code.offsetTop - this.#code.clientHeight / 2;
  }
}

function sayStep({ step, outcome }: Frame, at: number, count: number): string {
  return step === undefined
    ? `${count} steps. Press “Next step”.`
    : `${at} of ${count}: ${formatStep(step)} → ${outcome}`;
}

function section(title: string, ...children: HTMLElement[]): HTMLElement {
  return html('section', { 'aria-label': title }, html('h2', {}, title), ...children);
}

if (customElements.get('epoll-live') === undefined) {
  customElements.define('epoll-live', EpollLive);
}
