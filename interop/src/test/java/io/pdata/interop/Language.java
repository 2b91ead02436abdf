package io.pdata.interop;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What may stand in the lists of each target, as the golden images' README describes it. Some verbs are in several
 * languages with different meanings, so a list belongs to the one language in which all its lines make sense.
 */
enum Language {
    THIN(Map.ofEntries(Map.entry("format", Form.of(2)), Map.entry("load", Form.of(2)), Map.entry("reopen", Form.of(0)),
            Map.entry("resize_data", Form.of(1)), Map.entry("grow", Form.of(2)),
            Map.entry("create_thin", Form.repeating(0)), Map.entry("create_snap", Form.of(2)),
            Map.entry("delete", Form.repeating(0)), Map.entry("open", Form.of(1)), Map.entry("close", Form.of(1)),
            Map.entry("write", Form.repeating(1)), Map.entry("fill", Form.between(3, 4)),
            Map.entry("discard", Form.of(3)), Map.entry("reserve_metadata_snap", Form.of(0)),
            Map.entry("release_metadata_snap", Form.of(0)), Map.entry("set_transaction_id", Form.of(2)),
            Map.entry("image", Form.of(1)))),

    CACHE(Map.of("format", Form.of(3), "open", Form.of(0), "close", Form.of(0), "origin", Form.of(1), "discard",
            Form.of(2), "resize", Form.of(1), "commit", Form.of(0), "shutdown", Form.between(2, Integer.MAX_VALUE),
            "image", Form.of(1))),

    ERA(Map.ofEntries(Map.entry("format", Form.of(2)), Map.entry("resume", Form.of(1)),
            Map.entry("write", Form.repeating(0)), Map.entry("checkpoint", Form.of(0)),
            Map.entry("take_metadata_snap", Form.of(0)), Map.entry("drop_metadata_snap", Form.of(0)),
            Map.entry("status", Form.of(0)), Map.entry("suspend", Form.of(0)), Map.entry("reopen", Form.of(0)),
            Map.entry("image", Form.of(1))));

    /**
     * What must follow a verb.
     *
     * @param min the fewest arguments
     * @param max the most
     * @param kept negative; or, for a line that stands for several, how many arguments are repeated in each of them
     */
    private record Form(int min, int max, int kept) {
        static Form of(int arguments) {
            return new Form(arguments, arguments, -1);
        }

        static Form between(int min, int max) {
            return new Form(min, max, -1);
        }

        static Form repeating(int kept) {
            return new Form(kept + 1, Integer.MAX_VALUE, kept);
        }
    }

    private final Map<String, Form> forms;

    Language(Map<String, Form> forms) {
        this.forms = forms;
    }

    /** Whether a line means something in this language. */
    boolean knows(Operation line) {
        Form form = forms.get(line.verb());
        return form != null && line.arguments().size() >= form.min() && line.arguments().size() <= form.max();
    }

    /** The elementary operations that a line stands for: itself, in most cases. */
    List<Operation> expand(Operation line) {
        if (line.verb().equals("fill")) {
            return expandFill(line);
        }
        int kept = forms.get(line.verb()).kept();
        if (kept < 0 || line.arguments().size() == kept + 1) {
            return List.of(line);
        }
        List<Operation> operations = new ArrayList<>();
        for (String last : line.arguments().subList(kept, line.arguments().size())) {
            List<String> arguments = new ArrayList<>(line.arguments().subList(0, kept));
            arguments.add(last);
            operations.add(new Operation(line.line(), line.verb(), List.copyOf(arguments)));
        }
        return operations;
    }

    private static List<Operation> expandFill(Operation line) {
        long first = line.number(1);
        long count = line.number(2);
        long step = line.arguments().size() > 3 ? line.number(3) : 1;
        List<Operation> operations = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            operations.add(new Operation(line.line(), "write",
                    List.of(line.word(0), Long.toUnsignedString(first + i * step))));
        }
        return operations;
    }
}
