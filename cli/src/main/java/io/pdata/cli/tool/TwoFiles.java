package io.pdata.cli.tool;

import io.pdata.tools.SameDevice;
import io.pdata.tools.ToolException;
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
        if (SameDevice.test(other, output)) {
            throw new ToolException(what + " and output are the same file '" + other + "': " + why);
        }
    }
}
