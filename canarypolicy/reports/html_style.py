"""
The style sheet of the HTML page: light and dark, and readable in print and without colours.
"""

STYLE = """
:root { color-scheme: light dark;
  --ground: #ffffff; --text: #1c2329; --faint: #5b6670; --line: #d5dbe0; --panel: #f5f7f8;
  --advance: #1a7f4b; --hold: #a86a00; --rollback: #c22f2f; --trace: #2c6e9b; --band-a: #e6edf2; --band-b: #d3dfe7; }
@media (prefers-color-scheme: dark) { :root {
  --ground: #14191d; --text: #e4e9ed; --faint: #9aa6af; --line: #37424a; --panel: #1c2328;
  --advance: #4cc38a; --hold: #e0a53b; --rollback: #ff7b72; --trace: #7ab8e0; --band-a: #26313a; --band-b: #33424d; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 1.5rem; background: var(--ground); color: var(--text);
  font: 16px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.2rem; margin: 0; }
p { margin: .25rem 0; } .faint { color: var(--faint); } a { color: inherit; }
code, .name { font-family: ui-monospace, SFMono-Regular, Consolas, monospace; font-size: .875em; overflow-wrap: anywhere; }
.rollout { margin-top: 2rem; padding-top: 1.25rem; border-top: 1px solid var(--line); }
.outcome { display: inline-block; padding: 0 .6em; margin-left: .4em; border: 2px solid currentColor; border-radius: .3em; font-size: 1rem; }
.advance, .complete { color: var(--advance); } .hold, .holding { color: var(--hold); } .rollback, .rolled-back, .refused { color: var(--rollback); }
.chart { margin: 1rem 0; border: 1px solid var(--line); border-radius: .4em; padding: .5rem; background: var(--panel); }
.row { display: grid; grid-template-columns: 15rem minmax(0, 1fr); gap: .75rem; align-items: center; min-height: 1.75rem; }
.row + .row { border-top: 1px solid var(--line); }
.label small { display: block; color: var(--faint); font-size: .75rem; }
.lane { position: relative; height: 1.6rem; overflow: hidden; } .axis .lane { height: 1.2rem; font-size: .75rem; color: var(--faint); }
.lane > span { position: absolute; top: 0; bottom: 0; overflow: hidden; white-space: nowrap; font-size: .8rem; line-height: 1.6rem; padding: 0 .4em; }
.axis .lane > span { padding: 0; line-height: 1.2rem; overflow: visible; } .axis .lane > span.last { transform: translateX(-100%); }
.band:nth-child(odd) { background: var(--band-a); } .band:nth-child(even) { background: var(--band-b); }
.judged { border-left: 2px solid var(--panel); }
.judged.advance, .judged.complete { background: var(--advance); color: var(--ground); }
.judged.hold { background: repeating-linear-gradient(135deg, transparent 0 5px, color-mix(in srgb, var(--hold) 45%, transparent) 5px 8px); color: var(--text); }
.judged.rollback, .judged.refused { background: var(--rollback); color: var(--ground); }
.apart { border: 1px dashed var(--faint); color: var(--faint); }
svg { display: block; width: 100%; height: 2.5rem; }
svg .trace { fill: none; stroke: var(--trace); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
svg .edge { fill: none; stroke: var(--line); stroke-width: 1; vector-effect: non-scaling-stroke; }
svg .limit { stroke: var(--rollback); stroke-width: 1; stroke-dasharray: 5 4; vector-effect: non-scaling-stroke; }
svg .dot { fill: none; stroke: var(--trace); stroke-width: 3.5; stroke-linecap: round; vector-effect: non-scaling-stroke; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line); } td.num { white-space: nowrap; }
th { font-weight: 600; } td ul { margin: 0; padding-left: 1.1em; } td strong { font-weight: 600; }
@media (max-width: 40rem) { body { padding: .75rem; } .row { grid-template-columns: 1fr; gap: 0; padding: .25rem 0; }
  .axis .lane > span:nth-child(even) { display: none; } }
"""
