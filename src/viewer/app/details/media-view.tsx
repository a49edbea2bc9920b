/** Pictures and sound inline; other media as links to this server; addresses of other servers as text. */

import { type Medium, mediumOf, withReferences } from './media.js';

export function MediaView({ source }: { source: string }) {
  const medium = mediumOf(source);
  if (medium !== null) return <MediumView medium={medium} />;
  // Shown, not fetched: the server of the address would hear who reads.
  return <p class="address mono">{source.length > 300 ? `${source.slice(0, 300)}…` : source}</p>;
}

function MediumView({ medium }: { medium: Medium }) {
  const { kind, url, label } = medium;
  if (kind === 'image') {
    return (
      <figure class="medium">
        <img src={url} alt={label} loading="lazy" />
        <figcaption>{label}</figcaption>
      </figure>
    );
  }
  if (kind === 'audio') {
    return (
      <figure class="medium">
        {/* biome-ignore lint/a11y/useMediaCaption: a recording of a trace has no captions */}
        <audio controls preload="none" src={url} />
        <figcaption>{label}</figcaption>
      </figure>
    );
  }
  return (
    <a href={url} target="_blank" rel="noreferrer noopener">
      {label}
    </a>
  );
}

/** A text in which references to media are shown as what they refer to. */
export function TextWithMedia({ text }: { text: string }) {
  return (
    <>
      {withReferences(text).map((part, index) =>
        typeof part === 'string' ? part : <MediumView key={index} medium={part} />,
      )}
    </>
  );
}
