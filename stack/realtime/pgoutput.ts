/**
 * PostgreSQL's streaming replication messages with the output of its plugin
 * `pgoutput`, version 1: as much of them as inserted rows need.
 */

/** An inserted row: each column that was sent, in its text form. */
export type MessageRow = Partial<Record<string, string | null>>;

interface Relation {
  columns: string[];
}

const decoder = new TextDecoder();

/** Turns replication messages into rows and the answers that are due. */
export class PgOutputDecoder {
  readonly #relations = new Map<number, Relation>();
  readonly #onRow: (row: MessageRow) => void;

  constructor(onRow: (row: MessageRow) => void) {
    this.#onRow = onRow;
  }

  /** Reads one message; returns the answer to send if the server wants one. */
  read(message: Uint8Array): Uint8Array | null {
    const reader = new Reader(message);
    switch (reader.character()) {
      case "w": // WAL data: start, end, clock, then pgoutput's message
        reader.skip(24);
        this.#readChange(reader);
        return null;
      case "k": { // keepalive: end of WAL, clock, whether to answer
        const end = reader.int64();
        reader.skip(8);
        return reader.int8() === 1 ? statusUpdate(end) : null;
      }
      default:
        return null;
    }
  }

  #readChange(reader: Reader) {
    switch (reader.character()) {
      case "R": {
        const id = reader.int32();
        reader.string(); // schema
        reader.string(); // table
        reader.skip(1); // replica identity
        const columns = Array.from({ length: reader.int16() }, () => {
          reader.skip(1); // flags
          const name = reader.string();
          reader.skip(8); // type, type modifier
          return name;
        });
        this.#relations.set(id, { columns });
        return;
      }
      case "I": {
        const relation = this.#relations.get(reader.int32());
        if (!relation) return;
        reader.skip(3); // the letter N, the number of columns
        const row = relation.columns.map((name) => [name, reader.value()]);
        this.#onRow(Object.fromEntries(row));
      }
    }
  }
}

/** Tells the server that everything up to `end` has been dealt with. */
function statusUpdate(end: bigint): Uint8Array {
  const view = new DataView(new ArrayBuffer(34));
  view.setUint8(0, "r".charCodeAt(0));
  for (const offset of [1, 9, 17]) view.setBigInt64(offset, end);
  const microseconds = (Date.now() - Date.UTC(2000, 0, 1)) * 1000;
  view.setBigInt64(25, BigInt(microseconds));
  return new Uint8Array(view.buffer);
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(
      bytes.buffer,
      bytes.byteOffset,
      bytes.byteLength,
    );
  }

  skip(size: number): number {
    const start = this.#offset;
    this.#offset += size;
    return start;
  }

  int8(): number {
    return this.#view.getInt8(this.skip(1));
  }

  int16(): number {
    return this.#view.getInt16(this.skip(2));
  }

  int32(): number {
    return this.#view.getInt32(this.skip(4));
  }

  int64(): bigint {
    return this.#view.getBigInt64(this.skip(8));
  }

  character(): string {
    return String.fromCharCode(this.int8());
  }

  /** A string that ends with a zero byte. */
  string(): string {
    const end = this.#bytes.indexOf(0, this.#offset);
    const start = this.skip(end + 1 - this.#offset);
    return decoder.decode(this.#bytes.subarray(start, end));
  }

  /** A column's value; null, too, where pgoutput does not send it. */
  value(): string | null {
    if (this.character() !== "t") return null;
    const size = this.int32();
    const start = this.skip(size);
    return decoder.decode(this.#bytes.subarray(start, this.#offset));
  }
}
