/** The panel of filters: values with counts, ranges, scores, metadata. */

import type { ComponentChildren } from 'preact';
import type { RangeFilter, ValueFilter } from '../../data/filters.js';
import { boundName } from '../../data/filters.js';
import type { FacetValue, ScoreFacet } from '../../data/list.js';
import { facets } from '../list/list-state.js';
import { shortCount } from '../ui/format.js';
import { query } from '../ui/router.js';
import { LABELS } from './filter-names.js';
import { hasFilter, setFilter, sort, sortWorstFirst, toggleFilter } from './filter-state.js';

/** More are behind "more": nobody reads a list of 50 names. */
const FIRST_VALUES = 6;

export function FilterPanel() {
  const values = facets.value?.values;
  return (
    <nav class="filters" aria-label="Filters">
      <Section title="Feedback">
        <Presence
          name="feedback"
          label="With or without feedback of a person"
          choices={['All', 'With', 'Without']}
        />
      </Section>
      <ScoreSection scores={facets.value?.scores ?? []} />
      <ValueSection name="level" values={values?.level} />
      <ValueSection name="name" values={values?.name} />
      <ValueSection name="model" values={values?.model} />
      <ValueSection name="type" values={values?.type} />
      <ValueSection name="tool" values={values?.tool} />
      <ValueSection name="failedTool" values={values?.failedTool} />
      <ValueSection name="tag" values={values?.tag} />
      <ValueSection name="user" values={values?.user} />
      <ValueSection name="session" values={values?.session} />
      <ValueSection name="environment" values={values?.environment} />
      <ValueSection name="release" values={values?.release} />
      <ValueSection name="version" values={values?.version} />
      <Section title="Ranges">
        <Range name="duration" />
        <Range name="tokens" />
        <Range name="cost" />
      </Section>
      <Section title="More">
        <TextFilter name="status" placeholder="timeout" />
        <MetadataFilter />
      </Section>
    </nav>
  );
}

function Section({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <details class="facet" open>
      <summary>{title}</summary>
      {children}
    </details>
  );
}

/** A value that is set is shown even if no trace has it, so that it can be unset. */
function withChosen(name: ValueFilter, values: readonly FacetValue[]): FacetValue[] {
  const missing = query.value.getAll(name).filter((chosen) => values.every(({ value }) => value !== chosen));
  return [...missing.map((value) => ({ value, count: 0 })), ...values];
}

function ValueSection({ name, values = [] }: { name: ValueFilter; values: FacetValue[] | undefined }) {
  const all = withChosen(name, values);
  if (all.length === 0) return null;
  const [first, rest] = [all.slice(0, FIRST_VALUES), all.slice(FIRST_VALUES)];
  const render = (facet: FacetValue) => (
    <Choice
      key={facet.value}
      label={facet.value}
      count={facet.count}
      checked={hasFilter(name, facet.value)}
      onChange={() => toggleFilter(name, facet.value)}
    />
  );
  return (
    <Section title={LABELS[name] ?? name}>
      <ul>{first.map(render)}</ul>
      {rest.length > 0 && (
        <details class="more">
          <summary>{rest.length} more</summary>
          <ul>{rest.map(render)}</ul>
        </details>
      )}
    </Section>
  );
}

interface ChoiceProps {
  label: string;
  count: number;
  checked: boolean;
  onChange(): void;
}

function Choice({ label, count, checked, onChange }: ChoiceProps) {
  return (
    <li>
      <label title={label}>
        <input type="checkbox" checked={checked} onChange={onChange} />
        <span class="value">{label}</span>
        <span class="facet-count">{shortCount(count)}</span>
      </label>
    </li>
  );
}

function ScoreSection({ scores }: { scores: readonly ScoreFacet[] }) {
  const scored = query.value.get('scored');
  if (scores.length === 0 && scored === null) return null;
  return (
    <Section title="Scores">
      {scores.map((score) => (
        <ScoreGroup key={score.name} score={score} />
      ))}
      <Presence name="scored" label="With or without scores" choices={['All', 'Scored', 'Not scored']} />
    </Section>
  );
}

interface PresenceProps {
  name: string;
  label: string;
  /** For all, yes and no. */
  choices: readonly [string, string, string];
}

function Presence({ name, label, choices }: PresenceProps) {
  const chosen = query.value.get(name);
  return (
    <div class="segments" role="group" aria-label={label}>
      {[null, 'yes', 'no'].map((value, at) => (
        <button
          key={choices[at]}
          type="button"
          aria-pressed={chosen === value}
          onClick={() => setFilter(name, value)}
        >
          {choices[at]}
        </button>
      ))}
    </div>
  );
}

