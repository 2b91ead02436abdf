package io.pdata.cli.tool;

import java.util.Set;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;

/**
 * How thin-provisioning-tools read: accepted where they accept it, for scripts that say it, and checked as they do. This
 * program reads in one way, which suits files, disks and SSDs.
 */
public final class EngineOption {
    private static final Set<String> ENGINES = Set.of("sync", "async", "spindle");

    @Option(names = "--io-engine", hidden = true, paramLabel = "<ENGINE>", description = "Select an io engine to use", converter = Engine.class)
    private String engine;

    /** The names of the engines. */
    static final class Engine implements ITypeConverter<String> {
        @Override
        public String convert(String value) {
            if (!ENGINES.contains(value)) {
                throw InvalidValueException.possibleValues("async, spindle, sync");
            }
            return value;
        }
    }
}
