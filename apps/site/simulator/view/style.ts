/** The style of the element. Its colours are those of the site where it has them, and otherwise follow the `color-scheme` of the page. */
export const STYLE: string = `
:host {
  --back: var(--vp-c-bg, Canvas);
  --soft: var(--vp-c-bg-soft, color-mix(in srgb, CanvasText 5%, Canvas));
  --text: var(--vp-c-text-1, CanvasText);
  --faint: var(--vp-c-text-2, color-mix(in srgb, CanvasText 72%, Canvas));
  --line: var(--vp-c-divider, color-mix(in srgb, CanvasText 18%, Canvas));
  --blue: light-dark(#0b57b0, #8ab8ff);
  --water: light-dark(#bcd9fb, #1f4674);
  --green: light-dark(#0f6b3c, #7ddba5);
  --red: light-dark(#a8281e, #ffa198);
  --mono: var(--vp-font-family-mono, ui-monospace, monospace);
  display: block;
  color: var(--text);
  font: 15px/1.5 var(--vp-font-family-base, system-ui, sans-serif);
}
* { box-sizing: border-box; }
h2, h3, p, ul, ol { margin: 0; padding: 0; }
ul, ol { list-style: none; }
h2 { font-size: 13px; letter-spacing: .04em; color: var(--faint); font-weight: 600; margin-bottom: 8px; }
h3 { font-size: 14px; font-weight: 600; display: flex; align-items: center; gap: 8px; }
button, select, input[type=text] {
  font: inherit; color: inherit; background: var(--back); border: 1px solid var(--line); border-radius: 6px; padding: 3px 10px;
  max-width: 100%;
}
button { cursor: pointer; font-size: 13px; white-space: nowrap; }
button:hover, button[aria-pressed=true] { border-color: var(--blue); color: var(--blue); }
button[aria-pressed=true] { font-weight: 600; }
button[aria-disabled=true] { border-color: var(--line); color: var(--faint); cursor: default; opacity: .7; }
:focus-visible { outline: 2px solid var(--blue); outline-offset: 2px; }
.top { display: flex; flex-wrap: wrap; gap: 4px 12px; align-items: center; }
.top label, .own label { color: var(--faint); font-size: 13px; }
.top select { flex: 1 1 260px; min-width: 0; font-size: 17px; font-weight: 600; padding: 6px 10px; }
.look { margin: 10px 0 14px; color: var(--faint); max-width: 72ch; }
/* In a narrow list of questions, the end of the chosen one is cut off. */
.look strong { display: none; color: var(--text); }
@media (max-width: 640px) { .look strong { display: block; } }
.controls { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; }
.controls button { padding: 6px 14px; font-size: 14px; }
.controls button[data-key=next] { background: var(--blue); color: var(--back); border-color: var(--blue); font-weight: 600; }
.controls button[data-key=next][aria-disabled=true] { background: var(--soft); color: var(--faint); border-color: var(--line); }
.controls input { flex: 1 1 140px; min-width: 0; accent-color: var(--blue); }
.said { margin-top: 12px; padding: 8px 12px; background: var(--soft); border-radius: 6px; font: 14px/1.5 var(--mono); overflow-wrap: anywhere; }
.problem { color: var(--red); margin-top: 8px; overflow-wrap: anywhere; }
.problem:empty { display: none; }
.world { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 320px), 1fr)); gap: 16px; margin-top: 16px; }
section { border: 1px solid var(--line); border-radius: 10px; padding: 14px; min-width: 0; }
section:last-child { grid-column: 1 / -1; }
.quiet { color: var(--faint); }
.files, .instances { display: grid; gap: 14px; }
.file + .file, .instance + .instance { border-top: 1px solid var(--line); padding-top: 10px; }
.files { gap: 10px; }
.file { display: grid; grid-template-columns: 84px 1fr; gap: 8px; }
.file h3 { color: var(--faint); font-weight: 400; align-items: start; }
.ends { display: grid; grid-template-columns: repeat(auto-fit, minmax(104px, 1fr)); gap: 12px; }
.fds { font: 600 14px var(--mono); margin-bottom: 4px; }
.actions { display: flex; flex-wrap: wrap; gap: 4px; margin-top: 4px; }
.actions button { padding: 1px 8px; font-size: 12px; color: var(--faint); }
.liquid { fill: var(--water); transition: y .35s, height .35s; }
.glass { fill: none; stroke: var(--faint); stroke-width: 2; }
svg text { fill: var(--text); font: 600 15px var(--mono); }
.label { color: var(--faint); font-size: 13px; margin: 8px 0 4px; }
.interests li { padding: 6px 8px; border-left: 3px solid var(--line); margin-bottom: 6px; display: flex; flex-wrap: wrap; gap: 4px 10px; align-items: baseline; }
.interests strong { font-family: var(--mono); }
.interests .active { border-color: var(--green); }
.interests .missed { border-color: var(--red); }
.interests .missed .state { color: var(--red); }
.interests .ended { color: var(--faint); }
.interests .ended strong { text-decoration: line-through; }
.state { color: var(--faint); font-size: 13px; }
.bits { display: inline-flex; flex-wrap: wrap; gap: 4px; }
.bit { font: 12px var(--mono); padding: 1px 6px; border-radius: 4px; border: 1px solid var(--line); color: var(--faint); }
.bit.on { background: var(--blue); border-color: var(--blue); color: var(--back); }
.interests .actions { margin: 0; }
.queue { display: flex; flex-wrap: wrap; gap: 6px; }
.queue li { font: 14px var(--mono); padding: 2px 10px; border: 1px solid var(--blue); border-radius: 999px; }
.queue li.quiet { border-style: dashed; border-color: var(--line); }
.queue li + li::before { content: '‹ '; color: var(--faint); }
.languages { display: flex; gap: 6px; margin-bottom: 8px; }
.code { max-height: 280px; overflow: auto; background: var(--soft); border-radius: 6px; padding: 8px 0; counter-reset: line; }
.code li { padding: 1px 12px; display: flex; width: max-content; min-width: 100%; white-space: pre; }
.code li:not(.frame) { counter-increment: line; }
.code li::before { content: counter(line); flex: none; width: 2.2em; color: var(--faint); font: 12px var(--mono); }
.code code { font: 13px var(--mono); color: var(--text); background: none; }
.code .frame::before { content: ''; }
.code .later code, .code .frame code { color: var(--faint); }
.code .now { background: var(--water); }
.own { display: flex; flex-wrap: wrap; gap: 6px; align-items: center; margin-top: 10px; }
.own input { flex: 1 1 140px; min-width: 0; font-family: var(--mono); font-size: 13px; }
.picture { display: grid; gap: 6px; margin-bottom: 12px; }
.scroll { overflow-x: auto; position: relative; }
.time-line { border-collapse: collapse; font: 13px var(--mono); }
.time-line th { font-weight: 400; color: var(--faint); padding: 0 3px; text-align: center; }
.time-line th[scope=row] { text-align: left; padding-right: 10px; white-space: nowrap; color: var(--text); position: sticky; left: 0; background: var(--back); }
.time-line td { border-bottom: 1px solid var(--line); width: 22px; min-width: 22px; text-align: center; padding: 1px 0; }
.time-line .report { color: var(--green); }
.time-line .missed { color: var(--red); font-weight: 700; }
.time-line .now { background: var(--water); }
.legend { color: var(--faint); font-size: 12px; margin-top: 6px; white-space: pre-wrap; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
@media (prefers-reduced-motion: reduce) { * { transition: none !important; } }
`;