/** With or without a score of one name. */
function ScorePresence({ name }: { name: string }) {
  return (
    <>
      {(
        [
          ['score', 'with'],
          ['unscored', 'without'],
        ] as const
      ).map(([filter, label]) => (
        <button
          key={filter}
          type="button"
          class="link-button"
          aria-label={`${label} ${name}`}
          aria-pressed={hasFilter(filter, name)}
          onClick={() => toggleFilter(filter, name)}
        >
          {label}
        </button>
      ))}
    </>
  );
}

function ScoreGroup({ score: { name, values, min, max } }: { score: ScoreFacet }) {
  const isNumeric = min !== null && max !== null;
  return (
    <div class="score-facet">
      <p>
        <span class="value" title={name}>
          {name}
        </span>
        {isNumeric && (
          <button
            type="button"
            class="link-button"
            aria-pressed={sort.value === `score:${name}`}
            onClick={() => sortWorstFirst(name)}
          >
            worst first
          </button>
        )}
      </p>
      <p class="score-presence">
        <ScorePresence name={name} />
      </p>
      <ul>
        {values.map(({ value, count }) => (
          <Choice
            key={value}
            label={value}
            count={count}
            checked={hasFilter('score', `${name}=${value}`)}
            onChange={() => toggleFilter('score', `${name}=${value}`)}
          />
        ))}
      </ul>
      {isNumeric && values.length === 0 && <ScoreRange name={name} min={min} max={max} />}
    </div>
  );
}

function ScoreRange({ name, min, max }: { name: string; min: number; max: number }) {
  const bound = (operator: string) =>
    query.value
      .getAll('score')
      .find((text) => text.startsWith(name + operator))
      ?.slice(name.length + operator.length) ?? '';
  const change = (operator: string, value: string) => {
    const old = bound(operator);
    if (old !== '') toggleFilter('score', `${name}${operator}${old}`);
    if (value !== '') toggleFilter('score', `${name}${operator}${value}`);
  };
  return (
    <div class="range">
      <NumberInput
        label={`${name} from`}
        placeholder={String(min)}
        value={bound('>=')}
        onChange={(v) => change('>=', v)}
      />
      <span>to</span>
      <NumberInput
        label={`${name} up to`}
        placeholder={String(max)}
        value={bound('<=')}
        onChange={(v) => change('<=', v)}
      />
    </div>
  );
}

interface NumberInputProps {
  label: string;
  placeholder: string;
  value: string;
  onChange(value: string): void;
}

function NumberInput({ label, placeholder, value, onChange }: NumberInputProps) {
  return (
    <input
      type="number"
      step="any"
      aria-label={label}
      placeholder={placeholder}
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  );
}

function Range({ name }: { name: RangeFilter }) {
  const [min, max] = [boundName('min', name), boundName('max', name)];
  return (
    <div>
      <p class="range-name">{LABELS[name]}</p>
      <div class="range">
        <NumberInput
          label={LABELS[min] ?? min}
          placeholder="from"
          value={query.value.get(min) ?? ''}
          onChange={(value) => setFilter(min, value)}
        />
        <span>to</span>
        <NumberInput
          label={LABELS[max] ?? max}
          placeholder="up to"
          value={query.value.get(max) ?? ''}
          onChange={(value) => setFilter(max, value)}
        />
      </div>
    </div>
  );
}

function TextFilter({ name, placeholder }: { name: string; placeholder: string }) {
  return (
    <label class="text-filter">
      {LABELS[name]}
      <input
        type="text"
        placeholder={placeholder}
        value={query.value.get(name) ?? ''}
        onChange={({ currentTarget }) => setFilter(name, currentTarget.value)}
      />
    </label>
  );
}

function MetadataFilter() {
  const add = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const data = new FormData(form);
    const [key, value] = [String(data.get('key') ?? ''), String(data.get('value') ?? '')];
    if (key === '' || key.includes('=')) return;
    toggleFilter('metadata', `${key}=${value}`);
    form.reset();
  };
  return (
    <form class="text-filter" onSubmit={add}>
      <span>Metadata</span>
      <div class="range">
        <input type="text" name="key" aria-label="Metadata key" placeholder="key" />
        <span>=</span>
        <input type="text" name="value" aria-label="Metadata value" placeholder="value" />
      </div>
      <button type="submit">Add</button>
    </form>
  );
}
