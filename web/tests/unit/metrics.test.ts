import { expect, it } from 'vitest';
import { readMetrics, spread, total } from '../../src/domain/metrics';

const text = `# HELP x help
# TYPE x counter
x_total{outcome="ok",path="a\\"b"} 7
x_total{outcome="failed"} 1
y_seconds_bucket{le="0.1"} 2
y_seconds_bucket{le="0.5"} 8
y_seconds_bucket{le="+Inf"} 10
y_seconds_sum 4
y_seconds_count 10
nonsense
`;

it('reads names, labels and values', () => {
  const samples = readMetrics(text);
  expect(samples).toHaveLength(7);
  expect(samples[0]).toEqual({ name: 'x_total', labels: { outcome: 'ok', path: 'a"b' }, value: 7 });
  expect(total(samples, 'x_total')).toBe(8);
  expect(total(samples, 'x_total', { outcome: 'failed' })).toBe(1);
  expect(total(samples, 'z_total')).toBeUndefined();
});

it('finds the middle and the tail of a histogram', () => {
  const found = spread(readMetrics(text), 'y_seconds')!;
  expect(found.count).toBe(10);
  expect(found.mean).toBeCloseTo(0.4);
  expect(found.p50).toBeCloseTo(0.3);
  expect(found.p95).toBe(0.5);
  expect(spread(readMetrics(''), 'y_seconds')).toBeUndefined();
});
