/** The one stylesheet, inline in every page: light and dark, wide and narrow. */

export const STYLESHEET = `
:root {
  color-scheme: light dark;
  --bg: #fbfbfa; --panel: #fff; --text: #1c2024; --muted: #626a73; --line: #e2e4e7; --soft: #f2f3f4;
  --accent: #0b6bcb; --bad: #c62828; --bad-soft: #fdecea; --warn: #9a6700; --warn-soft: #fff4d6;
  --span: #5b6570; --generation: #7a3fc4; --tool: #0f766e; --agent: #b45309; --event: #64748b;
  --retriever: #0369a1; --chain: #475569; --evaluator: #be185d; --embedding: #4338ca; --guardrail: #a16207;
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --bg: #131517; --panel: #1a1d20; --text: #e6e8ea; --muted: #98a1ab; --line: #2c3136; --soft: #22262a;
    --accent: #6cb2ff; --bad: #ff7b72; --bad-soft: #3a1d1d; --warn: #e3b341; --warn-soft: #36290d;
    --span: #9aa4af; --generation: #c297ff; --tool: #4fd1c5; --agent: #f0a351; --event: #94a3b8;
    --retriever: #5bb8f0; --chain: #a3b0c0; --evaluator: #f472b6; --embedding: #a5a0ff; --guardrail: #e0b643;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--text); font: 15px/1.5 system-ui, "Segoe UI", Roboto, sans-serif; }
a { color: var(--accent); text-decoration: none; }
a:hover, a:focus-visible { text-decoration: underline; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
header { border-bottom: 1px solid var(--line); background: var(--panel); }
header > p, main { max-width: 76rem; margin: 0 auto; padding: 0 1.25rem; }
header > p { padding-block: .7rem; display: flex; gap: .6rem; align-items: baseline; }
header a { font-weight: 650; color: inherit; }
header span { color: var(--muted); font-size: .87rem; }
main { padding-block: 1.4rem 4rem; }
h1 { font-size: 1.45rem; line-height: 1.25; margin: 0 0 .3rem; overflow-wrap: anywhere; }
h2 { font-size: 1.02rem; margin: 1.9rem 0 .6rem; }
.muted, caption { color: var(--muted); }
.mono, pre, code { font-family: var(--mono); font-size: .82rem; }
td.none { color: var(--muted); }
.bad { color: var(--bad); font-weight: 600; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 8px; background: var(--panel); }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; padding: .6rem .9rem; font-size: .87rem; }
th, td { text-align: left; padding: .5rem .9rem; border-top: 1px solid var(--line); vertical-align: top; }
thead th { font-size: .78rem; font-weight: 600; color: var(--muted); white-space: nowrap; }
tbody th { font-weight: 500; min-width: 12rem; overflow-wrap: anywhere; }
td.mono { min-width: 10rem; overflow-wrap: anywhere; }
.traces thead th:first-child { width: 26%; }
tbody tr:hover { background: var(--soft); }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.facts .estimate { text-decoration: underline dotted var(--muted); text-underline-offset: .2em; }
time { font-variant-numeric: tabular-nums; }
time span { white-space: nowrap; }
td time { white-space: nowrap; }
.sub { display: block; font-size: .8rem; font-weight: 400; color: var(--muted); }
.chip { display: inline-block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; padding: 0 .45rem; margin: 0 .2rem .2rem 0; border-radius: 99px; background: var(--soft);
  border: 1px solid var(--line); font-size: .8rem; max-width: 22rem; }
.chip b { font-weight: 650; font-variant-numeric: tabular-nums; }
nav.pages { display: flex; gap: 1.2rem; align-items: baseline; margin-top: 1rem; }
dl.facts { display: flex; flex-wrap: wrap; gap: .5rem 2rem; margin: .9rem 0 0; }
dl.facts dt { font-size: .78rem; color: var(--muted); }
dl.facts dd { margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.tree { border: 1px solid var(--line); border-radius: 8px; background: var(--panel); padding: .3rem; overflow-x: auto; }
.tree ul { list-style: none; margin: 0; padding: 0 0 0 1.1rem; }
.tree > ul, .tree ul.flat { padding-left: 0; }
.tree ul ul { border-left: 1px solid var(--line); margin-left: .8rem; padding-left: .4rem; }
.tree ul ul.flat { border-left: 0; margin-left: 0; }
details > summary { cursor: pointer; }
.node { border-radius: 6px; }
.node > summary { display: grid; grid-template-columns: 1fr 9rem 5.6rem 6.4rem; gap: 0 .9rem; align-items: center;
  padding: .3rem .5rem; border-radius: 6px; list-style: none; min-width: 19rem; }
.node > summary::-webkit-details-marker { display: none; }
.node > summary:hover { background: var(--soft); }
.node[open] > summary { background: var(--soft); }
.node .title { min-width: 0; overflow-wrap: anywhere; }
.node .title::before { content: "\\25B8"; display: inline-block; width: .9rem; color: var(--muted); font-size: .75rem; }
.node[open] .title::before { content: "\\25BE"; }
.node .title .name { font-weight: 550; }
.node .inside { padding: .4rem .5rem .8rem 1.5rem; }
.node.error > summary { background: var(--bad-soft); box-shadow: inset 3px 0 var(--bad); }
.node.warning > summary { background: var(--warn-soft); box-shadow: inset 3px 0 var(--warn); }
.message { white-space: pre-wrap; overflow-wrap: anywhere; font-size: .85rem; }
.node.error .message { color: var(--bad); }
.node.warning .message { color: var(--warn); }
.summary-message { grid-column: 1 / -1; padding-left: .9rem; }
.badge { display: inline-block; font-size: .68rem; font-weight: 700; letter-spacing: .03em; padding: .05rem .38rem;
  border-radius: 4px; margin-right: .35rem; color: var(--span); border: 1px solid currentColor; vertical-align: 1px; }
.badge.level { background: var(--bad); color: var(--panel); border-color: var(--bad); margin: 0 0 0 .4rem; }
.badge.level.WARNING { background: var(--warn); border-color: var(--warn); }
.badge.level.DEBUG { background: transparent; color: var(--muted); border-color: var(--line); }
${['generation', 'tool', 'agent', 'event', 'retriever', 'chain', 'evaluator', 'embedding', 'guardrail']
  .map((type) => `.badge.${type.toUpperCase()}, .bar.${type.toUpperCase()} { color: var(--${type}); }`)
  .join('\n')}
.bar { display: block; width: 100%; height: 9px; background: var(--soft); border-radius: 3px; color: var(--span); }
.bar rect { fill: currentColor; }
.node.error .bar { color: var(--bad); }
.node > summary:hover .bar, .node[open] > summary .bar { background: var(--line); }
.payload { margin: .5rem 0; border: 1px solid var(--line); border-radius: 6px; background: var(--bg); }
.payload > summary { padding: .3rem .7rem; font-size: .83rem; font-weight: 600; }
.payload > summary span { font-weight: 400; color: var(--muted); margin-left: .4rem; }
.payload pre, .chat pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; tab-size: 2; }
.payload > pre, .payload > .note, .payload > .chat { padding: .6rem .7rem; border-top: 1px solid var(--line); }
.payload > pre, .payload > .chat { max-height: 34rem; overflow-y: auto; }
.note { margin: 0; font-size: .83rem; color: var(--muted); }
.chat { display: grid; gap: .6rem; }
.chat > div { border-left: 3px solid var(--line); padding-left: .65rem; }
.chat .role { margin: 0; font-size: .75rem; font-weight: 650; color: var(--muted); }
.chat .user { border-color: var(--accent); }
.chat .assistant { border-color: var(--generation); }
.chat .tool, .chat .function { border-color: var(--tool); }
.chat details > summary { font-size: .83rem; color: var(--muted); }
.chat pre { font: inherit; font-size: .88rem; }
.chat pre.code { font-family: var(--mono); font-size: .8rem; }
pre img { display: block; max-width: min(100%, 26rem); max-height: 20rem; margin: .25rem 0; border: 1px solid var(--line); border-radius: 6px; }
.empty { border: 1px dashed var(--line); border-radius: 8px; padding: 1.4rem 1.6rem; background: var(--panel); margin-top: 1rem; }
.empty h2:first-child { margin-top: 0; }
.empty pre { background: var(--soft); border-radius: 6px; padding: .8rem 1rem; overflow-x: auto; }
@media (max-width: 46rem) {
  body { font-size: 14px; }
  header > p, main { padding-inline: .8rem; }
  th, td { padding: .45rem .5rem; }
  .minor { display: none; }
  tbody th { min-width: 7rem; }
  td time, .traces .number { white-space: normal; }
  .traces th, .traces td { padding-inline: .35rem; font-size: .85rem; }
  .traces .sub { font-size: .75rem; }
  .node > summary { grid-template-columns: 1fr auto; min-width: 0; }
  .node .bar, .node .tokens { display: none; }
  .node .inside { padding-left: .5rem; }
  .tree ul { padding-left: .35rem; }
  .tree ul ul { margin-left: .4rem; }
  dl.facts { gap: .5rem 1.3rem; }
}
`;
