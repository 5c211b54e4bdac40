/**
 * The part of smtp-server that this project uses. Its published types bring
 * those of Node, which contradict Deno's.
 */

interface Session {
  envelope: {
    mailFrom: { address: string } | false;
    rcptTo: { address: string }[];
  };
}

type Done = (error: Error | null, response?: { user: string }) => void;

interface Options {
  /** Allow a password on a connection without TLS. */
  allowInsecureAuth?: boolean;
  disabledCommands?: string[];
  onAuth?(
    credentials: { username?: string; password?: string },
    session: Session,
    done: Done,
  ): void;
  onData?(
    stream: AsyncIterable<Uint8Array>,
    session: Session,
    done: Done,
  ): void;
}

/** A server for mail. */
export class SMTPServer {
  constructor(options: Options);
  readonly server: { address(): { port: number } };
  listen(port: number, host: string, listening: () => void): void;
  close(closed: () => void): void;
}
