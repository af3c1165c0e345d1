// Server-sent events out of a byte stream (WHATWG HTML, section 9.2). Our own reader instead of EventSource, which
// cannot send the reader's key.

export interface ServerEvent {
  id: string;
  type: string;
  data: string;
}

/** Feed it text as it comes, cut anywhere; it calls back for each whole event. */
export class EventReader {
  private rest = '';
  private type = '';
  private data: string[] = [];
  lastId = '';

  constructor(private readonly onEvent: (event: ServerEvent) => void) {}

  push(text: string): void {
    this.rest += text;
    // A lone \r at the end may be half of \r\n: wait for the next piece.
    let found: RegExpExecArray | null;
    while ((found = /\r\n|\n|\r(?!$)/.exec(this.rest))) {
      this.line(this.rest.slice(0, found.index));
      this.rest = this.rest.slice(found.index + found[0].length);
    }
  }

  private line(text: string): void {
    if (text === '') return this.dispatch();
    if (text.startsWith(':')) return;
    const colon = text.indexOf(':');
    const field = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? '' : text.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') this.data.push(value);
    else if (field === 'event') this.type = value;
    else if (field === 'id' && !value.includes('\0')) this.lastId = value;
  }

  private dispatch(): void {
    if (this.data.length)
      this.onEvent({ id: this.lastId, type: this.type || 'message', data: this.data.join('\n') });
    this.type = '';
    this.data = [];
  }
}
