/** The `Buffer` of npm, which does not know base64url. */
import { Buffer as NpmBuffer } from "buffer";

export const Buffer = {
  from: (text, encoding) =>
    encoding === "base64url"
      ? NpmBuffer.from(text.replace(/-/g, "+").replace(/_/g, "/"), "base64")
      : NpmBuffer.from(text),
};
