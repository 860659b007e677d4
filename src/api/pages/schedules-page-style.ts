// The style of the schedules page, light and dark, in the colours of the sign-in page.
export const schedulesStyle = `:root {
  color-scheme: light dark;
  --paper: #f3f5f8; --card: #fff; --ink: #1b2430; --faint: #5b6878; --line: #c6ced8; --accent: #1f5fbf; --on-accent: #fff;
  --bad: #b3261e; --bad-ground: #fdecea; --note: #8a5a00; --note-ground: #fff5e0; --grid: #dfe4ea;
  --running: #1f8a4c; --moving: #d98a00; --moving-ground: #f7dfae; --stopped: #6d7f96; --unknown: #8a5fb0; --unknown-ground: #ece2f5;
  --gone: #b9c2cd; --now: #b3261e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #11161d; --card: #1a212b; --ink: #e6ebf2; --faint: #9aa7b7; --line: #3a4656; --accent: #7fb0ff; --on-accent: #0d1520;
    --bad: #ff9d94; --bad-ground: #3a1f1f; --note: #f0c36d; --note-ground: #33291a; --grid: #2a3441;
    --running: #46c17c; --moving: #f0b04a; --moving-ground: #55401a; --stopped: #8ea0b8; --unknown: #c49ae6; --unknown-ground: #3a2c49;
    --gone: #4a5767; --now: #ff8a80;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
header { display: flex; flex-wrap: wrap; gap: 0.25rem 1.5rem; align-items: baseline; justify-content: space-between; }
header, main { max-width: 76rem; margin: 0 auto; padding: 1rem 1.25rem; }
main { padding-top: 0; }
header nav { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; }
h1 { margin: 0; font-size: 1.35rem; }
h1 a { color: inherit; text-decoration: none; }
h1 span { color: var(--faint); font-weight: 400; }
h2 { margin: 0 0 0.5rem; font-size: 1.1rem; }
h3 { margin: 0; font-size: 1rem; overflow-wrap: anywhere; }
p { margin: 0.25rem 0; overflow-wrap: anywhere; }
small, .hint { color: var(--faint); font-weight: 400; font-size: 0.875rem; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
code { overflow-wrap: anywhere; }
ul, ol { margin: 0; padding: 0; list-style: none; }
section { margin: 0 0 1rem; padding: 1rem 1.25rem; background: var(--card); border: 1px solid var(--line); border-radius: 0.75rem; }
.notice { background: var(--note-ground); border-color: var(--note); }
.notice.bad { background: var(--bad-ground); border-color: var(--bad); }
.notice li { margin: 0.25rem 0; overflow-wrap: anywhere; }
.heading { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; }
.heading nav a { margin-left: 0.75rem; }
.heading nav a:first-child { margin-left: 0; }
.figures { display: flex; flex-wrap: wrap; gap: 0.75rem 2.5rem; margin: 0 0 0.75rem; }
.figures dt { color: var(--faint); font-size: 0.875rem; }
.figures dd { margin: 0; font-size: 1.5rem; line-height: 1.25; }
.figures small { display: block; }
.chart { margin: 0; }
figcaption { color: var(--faint); font-size: 0.875rem; margin-bottom: 0.25rem; }
.month { display: block; width: 100%; height: 7rem; border-bottom: 1px solid var(--line); }
.dates { display: block; width: 100%; height: 1rem; fill: var(--faint); font-size: 0.75rem; text-anchor: middle; }
.bar { fill: var(--accent); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 0.875rem; }
th, td { padding: 0.2rem 0.9rem 0.2rem 0; text-align: right; white-space: nowrap; }
th:first-child { text-align: left; }
tbody tr { border-top: 1px solid var(--grid); }
tbody th { font-weight: 400; }
summary { cursor: pointer; color: var(--accent); }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); gap: 0.75rem; }
.cards > li { padding: 0.75rem 1rem; background: var(--paper); border: 1px solid var(--line); border-radius: 0.5rem; }
.odd { color: var(--bad); font-size: 0.9rem; overflow-wrap: anywhere; }
.odd li::before { content: '⚠ '; }
.leases li { margin: 0.25rem 0; overflow-wrap: anywhere; }
.filter { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: end; margin: 0.25rem 0 0.75rem; }
.filter label { color: var(--faint); font-size: 0.875rem; }
.filter select, .filter input { display: block; min-width: 11rem; }
select, input, button { height: 2.4rem; padding: 0.4rem 0.6rem; font: inherit; color: var(--ink); background: var(--paper); border: 1px solid var(--line); border-radius: 0.4rem; }
button { border: 0; padding: 0 1rem; background: var(--accent); color: var(--on-accent); font-weight: 600; cursor: pointer; }
.patterns { position: absolute; }
.legend { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; margin-bottom: 0.5rem; color: var(--faint); font-size: 0.875rem; }
.legend li { display: flex; align-items: center; gap: 0.4rem; }
.key { width: 1.75rem; height: 1rem; }
.resources > li { padding: 0.85rem 0; border-top: 1px solid var(--grid); }
.name { font-weight: 600; }
.resource h3 { font-weight: 400; }
.doing { color: var(--note); }
.tag { display: inline-block; padding: 0 0.5rem; border: 1px solid var(--line); border-radius: 1rem; font-size: 0.875rem; }
.tag.running { border-color: var(--running); } .tag.stopped { border-color: var(--stopped); }
.tag.starting, .tag.stopping, .tag.changing { border-color: var(--moving); }
.tag.recoverable, .tag.lost, .tag.gone { border-style: dashed; }
.tag.kept { border-color: var(--accent); color: var(--accent); }
.paused { border-color: var(--note); border-radius: 0.4rem; background: var(--note-ground); }
.strip { display: grid; grid-template-columns: 3.25rem 1fr; margin: 0.4rem 0; }
.lines { display: grid; grid-template-rows: 17px 21px; color: var(--faint); font-size: 0.75rem; line-height: 17px; }
.lines span:last-child { padding-top: 4px; }
.week { display: block; width: 100%; height: 38px; }
.days { grid-column: 2; display: grid; grid-template-columns: repeat(8, 1fr); color: var(--faint); font-size: 0.75rem; line-height: 1.2; }
.days li { padding-left: 0.15rem; overflow: hidden; }
.days .today { color: var(--ink); font-weight: 600; }
.midnight { stroke: var(--grid); } .now { stroke: var(--now); stroke-width: 2; }
rect.running { fill: var(--running); } rect.moving { fill: url(#hatch); } rect.stopped { fill: var(--stopped); }
rect.unknown { fill: url(#dots); } rect.gone { fill: var(--gone); }
.hatch-ground { fill: var(--moving-ground); } .hatch-line { fill: var(--moving); }
.dots-ground { fill: var(--unknown-ground); } .dots-dot { fill: var(--unknown); }
.foot { display: flex; flex-wrap: wrap; gap: 0 1rem; font-size: 0.9rem; }
.foot span { color: var(--faint); }
.pages { display: flex; gap: 1rem; justify-content: center; padding-top: 0.75rem; }
@media (max-width: 34rem) {
  header, main { padding-left: 0.75rem; padding-right: 0.75rem; }
  section { padding: 0.85rem; }
  .days span { display: block; }
  .filter label, .filter select, .filter input, .filter button { width: 100%; }
}
`;
