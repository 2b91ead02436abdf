package io.pdata.tools;

/**
 * The result of a check that a repair in place can follow.
 *
 * @param findings the faults
 * @param repair repairs it, if {@link Findings#repairableInPlace}; null if not everything was checked
 */
public record Checked(Findings findings, Repair repair) {

    /** A repair in place, in one transaction. It clears the needs_check flag too. */
    @FunctionalInterface
    public interface Repair {
        /**
         * Repairs all that was found.
         *
         * @param file the metadata that were checked, opened to be changed
         * @throws ToolException if there is no room; nothing has been changed then
         */
        void run(MetadataFile file, Report report);
    }

    /** Whether all that is wrong can be repaired in place. */
    public boolean repairable() {
        return repair != null && findings.repairableInPlace();
    }
}
