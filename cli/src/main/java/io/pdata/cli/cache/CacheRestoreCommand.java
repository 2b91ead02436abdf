package io.pdata.cli.cache;

import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.InvalidValueException;
import io.pdata.cli.tool.RestoreCommand;
import io.pdata.core.device.Device;
import io.pdata.tools.cache.CacheRestore;
import io.pdata.tools.cache.CacheWriter;
import java.io.InputStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;

@Command(name = "cache_restore", description = "Convert XML format metadata to binary.", footer = "cache_restore -i cache.xml -o /dev/mapper/vg-cache_cmeta")
public final class CacheRestoreCommand extends RestoreCommand {
    @Option(names = "--metadata-version", paramLabel = "<NUM>", defaultValue = "2", converter = Version.class, description = "Specify the output metadata version [default: 2] [possible values: 1, 2]")
    private int version;

    @Option(names = "--omit-clean-shutdown", description = "Don't set the clean shutdown flag")
    private boolean omitCleanShutdown;

    /** The versions that there are. */
    static final class Version implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String value) {
            return switch (value) {
            case "1" -> 1;
            case "2" -> 2;
            default -> throw InvalidValueException.possibleValues("1, 2");
            };
        }
    }

    public CacheRestoreCommand(Console console) {
        super(console);
    }

    @Override
    protected void restore(InputStream xml, Device device) {
        CacheRestore.restore(xml, new CacheWriter.Options(version, !omitCleanShutdown), device);
    }
}
