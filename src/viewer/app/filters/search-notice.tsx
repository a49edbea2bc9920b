/** Says how far a search came that had no time to read everything, and lets it go on. */

import { fullTime } from '../ui/format.js';
import { searchFurther } from './filter-state.js';

interface SearchNoticeProps {
  /** Start of the oldest traces that were searched; null: all were. */
  searchedFromUs: number | null;
  /** Whether the search is the one in the page's filters. */
  canGoOn?: boolean;
}

export function SearchNotice({ searchedFromUs, canGoOn = true }: SearchNoticeProps) {
  if (searchedFromUs === null) return null;
  return (
    <p class="notice" role="status">
      The search went back to {fullTime(searchedFromUs)}. Older traces may match too.{' '}
      {canGoOn && (
        <button type="button" class="link-button" onClick={searchFurther}>
          Search further back
        </button>
      )}
    </p>
  );
}
