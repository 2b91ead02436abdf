package io.pdata.core.device;

import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.regex.Pattern;

/** Says in words why something failed, for logs, terminals and clients: without the names of Java's classes. */
public final class ErrorText {
    private static final Pattern CLASS_NAME = Pattern
            .compile("\\b(?:java|javax|jdk|sun|com\\.sun|io\\.pdata)(?:\\.\\w+)*\\.[A-Z][\\w$]*(?:: )?"
                    + "|\\b[A-Z]\\w*(?:Exception|Error)\\b(?:: )?");

    private ErrorText() {}

    /** The reason, on one line; never empty. */
    public static String of(Throwable e) {
        return switch (e) {
        case FileSystemException file -> (file.getFile() == null ? "" : file.getFile() + ": ") + ofFile(file);
        case ClosedChannelException _ -> "the connection was closed";
        case StackOverflowError _ -> "the stack is full";
        case OutOfMemoryError memory -> outOfMemory(memory);
        default -> {
            String text = withoutClassNames(e.getMessage());
            yield !text.isEmpty() ? text : e.getCause() != null ? of(e.getCause()) : kind(e);
        }
        };
    }

    private static String ofFile(FileSystemException e) {
        return switch (e) {
        case NoSuchFileException _ -> "no such file";
        case AccessDeniedException _ -> "permission denied";
        case FileAlreadyExistsException _ -> "already exists";
        case NotDirectoryException _ -> "not a directory";
        case DirectoryNotEmptyException _ -> "not empty";
        default -> e.getReason() == null ? "input or output failed" : withoutClassNames(e.getReason());
        };
    }

    private static String outOfMemory(OutOfMemoryError e) {
        String message = e.getMessage() == null ? "" : e.getMessage();
        return message.contains("thread")
                ? "out of memory or threads: no thread could be started"
                : message.contains("direct") ? "out of memory for buffers" : "out of memory";
    }

    private static String withoutClassNames(String message) {
        return message == null ? "" : CLASS_NAME.matcher(message).replaceAll("").strip();
    }

    private static String kind(Throwable e) {
        return switch (e) {
        case EOFException _ -> "unexpected end";
        case IOException _ -> "input or output failed";
        default -> "internal error";
        };
    }
}
