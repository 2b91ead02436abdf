package io.pdata.cli.tool;

import io.pdata.core.device.ErrorText;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Says what an error is. */
public final class Reasons {
    private Reasons() {}

    /** The file, if the error is about one, and the reason: often the exception's kind says it, and its message does not. */
    public static String of(IOException e) {
        return e instanceof FileSystemException file ? file.getFile() + ": " + reason(file) : ErrorText.of(e);
    }

    private static String reason(FileSystemException e) {
        return switch (e) {
        case NoSuchFileException _ -> "no such file";
        case AccessDeniedException _ -> "permission denied";
        case FileAlreadyExistsException _ -> "is there already";
        case NotDirectoryException _ -> "is no folder";
        default -> ErrorText.of(e).substring(e.getFile() == null ? 0 : e.getFile().length() + 2);
        };
    }
}
