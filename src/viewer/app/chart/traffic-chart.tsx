/** The chart over the list of traces. */

import { series } from '../list/list-state.js';
import { SeriesChart } from './series-chart.js';

export function TrafficChart() {
  return <SeriesChart data={series.value} noun="trace" />;
}
