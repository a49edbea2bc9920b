import { describe, expect, it } from 'vitest';
import { beginUpdate, createNews, wroteOther, wroteRoot } from '../../../src/tracing/trace-news.js';

describe('the time of an update', () => {
  it('is after the millisecond that a server reads from a span, which is written in microseconds', () => {
    const news = createNews(true, false, 1000);
    wroteRoot(news, { startTime: 1000, version: null });
    wroteOther(news, { startTime: 1000.9996, version: null });
    expect(beginUpdate(news)).toBe(1002);
  });
});
