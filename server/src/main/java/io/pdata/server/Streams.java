package io.pdata.server;

import io.pdata.core.device.PersistentDataException;
import io.pdata.replication.Progress;
import io.pdata.replication.TransferException;
import java.io.IOException;
import java.io.OutputStream;

/**
 * What becomes of a connection to the control socket that asks for a stream. A stream that is sent follows the answer's
 * line. One that is received follows the line that says it may come; a second line says what has come of it. Then the
 * connection ends.
 */
final class Streams {
    private Streams() {}

    static void run(PoolService pool, Request request, JsonLines lines) throws IOException {
        if (request.command().equals(Commands.SEND)) {
            send(pool, request, lines);
        } else {
            receive(pool, request, lines);
        }
    }

    private static void send(PoolService pool, Request request, JsonLines lines) throws IOException {
        AnsweredFirst out = new AnsweredFirst(lines);
        try {
            pool.send(Commands.toSend(request), out, Progress.NONE);
        } catch (TransferException e) {
            if (out.answered) {
                throw new IOException(e.getMessage(), e); // the stream itself has said so, or nobody listens any more
            }
            lines.write(Json.line(Answer.of(ErrorReport.of(e))));
        } catch (PersistentDataException e) {
            if (!out.answered) {
                lines.write(Json.line(Answer.of(ErrorReport.of(e))));
            }
        }
    }

    private static void receive(PoolService pool, Request request, JsonLines lines) throws IOException {
        Answer answer;
        try {
            var options = Commands.toReceive(request);
            lines.write(Json.line(Answer.DONE));
            answer = pool.receive(options, lines.input(), Progress.NONE);
        } catch (PersistentDataException e) {
            answer = Answer.of(ErrorReport.of(e));
        }
        lines.write(Json.line(answer));
    }

    /** Writes the line that says that the stream comes before its first byte, so that a refusal can take its place. */
    private static final class AnsweredFirst extends OutputStream {
        private final JsonLines lines;
        private final OutputStream out;
        private boolean answered;

        AnsweredFirst(JsonLines lines) {
            this.lines = lines;
            this.out = lines.output();
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[]{(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            if (!answered) {
                answered = true;
                lines.write(Json.line(Answer.DONE));
            }
            out.write(bytes, offset, length);
        }
    }
}
