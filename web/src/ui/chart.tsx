// A number over the days after the operation, with the line it must not cross. The same as a table beside it, for
// those who do not see the picture or want the numbers.
import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Point } from '../domain/facts';

interface ChartProps {
  title: string;
  points: Point[];
  /** Of the axis, at least; it grows with the points. */
  low: number;
  high: number;
  threshold: number;
  thresholdText: string;
  say: (value: number) => string;
  tick: (value: number) => string;
}

const height = 220;
const margin = { top: 16, right: 18, bottom: 34, left: 46 };

function useWidth()  {
  const box = useRef<HTMLElement>(null);
  const [width, setWidth] = useState(480);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = () => setWidth(Math.max(240, element.clientWidth));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [box, width] as const;
}


export function DayChart(props: ChartProps) {
  const [box, width] = useWidth();
  const id = useId();
  const { points, threshold } = props;
  const days = points.map((point) => point.day);
  const firstDay = Math.min(0, ...days);
  const lastDay = Math.max(7, ...days);
  const values = points.map((point) => point.value);
  const x = scaleLinear([firstDay, lastDay], [margin.left, width - margin.right]);
  const y = scaleLinear([Math.min(props.low, ...values), Math.max(props.high, ...values)], [height - margin.bottom, margin.top]);
  const path = line<Point>((point) => x(point.day), (point) => y(point.value))(points);
  const isOver = (point: Point) => point.value >= threshold;
  const last = points[points.length - 1];
  const summary = last
    ? `${props.title}: ${points.length} ${points.length === 1 ? 'reading' : 'readings'}, the last ${props.say(last.value)} on day ${last.day}. ${props.thresholdText}.`
    : `${props.title}: no readings yet.`;
  return (
    <figure class="chart" ref={box}>
      <figcaption id={id}>
        <strong>{props.title}</strong>
        <span class="hint">{last ? `last ${props.say(last.value)}, day ${last.day}` : 'no readings yet'}</span>
      </figcaption>
      <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={summary}>
        <rect class="chart-danger" x={margin.left} y={margin.top} width={width - margin.left - margin.right} height={Math.max(0, y(threshold) - margin.top)} />
        {y.ticks(4).map((value) => (
          <g key={value}>
            <line class="chart-grid" x1={margin.left} x2={width - margin.right} y1={y(value)} y2={y(value)} />
            <text class="chart-text" x={margin.left - 8} y={y(value) + 5} text-anchor="end">
              {props.tick(value)}
            </text>
          </g>
        ))}
        {x.ticks(Math.min(8, lastDay - firstDay)).filter(Number.isInteger).map((day) => (
          <text key={day} class="chart-text" x={x(day)} y={height - 10} text-anchor="middle">
            {day}
          </text>
        ))}
        <line class="chart-threshold" x1={margin.left} x2={width - margin.right} y1={y(threshold)} y2={y(threshold)} />
        <text class="chart-threshold-text" x={width - margin.right} y={y(threshold) - 6} text-anchor="end">
          {props.thresholdText}
        </text>
        {path && <path class="chart-line" d={path} />}
        {points.map((point) =>
          isOver(point) ? (
            <path key={point.callId} class="chart-point over" d={`M${x(point.day)} ${y(point.value) - 8}l8 8-8 8-8-8z`} />
          ) : (
            <circle key={point.callId} class="chart-point" cx={x(point.day)} cy={y(point.value)} r={5.5} />
          ),
        )}
      </svg>
      <p class="chart-axis" aria-hidden="true">
        days after the operation
      </p>
      {points.length > 0 && (
        <details class="chart-table">
          <summary>{props.title} as a table</summary>
          <table class="table">
            <thead>
              <tr>
                <th scope="col">Day</th>
                <th scope="col">Reading</th>
                <th scope="col">Over the line</th>
              </tr>
            </thead>
            <tbody>
              {points.map((point) => (
                <tr key={point.callId}>
                  <td>{point.day}</td>
                  <td>{props.say(point.value)}</td>
                  <td>{isOver(point) ? 'yes' : 'no'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      )}
    </figure>
  );
}
