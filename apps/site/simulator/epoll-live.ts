import { checkCount, formatAddress, type Position, parseAddress, startOf } from './address.ts';
import { nextStep } from './model/clock.ts';
import { LANGUAGE_NAMES, LANGUAGES, programOf } from './model/code.ts';
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

const TURN_EVERY_MS = 1_200;
/** A browser may refuse to write the address a hundred times in half a minute. */
const WRITE_EVERY_MS = 500;

/** What goes on by itself: the steps of the scene, or waits. */
type Motion = 'play' | 'clock';

/**
 * The element `<epoll-live>`: runs the event manager on a fake kernel, step by step.
 *
 * - `scene`: the name of the scene to begin with.
 * - `address`: with this attribute, the address of the page says what is shown. Give it to one element of a page only.
 */
export class EpollLive extends HTMLElement {
  #position: Position = startOf(SCENES[0]);
  #frames: readonly Frame[] = [];
  #motion: Motion | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #writing: ReturnType<typeof setTimeout> | undefined;
  /** The fragment of the page as it was last read or written. */
  #fragment = '';
  #written: string | undefined;

  readonly #scenes = html('select', { id: 'scene' }) as HTMLSelectElement;
  readonly #look = html('p', { class: 'look' });
  readonly #play = button('Play', 'play', () => this.#toggle('play'));
  readonly #clock = button('Clock', 'clock', () => this.#toggle('clock'));
  readonly #back = button('Back', 'back', () => this.#travel(this.#position.at - 1));
  readonly #next = button('Next step', 'next', () => this.#travel(this.#position.at + 1));
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
      this.#stop();
      this.#show(startOf(scene, this.#position.language));
    });
    this.#slider.addEventListener('input', () => this.#travel(Number(this.#slider.value)));
    this.#clock.title = 'Calls wait by itself';
    const form = html(
      'form',
      { class: 'own' },
      html('label', { for: 'own' }, 'Another step'),
      this.#own,
      html('button', {}, 'Take it'),
    );
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      if (this.#add(this.#own.value)) {
        this.#own.value = '';
      }
    });
    this.attachShadow({ mode: 'open' }).append(
      html('style', {}, STYLE),
      html('div', { class: 'top' }, html('label', { for: 'scene' }, 'Question'), this.#scenes),
      this.#look,
      html('div', { class: 'controls' }, this.#back, this.#next, this.#play, this.#clock, this.#slider),
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
      addEventListener('pagehide', this.#writeAddress);
      this.#readAddress();
    } else {
      this.#read(`scene=${this.getAttribute('scene') ?? SCENES[0].id}`);
    }
  }

  disconnectedCallback(): void {
    removeEventListener('hashchange', this.#readAddress);
    removeEventListener('pagehide', this.#writeAddress);
    this.#stop();
    clearTimeout(this.#writing);
    this.#writing = undefined;
  }

  readonly #readAddress = (): void => {
    this.#fragment = location.hash;
    this.#written = undefined;
    this.#stop();
    this.#read(location.hash);
  };

  /** Writes what is shown, unless the reader has just gone to another fragment. What comes soon after is written later. */
  readonly #writeAddress = (): void => {
    clearTimeout(this.#writing);
    this.#writing = undefined;
    const address = formatAddress(this.#position);
    if (address !== this.#written && location.hash === this.#fragment) {
      history.replaceState(history.state, '', address);
      this.#written = address;
      this.#fragment = location.hash;
      this.#writing = setTimeout(this.#writeAddress, WRITE_EVERY_MS);
    }
  };

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
    this.#draw();
    if (this.hasAttribute('address') && this.isConnected && this.#writing === undefined) {
      this.#writeAddress();
    }
  }

  #go(at: number): void {
    this.#show({ ...this.#position, at: Math.max(0, Math.min(at, this.#position.steps.length)) });
  }

  #add(text: string): boolean {
    this.#problem.textContent = '';
    return this.#take(text);
  }

  /** Takes a step in place of those that would have come. Returns whether it could. */
  #take(text: string): boolean {
    const { steps, at, language } = this.#position;
    try {
      const taken = checkCount([...steps.slice(0, at), parseStep(text)]);
      this.#show({ scene: undefined, steps: taken, at: taken.length, language });
      return true;
    } catch (error) {
      this.#complain(error);
      return false;
    }
  }

  #complain(error: unknown): void {
    if (!(error instanceof ProgramError)) {
      throw error;
    }
    this.#problem.textContent = `${error.message}.`;
  }

  /** Goes to a step that the reader has chosen. */
  #travel(at: number): void {
    this.#stop();
    this.#go(at);
  }

  #toggle(motion: Motion): void {
    const isOn = this.#motion === motion;
    this.#stop();
    if (isOn) {
      return;
    }
    if (motion === 'play' && this.#position.at === this.#position.steps.length) {
      this.#go(0);
    }
    this.#start(motion, () => (motion === 'play' ? this.#playOn() : this.#waitOn()));
  }

  #start(motion: Motion | undefined, turn?: () => void): void {
    clearInterval(this.#timer);
    this.#motion = motion;
    this.#timer = turn && setInterval(turn, TURN_EVERY_MS);
    this.#play.textContent = motion === 'play' ? 'Pause' : 'Play';
    this.#clock.setAttribute('aria-pressed', String(motion === 'clock'));
  }

  #stop(): void {
    this.#start(undefined);
    this.#problem.textContent = '';
  }

  #playOn(): void {
    this.#go(this.#position.at + 1);
    if (this.#position.at === this.#position.steps.length) {
      this.#start(undefined);
    }
  }

  /** Takes the step that a loop of waits takes now. */
  #waitOn(): void {
    const { steps, at } = this.#position;
    const step = nextStep(this.#frames[at] as Frame, steps.slice(0, at));
    if (step !== undefined && !this.#take(step)) {
      this.#start(undefined);
    }
  }

  #draw(): void {
    const { scene, steps, at, language } = this.#position;
    const frame = this.#frames[at] as Frame;
    const { activeElement } = this.shadowRoot as ShadowRoot;
    const [key, row] = [activeElement?.getAttribute('data-key'), activeElement?.closest('[data-row]')];
    const section = activeElement?.closest('section');
    this.#scenes.value = scene?.id ?? '';
    const share = this.hasAttribute('address')
      ? ' The address of this page has them all, so that you can share it.'
      : '';
    this.#look.replaceChildren(html('strong', {}, scene?.title ?? ''), scene?.look ?? `Your own steps.${share}`);
    this.#slider.max = String(steps.length);
    this.#slider.value = String(at);
    this.#slider.setAttribute('aria-valuetext', at === 0 ? 'start' : `step ${at} of ${steps.length}`);
    // They keep the focus: a button that is disabled loses it.
    this.#back.setAttribute('aria-disabled', String(at === 0));
    this.#next.setAttribute('aria-disabled', String(at === steps.length));
    const said = sayStep(frame, this.#motion === 'clock' ? 'Clock' : `${at} of ${steps.length}`, steps.length);
    // The clock may report the same again and again, which a screen reader is to say once.
    if (this.#said.textContent !== said) {
      this.#said.textContent = said;
    }
    const add = (step: string): void => void this.#add(step);
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
    if (key !== null && key !== undefined) {
      const find = (root: ParentNode | null | undefined, selector: string) =>
        root?.querySelector<HTMLElement>(selector);
      // If the button is gone: the next best one for the same thing, or the section.
      const sibling = find(section, `[data-row="${row?.getAttribute('data-row')}"] button`);
      (find(this.shadowRoot, `[data-key="${key}"]`) ?? sibling ?? find(section, 'h2'))?.focus();
    }
  }

  #scrollTimeLine(): void {
    const now = this.#timeLine.querySelector<HTMLElement>('.now');
    const view = this.#timeLine.parentElement as HTMLElement;
    view.scrollLeft = now === null ? 0 : now.offsetLeft - view.clientWidth / 2;
  }

  #drawCode(steps: readonly Step[]): void {
    const { at, language } = this.#position;
    const program = programOf(steps, this.#frames, language);
    const frame = (text: string): HTMLElement[] =>
      text === '' ? [] : [html('li', { class: 'frame' }, html('code', {}, text))];
    const lines = program.steps.map((text, index) => {
      const attributes =
        index + 1 === at ? { class: 'now', 'aria-current': 'step' } : { class: index < at ? '' : 'later' };
      return html('li', attributes, html('code', {}, text));
    });
    this.#code.replaceChildren(...frame(program.head), ...lines, ...frame(program.tail));
    const now = this.#code.querySelector<HTMLElement>('.now');
    // Scrolls the list alone: scrollIntoView() would move the page too.
    this.#code.scrollTop = now === null ? 0 : now.offsetTop - this.#code.offsetTop - this.#code.clientHeight / 2;
  }
}

function sayStep({ step, outcome }: Frame, when: string, count: number): string {
  const start =
    count === 0
      ? 'No steps yet. Write the first one below, such as “eventfd e”.'
      : `${count} steps. Press “Next step”.`;
  return step === undefined ? start : `${when}: ${formatStep(step)} → ${outcome}`;
}

function section(title: string, ...children: HTMLElement[]): HTMLElement {
  return html('section', { 'aria-label': title }, html('h2', { tabindex: '-1' }, title), ...children);
}

if (customElements.get('epoll-live') === undefined) {
  customElements.define('epoll-live', EpollLive);
}
