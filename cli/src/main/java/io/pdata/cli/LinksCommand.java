package io.pdata.cli;

import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.Definition;
import io.pdata.cli.tool.ExitStatus;
import io.pdata.cli.tool.Kind;
import io.pdata.cli.tool.Reasons;
import io.pdata.cli.tool.ToolCommand;
import io.pdata.cli.tool.Version;
import io.pdata.tools.ToolException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Collection;

/** Makes links to the program, named as the tools: a program that is called by such a name is that tool. */
final class LinksCommand extends ToolCommand {
    /** Set by the script that starts the program: where that script is. */
    static final String PROGRAM = "pdata.program";

    private final Collection<String> tools;
    private Path folder;
    private boolean force;

    LinksCommand(Console console, Collection<String> tools) {
        super(console);
        this.tools = tools;
    }

    @Override
    protected void define(Definition tool) {
        tool.describe("pdata links", "Makes a folder of links, one named as each of the tools, for PATH or lvm.conf."
                + "\n"
                + "Links that lead here already are left as they are; nothing else is replaced without --force.",
                "pdata links /usr/local/lib/pdata", "PATH=/usr/local/lib/pdata:$PATH");
        tool.parameter(Kind.PATH).label("<DIR>").means("The folder, which is made if need be")
                .into(value -> folder = value);
        tool.flag("-f", "--force").means("Replace files and links of these names").into(on -> force = on);
    }

    @Override
    protected String version() {
        return Version.NUMBER;
    }

    @Override
    protected int run() {
        String program = System.getProperty(PROGRAM);
        if (program == null) {
            throw new ToolException("it is not known where the program is: start it by its script, pdata");
        }
        try {
            Files.createDirectories(folder);
            for (String tool : tools) {
                link(folder.resolve(tool), Path.of(program));
            }
        } catch (IOException e) {
            throw new ToolException("cannot make links in '" + folder + "': " + Reasons.of(e), e);
        }
        console().result(tools.size() + " links in " + folder);
        return ExitStatus.OK;
    }

    private void link(Path link, Path program) throws IOException {
        if (Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
            if (Files.isSymbolicLink(link) && Files.readSymbolicLink(link).equals(program)) {
                return;
            }
            if (!force) {
                throw new ToolException("'" + link + "' is there already; --force replaces it");
            }
            Files.delete(link);
        }
        Files.createSymbolicLink(link, program);
    }
}
