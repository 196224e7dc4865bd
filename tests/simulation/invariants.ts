/**
 * All invariants that a simulation checks: the name with which a failure is reported, and its meaning.
 */

export const INVARIANTS = {
  // Each answer that a client reads.
  "answers are exactly framed": "Status line, field lines, lengths and chunks follow the grammar of RFC 9112.",
  "nothing follows the last answer": "The server sends no byte after an answer with Connection: close.",
  "every answer belongs to a request, in order": "There are no more answers than requests that were begun.",
  "a request is answered by a configuration of its time":
    "The configuration was in effect when the request was sent, or came later. So a request that is sent after a reload is " +
    "answered by the new one.",
  "interim answers are sent only on request":
    "The server sends 100 at most once, only for a request that expects it, and no other interim answer.",
  "answers have true fields": "Date, Server, Last-Modified, Allow and the length are right.",
  "answers have an accepted coding":
    "A client gets no coding that it does not accept or likes less than none, and answers say what they depend on.",
  "connections persist as both sides say":
    "Connection: close is sent where it is required, and otherwise only for a reason.",
  "refusals have the right status": "A wrong request gets the status for its mistake, and 408 only if it was late.",
  "files are answered as they are":
    "For an unchanged file, status, fields and every byte are those that the request requires.",
  "files that change are answered with bytes that they had":
    "If a file changes, it had each sent byte at its position at some time.",
  "an entity tag names one state":
    "Different states of a file have different tags, and the same settled state has the same tag.",
  // All answers of a connection.
  "every request is answered": "A client that sends in time, reads and waits gets all bytes of every answer.",
  "a request that arrived before the end is answered":
    "The system had all its bytes a moment before the server closed its side.",
  "an unfinished request is answered with 408": "A client that still reads learns why the connection ends.",
  "the server ends the connection after its last answer":
    "After Connection: close, the server closes the connection, and does not reset it.",
  // HTTP/2.
  "frames follow RFC 9113":
    "Types, flags, sizes and streams are those that a server may send, in an order that it may use.",
  "field blocks follow RFC 7541": "A client can read every block, and knows when the table is smaller.",
  "windows are never exceeded": "The server sends no more content than the client permits, in each stream and in all.",
  "streams go through their states": "An answer has one HEADERS, then DATA, then an end, and nothing follows it.",
  "settings and pings are acknowledged": "Each once, in order.",
  "a stream is reset only for a reason":
    "The file is in trouble, or the client has kept its window closed, has opened too many streams, or has made a mistake.",
  "a mistake on a stream ends that stream": "With the error code of RFC 9113. The other streams go on.",
  "a mistake of the connection ends the connection": "With GOAWAY and the error code of RFC 9113.",
  "a connection ends with an error only for a mistake": "GOAWAY of a client without a mistake has NO_ERROR.",
  "GOAWAY says which requests are answered":
    "Its number never grows. The server answers the streams up to it, and no others.",
  // Deadlines.
  "an open connection waits for something":
    "When no code is ready to run, each open connection has a pending read, write or close. An answer " +
    "may wait some seconds for an encoding.",
  "no connection outlives its deadline": "The server closes idle, late, slow and lingering connections in time.",
  "no connection is closed before its deadline": "The server does not close a connection that meets its deadlines.",
  "no connection starves the others": "After a number of consecutive answers, other connections run.",
  // The transport.
  "every read has a buffer": "A read into an empty buffer would never bring a byte.",
  "operations of a kind are not concurrent": "A connection has one read and one write at a time.",
  "a socket is closed once": "A second close could close the socket of another connection.",
  "accepts are not concurrent": "There is one accept at a time.",
  "the listener is closed once": "Only one owner closes the listener.",
  "the limit of connections holds": "At most `connections` connections are open.",
  "the server accepts waiting connections": "The server accepts below its limit, and again after EMFILE.",
  "events report every accept and close": "Observers can count the open connections.",
  // Files.
  "no FIFO or device is opened": "Opening one could block for ever or have effects.",
  "a file is used until it is closed, once": "The server does not read from a closed file, and closes no file twice.",
  "no unused file stays open": "The server closes files some time after their last use.",
  // The whole server.
  "every rejection is handled": "An unhandled one would end the process.",
  "no timer throws": "An error in a timer would end the process.",
  "the server does not fail": "The server ends without an error.",
  "only faults are reported": "Every reported error is a simulated one.",
  "the server ends when it is told to": "It ends within the drain time, and not before it is told to.",
  "nothing is left at the end": "No connection, file or timer.",
  "the access log contains every answer":
    "Each answer has a line with the status and the number of bytes that the client received.",
  // The simulation itself.
  "every seed ends": "A simulation takes a bounded number of steps.",
  "clients do not fail": "The simulated clients do not throw.",
} as const satisfies Readonly<Record<string, string>>;

export type Invariant = keyof typeof INVARIANTS;
