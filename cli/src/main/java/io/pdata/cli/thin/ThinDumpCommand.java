package io.pdata.cli.thin;

import io.pdata.cli.tool.Accepted;
import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.Definition;
import io.pdata.cli.tool.DumpCommand;
import io.pdata.cli.tool.Kind;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.text.TextOut;
import io.pdata.tools.thin.ThinDump.Format;
import io.pdata.tools.thin.ThinDump;
import io.pdata.tools.thin.ThinRepair;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

public final class ThinDumpCommand extends DumpCommand {
    private OutputFormat format;
    private boolean metadataSnapshot;
    private List<Long> devices = new ArrayList<>();
    private boolean skipMappings;
    private boolean quiet;
    private boolean repair;
    private final RootOptions roots = new RootOptions();
    private final OverrideOptions overrides = new OverrideOptions();

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

    @Override
    protected void define(Definition tool) {
        tool.describe("thin_dump", "Prints the metadata of a thin pool as XML.",
                "thin_dump -o pool.xml pool.img");
        super.define(tool);
        tool.option(Kind.oneOf(OutputFormat.class), "-f", "--format").label("<TYPE>")
                .means("xml or human_readable [default: xml]").orElse("xml")
                .into(value -> format = value);
        // There is only one snapshot: the superblock says where, and the number is ignored, as in thin-provisioning-tools.
        tool.option(Kind.U64, "-m", "--metadata-snap").label("[=<BLOCKNR>]")
                .means("Dump the metadata snapshot of a pool in use").orAlone(() -> metadataSnapshot = true)
                .into(_ -> metadataSnapshot = true);
        tool.options(Kind.U64, "--dev-id").label("<THIN_ID>").means("Dump this volume only; can be given several times")
                .into(value -> devices = value);
        tool.flag("--skip-mappings").means("Leave out the mappings").into(on -> skipMappings = on);
        tool.flag("-q", "--quiet").means("Print nothing: the exit status is the answer").into(on -> quiet = on);
        tool.flag("-r", "--repair").means("Dump what can be read of damaged metadata").into(on -> repair = on);
        tool.exclusive("--repair", "--metadata-snap");
        roots.define(tool);
        overrides.define(tool);
        Accepted.verbose(tool);
    }

    @Override
    protected int run() {
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
            ThinRepair.dump(file, roots.with(overrides.overrides()), form, out).text()
                    .forEach(console()::problem);
        } else {
            ThinDump.dump(file, form, overrides.overrides(), out);
        }
    }
}
