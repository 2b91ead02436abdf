package io.pdata.cli.tool;

import io.pdata.core.device.PersistentDataException;
import io.pdata.tools.Findings;
import io.pdata.tools.Severity;
import java.util.function.Supplier;

/** The check that metadata must pass before a tool relies on them. */
public final class PreCheck {
    private PreCheck() {}

    /**
     * Whether they pass. If not, that is said.
     *
     * @param kind how the names of the tools for these metadata begin
     */
    public static boolean passes(Console console, String kind, Supplier<Findings> check) {
        try {
            Findings findings = check.get();
            if (findings.count(Severity.FATAL) + findings.count(Severity.NON_FATAL) == 0) {
                return true;
            }
        } catch (PersistentDataException e) {
            console.problem(e.getMessage());
        }
        console.problem(
                "metadata contains errors (run " + kind + "_check for details).\nperhaps you need to run " + kind
                        + "_repair.");
        return false;
    }
}
