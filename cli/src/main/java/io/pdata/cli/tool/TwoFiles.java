package io.pdata.cli.tool;

import io.pdata.tools.ToolException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes sure that what is written is not what is still needed. */
public final class TwoFiles {
    private TwoFiles() {}

    /**
     * Refuses an output that is also something else.
     *
     * @param what the other one is called
     * @param why it must not be written to
     * @throws ToolException if they are the same file
     */
    public static void require(String what, Path other, Path output, String why) {
        try {
            // An empty path would be the working directory.
            if (!other.toString().isEmpty() && Files.exists(other) && Files.exists(output)
                    && Files.isSameFile(other, output)) {
                throw new ToolException(what + " and output are the same file '" + other + "': " + why);
            }
        } catch (IOException e) {
            throw new ToolException("cannot tell whether '" + other + "' and '" + output + "' are the same file: "
                    + e.getMessage(), e);
        }
    }
}
