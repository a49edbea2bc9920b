/** Icons, as paths of 16 by 16. Those of observations are by type. */

const PATHS = {
  trace: 'M1 5c3-3 4 3 7 0s4 3 7 0M1 11c3-3 4 3 7 0s4 3 7 0',
  SPAN: 'M2 8h12M2 5v6M14 5v6',
  GENERATION: 'M8 1.5l1.6 4.9 4.9 1.6-4.9 1.6L8 14.5l-1.6-4.9L1.5 8l4.9-1.6z',
  EVENT: 'M9 1.5L3.5 9H8l-1 5.5L12.5 7H8z',
  TOOL: 'M10 2a4 4 0 0 0-3.6 5.6L2 12l2 2 4.4-4.4A4 4 0 0 0 14 5l-2.3 2.3-2.5-.5-.5-2.5L11 2z',
  AGENT: 'M3 6h10v7H3zM8 6V3M8 2.5v.5M6 9v1M10 9v1M1.5 9v2M14.5 9v2',
  CHAIN: 'M6.5 9.5l3-3M7 5l1.5-1.5a2.5 2.5 0 0 1 4 4L11 9M9 11l-1.500 1.500a2.500 2.500 0 0 1-4-4L5 7',
  RETRIEVER: 'M7 2.500a4.500 4.500 0 1 0 0 9 4.500 4.500 0 0 0 0-9zM10.500 10.500L14 14',
  EMBEDDING:
    'M3 3h2v2H3zM7 3h2v2H7zM11 3h2v2h-2zM3 7h2v2H3zM7 7h2v2H7zM11 7h2v2h-2zM3 11h2v2H3zM7 11h2v2H7zM11 11h2v2h-2z',
  EVALUATOR: 'M8 2v12M4 14h8M3 4h10M3 4l-2 5h4zM13 4l-2 5h4z',
  GUARDRAIL: 'M8 1.500l5.500 2v4.500c0 3.500-2.500 5.500-5.500 6.500-3-1-5.500-3-5.500-6.500V3.500z',
  copy: 'M5 5V2.500h8.500V11H11M2.500 5H11v8.500H2.500z',
  check: 'M2.500 8.500l3.500 3.500 7.500-8',
  close: 'M3.500 3.500l9 9M12.500 3.500l-9 9',
  right: 'M6 3.500L10.500 8 6 12.500',
  down: 'M3.500 6L8 10.500 12.500 6',
  filter: 'M2 3h12l-4.500 5.500V13l-3-1.500v-3z',
  columns: 'M2 3h12v10H2zM6 3v10M10 3v10',
  search: 'M7 2.500a4.500 4.500 0 1 0 0 9 4.500 4.500 0 0 0 0-9zM10.500 10.500L14 14',
  comment: 'M2 3h12v8H7.500L4.500 13.500V11H2z',
  thumb: 'M2 7.500h2.500v6H2zM4.500 8L7 2.500c2 0 1.500 2 1 4h4.500l1 1-1.500 6h-7.500',
  download: 'M8 2v8M4.500 7L8 10.500 11.500 7M2.500 13.500h11',
  pause: 'M5 3v10M11 3v10',
  play: 'M4.500 2.500L13 8l-8.500 5.500z',
  back: 'M10 3.500L5.500 8l4.500 4.500',
  upload: 'M8 10.500v-8M4.500 5.500L8 2l3.500 3.500M2.500 13.500h11',
  error: 'M8 1.500L15 14H1zM8 6v4M8 11.500v.800',
} as const;

type IconName = keyof typeof PATHS;

export function Icon({ name, class: className = '' }: { name: IconName; class?: string }) {
  return (
    <svg class={`icon ${className}`} viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** Types are Langfuse's. An unknown one looks like a span. */
export function TypeIcon({ type }: { type: string }) {
  const name = Object.hasOwn(PATHS, type) ? (type as IconName) : 'SPAN';
  return <Icon name={name} class={`type ${typeClass(type)}`} />;
}

/** A class for the colour of a type; hostile types have none. */
export function typeClass(type: string): string {
  return /^[A-Z]{1,20}$/.test(type) ? `type-${type.toLowerCase()}` : '';
}
