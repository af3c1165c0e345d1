import { describe, expect, it } from 'vitest';
import { EventReader, type ServerEvent } from '../../src/live/sse';

function read(...pieces: string[]): ServerEvent[] {
  const events: ServerEvent[] = [];
  const reader = new EventReader((event) => events.push(event));
  for (const piece of pieces) reader.push(piece);
  return events;
}

describe('server-sent events', () => {
  it('have an id, a type and data', () => {
    expect(read('id: 7\nevent: call\ndata: {"a":1}\n\n')).toEqual([{ id: '7', type: 'call', data: '{"a":1}' }]);
  });

  it('come in any pieces', () => {
    const text = 'id: 7\r\nevent: call\r\ndata: one\r\ndata: two\r\n\r\nid: 8\r\ndata: three\r\n\r\n';
    const whole = read(text);
    expect(whole.map((event) => event.data)).toEqual(['one\ntwo', 'three']);
    for (let cut = 1; cut < text.length; cut++) expect(read(text.slice(0, cut), text.slice(cut))).toEqual(whole);
    expect(read(...text)).toEqual(whole);
  });

  it('keep the last id for events without one', () => {
    expect(read('id: 7\ndata: a\n\nevent: partial\ndata: b\n\n').map((event) => event.id)).toEqual(['7', '7']);
  });

  it('are not made by comments, retries or empty ones', () => {
    expect(read(': nothing new\n\nretry: 1000\n\nevent: call\n\n')).toEqual([]);
  });

  it('wait for their end', () => {
    expect(read('data: half')).toEqual([]);
    expect(read('data: half\n')).toEqual([]);
  });
});
