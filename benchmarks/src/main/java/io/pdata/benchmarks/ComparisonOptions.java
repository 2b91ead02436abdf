package io.pdata.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The options that all comparisons with other programs have. */
public final class ComparisonOptions {
    @Option(names = "--rounds", defaultValue = "5", description = "how often everything is measured")
    private int rounds;

    @Option(names = "--data", required = true, description = "a folder for what is measured")
    private Path data;

    @Option(names = "--into", description = "a document that the tables are written into as well, between marks")
    private Path document;

    @Option(names = "--pdata", defaultValue = "${sys:pdata.program}", description = "the program to be measured")
    private Path program;

    /** How many rounds count, after the one that warms up. */
    public int rounds() {
        return rounds;
    }

    /** The folder for what is measured, made if it was not there. */
    public Path data() throws IOException {
        return Files.createDirectories(data).toRealPath();
    }

    /** The program to be measured. */
    public Path program() throws IOException {
        return program.toRealPath();
    }

    /** The document to write into, or null if none was asked for. */
    public Path document() {
        return document;
    }

    /** Writes a part of the document, if one was asked for. */
    public void document(String part, String text) throws IOException {
        if (document != null) {
            MarkedPart.replace(document, part, text);
        }
    }
}
