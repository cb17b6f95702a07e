/** What Node's own client calls these failures; `errorFromNetwork` reads them. */
type HttpErrorCode =
  | "HPE_INVALID_CONSTANT"
  | "HPE_INVALID_HEADER_TOKEN"
  | "HPE_INVALID_CONTENT_LENGTH"
  | "HPE_UNEXPECTED_CONTENT_LENGTH"
  | "HPE_INVALID_TRANSFER_ENCODING"
  | "HPE_INVALID_CHUNK_SIZE"
  | "HPE_INVALID_UPGRADE"
  | "HPE_CLOSED_CONNECTION"
  | "ECONNRESET";

/** An answer that is no HTTP/1.1, or is truncated. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly code: HttpErrorCode;

  constructor(message: string, code: HttpErrorCode = "HPE_INVALID_CONSTANT") {
    super(message);
    this.code = code;
  }
}
