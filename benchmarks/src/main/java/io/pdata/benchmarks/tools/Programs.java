package io.pdata.benchmarks.tools;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Programs that can all be called by the names of thin-provisioning-tools.
 *
 * @param name what they are called in tables
 * @param program a program that takes the tool's name as its first argument; or a folder with one program for each tool
 */
record Programs(String name, Path program) {

    /** Whether there is such a tool. */
    boolean have(String tool) {
        return !Files.isDirectory(program) || Files.isExecutable(program.resolve(tool));
    }

    List<String> command(String tool, List<String> arguments) {
        List<String> command = new ArrayList<>();
        if (Files.isDirectory(program)) {
            command.add(program.resolve(tool).toString());
        } else {
            command.add(program.toString());
            command.add(tool);
        }
        command.addAll(arguments);
        return command;
    }
}
