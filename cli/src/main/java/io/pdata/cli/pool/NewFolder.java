package io.pdata.cli.pool;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** A folder that is created for this user alone if it is not there, and removed again unless it is kept. */
final class NewFolder implements AutoCloseable {
    /** The folder, and those that it lies in, as far as they have been created. */
    private final List<Path> created = new ArrayList<>();

    private NewFolder() {}

    static NewFolder at(Path path) throws IOException {
        NewFolder folder = new NewFolder();
        Path missing = path.toAbsolutePath();
        while (missing != null && !Files.exists(missing)) {
            folder.created.add(missing);
            missing = missing.getParent();
        }
        Files.createDirectories(path,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        return folder;
    }

    void keep() {
        created.clear();
    }

    @Override
    public void close() throws IOException {
        for (Path folder : created) {
            Files.deleteIfExists(folder);
        }
    }
}
