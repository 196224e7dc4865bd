/**
 * The index of the invariants that a simulation checks: the name that a failure is reported by, and what it means.
 */

export const INVARIANTS = {
  // Each answer, as a client reads it.
  "answers are exactly framed": "Status line, field lines, lengths and chunks follow the grammar of RFC 9112.",
  "nothing follows the last answer": "After an answer with Connection: close no byte comes.",
  "every answer belongs to a request, in order": "There are no more answers than requests that were begun.",
  "interim answers are sent only on request":
    "100 comes at most once for a request that expects it, and no other does.",
  "answers have true fields": "Date, Server, Last-Modified, Allow and the length say what is so.",
  "connections persist as both sides say": "Connection: close comes where it must, and nowhere else without a reason.",
  "refusals have the right status": "A request with a mistake gets the status of its mistake; 408 only if it was late.",
  "files are answered as they are": "Status, fields and each byte are those of an unchanged file for this request.",
  "files that change are answered with bytes that they had": "Each byte stood at its place at some time.",
  "an entity tag names one state": "Another state has another tag, and the same settled state the same.",
  // All answers of a connection.
  "every request is answered": "A client that sends in time, reads and waits gets every answer, to its last byte.",
  "an unfinished request is answered with 408": "A client that still listens is told why the connection ends.",
  "the server ends the connection after its last answer": "It does not only say so, and it does not reset it.",
  // Deadlines.
  "an open connection waits for something": "When nothing can run, each open connection reads, writes or closes.",
  "no connection outlives its deadline": "Idle, late, slow and lingering connections end in time.",
  "no connection is closed before its deadline": "What keeps to the promised times is left alone.",
  "the server closes idle connections when told to": "From then on no connection waits for another request.",
  "no connection starves the others": "After a certain number of answers in a row others have their turn.",
  // The transport.
  "every read has a buffer": "A read into nothing would wait for nothing.",
  "operations of a kind are not concurrent": "A connection has one read and one write at a time.",
  "a socket is closed once": "It could be another connection's socket by the second time.",
  "accepts are not concurrent": "There is one accept at a time.",
  "the listener is closed once": "It is not closed by two owners.",
  "the limit of connections holds": "No more are open than `connections` says.",
  "the server accepts waiting connections": "It goes on accepting when there is room, and after EMFILE.",
  "events report every accept and close": "Observers can count the open connections.",
  // Files.
  "no FIFO or device is opened": "Opening one could wait for ever, or do something.",
  "a file is used until it is closed, once": "Nothing is read from a closed file, and none is closed twice.",
  "no unused file stays open": "Descriptors are given back some time after their last use.",
  // The whole server.
  "every rejection is handled": "An unhandled one would end the process.",
  "no timer throws": "An error in a timer would end the process.",
  "the server does not fail": "It ends without an error.",
  "only faults are reported": "What is reported was made to happen.",
  "the server ends when it is told to": "It does so within the drain time, and not before.",
  "nothing is left at the end": "No connection, file or timer.",
  "the access log contains every answer": "A line for each, with the status and bytes that the client saw.",
  // The simulation itself.
  "every seed ends": "A simulation takes a bounded number of steps.",
  "clients do not fail": "A client has no mistake of its own.",
} as const satisfies Readonly<Record<string, string>>;

export type Invariant = keyof typeof INVARIANTS;
