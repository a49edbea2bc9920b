/** Renders an observation of the tree: a summary line, and all details when it is opened. */

import { dollars, figure, howOfCost, howOfUsage, tokens } from './estimate.js';
import { duration, time } from './format.js';
import { type Html, html } from './html.js';
import { payloadDetails } from './payload.js';
import type { ObservationView } from './views.js';

/** The time range of the bars of all observations. */
interface TimeRange {
  startUs: number;
  endUs: number;
}

export function observationNode(traceId: string, observation: ObservationView, range: TimeRange): Html {
  const { level, startUs, endUs, model, statusMessage, estimate } = observation;
  const base = `/trace/${encodeURIComponent(traceId)}/${encodeURIComponent(observation.id)}`;
  // An event has no duration.
  const lasted = observation.type === 'EVENT' ? '' : duration(endUs === null ? null : endUs - startUs);
  const levelClass = level === 'ERROR' ? ' error' : level === 'WARNING' ? ' warning' : '';
  return html`<details class="node${levelClass}" id="o-${observation.id}">
<summary>
<span class="title"><span class="badge ${observation.type}">${observation.type}</span><span class="name">${observation.name || 'unnamed'}</span>${
    model !== null && html` <span class="muted">${model}</span>`
  }${level !== 'DEFAULT' && html`<span class="badge level ${level}">${level}</span>`}</span>
${bar(observation, range)}
<span class="number">${lasted}</span>
<span class="number tokens muted">${observation.totalTokens !== null && tokens(observation.totalTokens, howOfUsage(estimate), ' tok')}</span>
${statusMessage !== null && html`<span class="message summary-message">${statusMessage.slice(0, 300)}</span>`}
</summary>
<div class="inside">
${statusMessage !== null && statusMessage.length > 300 && html`<p class="message">${statusMessage.slice(0, 20_000)}</p>`}
${facts(observation)}
${payloadDetails('Input', observation.input, `${base}/input`, true)}
${payloadDetails('Output', observation.output, `${base}/output`, true)}
${payloadDetails('Metadata', observation.metadata, `${base}/metadata`, false)}
</div>
</details>`;
}

function facts(observation: ObservationView): Html {
  const { startUs, completionStartUs, promptName, promptVersion, estimate } = observation;
  const usage = pairs(observation.usageDetails);
  const unknown = ['GENERATION', 'EMBEDDING'].includes(observation.type) ? 'unknown' : null;
  const notGiven = [howOfUsage(estimate), howOfCost(estimate)].filter((how) => how !== undefined);
  const entries: [string, Html | string | null][] = [
    ['Start', time(startUs)],
    ['First token', completionStartUs === null ? null : duration(completionStartUs - startUs)],
    ['Model', observation.model],
    ['Parameters', pairs(observation.modelParameters)],
    ['Usage', usage === null ? unknown : figure(usage, howOfUsage(estimate))],
    ['Cost', observation.totalCost === null ? unknown : dollars(observation.totalCost, howOfCost(estimate))],
    ['Not given', notGiven.length === 0 ? null : notGiven.map(capitalized).join('. ')],
    [
      'Prompt',
      promptName === null ? null : `${promptName}${promptVersion === null ? '' : ` v${promptVersion}`}`,
    ],
    ['Version', observation.version],
    ['Id', html`<span class="mono">${observation.id}</span>`],
  ];
  const known = entries.filter(([, value]) => value !== null);
  return html`<dl class="facts">${known.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `{"input":3,"output":5}` as `input 3, output 5`. */
function pairs(json: string | null): string | null {
  if (json === null) return null;
  try {
    const entries = Object.entries(JSON.parse(json) as Record<string, unknown>);
    const text = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value) : String(value));
    return entries
      .map(([key, value]) => `${key} ${text(value)}`)
      .join(', ')
      .slice(0, 500);
  } catch {
    return json.slice(0, 500);
  }
}

/** An SVG, because the policy allows no style attributes, which a positioned element would need. */
function bar({ type, startUs, endUs }: ObservationView, range: TimeRange): Html {
  const total = Math.max(1, range.endUs - range.startUs);
  const scale = (micros: number) =>
    Math.round(Math.min(1, Math.max(0, (micros - range.startUs) / total)) * 1000);
  const x = Math.min(scale(startUs), 994);
  const width = Math.max(6, scale(endUs ?? startUs) - x);
  return html`<svg class="bar ${type}" viewBox="0 0 1000 9" preserveAspectRatio="none" aria-hidden="true"><rect x="${x}" width="${width}" height="9"/></svg>`;
}
