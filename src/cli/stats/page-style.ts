/** How the page looks, in light and in dark. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --paper: #fbfbfa; --card: #ffffff; --ink: #1d2126; --soft: #5c6570; --line: #e3e6e9;
  --hue1: #2f6fb3; --hue2: #b3632f; --hue3: #4d8a4a; --hue4: #8a5fae; --hue5: #7d858d; --hue6: #b8404b;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15181b; --card: #1d2125; --ink: #e8eaed; --soft: #a3acb5; --line: #32383e;
    --hue1: #6aa9ea; --hue2: #e39a63; --hue3: #85c281; --hue4: #bd97df; --hue5: #929ba4; --hue6: #ec7a84;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 64rem; margin: 0 auto; padding: 2rem 1rem 3rem; }
h1 { margin: 0; font-size: 1.5rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin: 0; font-size: 1.1rem; }
p { margin: 0.25rem 0 0; color: var(--soft); }
.numbers { display: grid; grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); gap: 1rem; margin: 1.5rem 0 1rem; }
.numbers div, section { background: var(--card); border: 1px solid var(--line); border-radius: 0.6rem; padding: 1rem 1.1rem; }
.numbers div { display: flex; flex-direction: column-reverse; justify-content: flex-end; }
.numbers dt { color: var(--soft); font-size: 0.875rem; }
.numbers dd { margin: 0; font-size: 1.6rem; font-weight: 600; line-height: 1.3; white-space: nowrap; font-variant-numeric: tabular-nums; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: 1rem; }
.wide { grid-column: 1 / -1; }
.kinds { display: flex; flex-wrap: wrap; align-items: center; gap: 0 3rem; }
.kinds table { flex: 1 1 12rem; max-width: 26rem; }
.ring { flex: none; width: 9rem; margin: 1rem 0 0 1rem; }
.ring circle { fill: none; stroke-width: 16; }
.swatch { display: inline-block; width: 0.8em; height: 0.8em; margin-right: 0.6em; border-radius: 0.2em; }
table { width: 100%; margin-top: 0.8rem; border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.2rem 0; text-align: right; white-space: nowrap; font-weight: 400; }
thead th { color: var(--soft); font-size: 0.8rem; }
th:first-child { text-align: left; }
td:not(.bar), thead th:not(:first-child) { padding-left: 1rem; }
.share, .note { color: var(--soft); }
.bar { width: 100%; padding-left: 0.8rem; }
.bar svg { display: block; width: 100%; height: 1rem; }
.bar rect { fill: var(--hue1); }
.keys th:first-child { min-width: 7rem; max-width: 20rem; white-space: normal; overflow-wrap: anywhere; }
.keys tbody th:first-child { font-family: ui-monospace, monospace; font-size: 0.85rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
footer { margin-top: 1.5rem; color: var(--soft); font-size: 0.875rem; }
@media (max-width: 30rem) { .share, .note { display: none; } .numbers dd { font-size: 1.35rem; } .numbers { gap: 0.6rem; } }
@media print { body { background: none; } section, .numbers div { break-inside: avoid; } }
`
