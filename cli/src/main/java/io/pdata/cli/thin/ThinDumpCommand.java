package io.pdata.cli.thin;

import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.DumpCommand;
import io.pdata.cli.tool.VerboseOption;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.text.TextOut;
import io.pdata.tools.thin.ThinDump.Format;
import io.pdata.tools.thin.ThinDump;
import io.pdata.tools.thin.ThinRepair;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "thin_dump", description = "Dump thin-provisioning metadata to stdout in XML format", footer = "thin_dump -o pool.xml /dev/mapper/vg-pool_tmeta")
public final class ThinDumpCommand extends DumpCommand {
    @Option(names = {"-f",
        "--format"}, paramLabel = "<TYPE>", defaultValue = "xml", description = "Choose the output format: xml (default) or human_readable")
    private OutputFormat format;

    @Option(names = {"-m",
        "--metadata-snap"}, paramLabel = "[=<BLOCKNR>]", description = "Access the metadata snapshot on a live pool")
    private boolean metadataSnapshot;

    @Option(names = "--dev-id", paramLabel = "<THIN_ID>", description = "Dump the specified device")
    private List<Long> devices = new ArrayList<>();

    @Option(names = "--skip-mappings", description = "Do not dump the mappings")
    private boolean skipMappings;

    @Option(names = {"-q", "--quiet"}, description = "Suppress output messages, return only exit code.")
    private boolean quiet;

    @Option(names = {"-r", "--repair"}, description = "Repair the metadata whilst dumping it")
    private boolean repair;

    @Mixin
    private OverrideOptions overrides;

    @Mixin
    private VerboseOption verbose;

    /** The formats as they are called on the command line. */
    enum OutputFormat {
        xml(Format.XML), human_readable(Format.HUMAN_READABLE);

        private final Format format;

        OutputFormat(Format format) {
            this.format = format;
        }
    }

    public ThinDumpCommand(Console console) {
        super(console);
    }

    /** The snapshot can be named, but there is only one: what follows {@code -m=} is not looked at, as in other tools. */
    @Override
    public String[] prepare(String[] arguments) {
        return Arrays.stream(arguments)
                .map(argument -> argument.matches("(-m|--metadata-snap)=\\d+")
                        ? argument.substring(0, argument.indexOf('='))
                        : argument)
                .toArray(String[]::new);
    }

    @Override
    protected int run() {
        refuse("--repair", "--metadata-snap");
        if (quiet) {
            console().silence();
        }
        return super.run();
    }

    @Override
    protected MetadataFile open(Path metadata) {
        return metadataSnapshot ? MetadataFile.openLive(metadata) : super.open(metadata);
    }

    @Override
    protected void dump(MetadataFile file, Supplier<TextOut> out) {
        ThinDump.Options form = new ThinDump.Options(format.format, metadataSnapshot, skipMappings,
                Set.copyOf(devices));
        if (repair) {
            ThinRepair.dump(file, ThinRepair.Options.of(overrides.overrides()), form, out).text()
                    .forEach(console()::problem);
        } else {
            ThinDump.dump(file, form, overrides.overrides(), out);
        }
    }
}
