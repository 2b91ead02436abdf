package io.pdata.core.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

class ErrorTextTest {
    @Test
    void exceptionsWithoutAMessageHaveAReason() {
        assertThat(ErrorText.of(new ClosedChannelException())).isEqualTo("the connection was closed");
        assertThat(ErrorText.of(new AsynchronousCloseException())).isEqualTo("the connection was closed");
        assertThat(ErrorText.of(new EOFException())).isEqualTo("unexpected end");
        assertThat(ErrorText.of(new IOException())).isEqualTo("input or output failed");
        assertThat(ErrorText.of(new NullPointerException())).isEqualTo("internal error");
        assertThat(ErrorText.of(new StackOverflowError())).isEqualTo("the stack is full");
        assertThat(ErrorText.of(new OutOfMemoryError("Java heap space"))).isEqualTo("out of memory");
        assertThat(ErrorText.of(new OutOfMemoryError("Cannot reserve 8192 bytes of direct buffer memory")))
                .isEqualTo("out of memory for buffers");
        assertThat(ErrorText.of(new OutOfMemoryError("unable to create native thread: possibly out of memory")))
                .contains("no thread could be started");
    }

    @Test
    void namesOfClassesAreLeftOut() {
        assertThat(ErrorText.of(new IOException("PKIX path building failed: sun.security.provider.certpath."
                + "SunCertPathBuilderException: unable to find valid certification path to requested target")))
                .isEqualTo("PKIX path building failed: unable to find valid certification path to requested target");
        assertThat(ErrorText.of(new IOException(new IllegalStateException("the disk has failed"))))
                .isEqualTo("the disk has failed");
        assertThat(ErrorText.of(new RuntimeException(new AsynchronousCloseException())))
                .isEqualTo("the connection was closed");
        assertThat(ErrorText.of(new IOException("/srv/io.pool/Data.img: no space left on device")))
                .isEqualTo("/srv/io.pool/Data.img: no space left on device");
    }

    @Test
    void filesAreNamedWithTheReason() {
        assertThat(ErrorText.of(new NoSuchFileException("/a"))).isEqualTo("/a: no such file");
        assertThat(ErrorText.of(new AccessDeniedException("/a"))).isEqualTo("/a: permission denied");
        assertThat(ErrorText.of(new FileSystemException("/a", null, "Read-only file system")))
                .isEqualTo("/a: Read-only file system");
        assertThat(ErrorText.of(new FileSystemException("/a"))).isEqualTo("/a: input or output failed");
    }
}
