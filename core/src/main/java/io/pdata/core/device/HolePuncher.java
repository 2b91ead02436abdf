package io.pdata.core.device;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The three things that Java's file channels cannot do: give a range's storage back, set storage aside without writing
 * it, and both on block devices too. All by Linux's {@code fallocate(2)}.
 *
 * <p>Optional: there is one only on Linux, and if the program was started with
 * {@code --enable-native-access=io.pdata.core} (or {@code ALL-UNNAMED} on the class path). Without it the same results
 * come from writing zeroes, or not at all where they are only a hint.
 *
 * <p>Holds a descriptor of its own until {@link #close}: closing any descriptor of a file gives up the process's advisory
 * locks on it, so this must be closed together with the channel, not before.
 */
@SuppressWarnings("restricted") // the caller has allowed it: see available()
final class HolePuncher implements AutoCloseable {
    private static final int O_RDWR = 2;
    private static final int O_CLOEXEC = 02000000;
    private static final int KEEP_SIZE = 1;
    private static final int PUNCH_HOLE = 2;
    private static final int EINTR = 4;
    private static final int ENODEV = 19;
    private static final int ENOSYS = 38;
    private static final int EOPNOTSUPP = 95;

    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private final MethodHandle fallocate;
    private final MethodHandle close;
    private final Path path;
    private final int descriptor;

    private HolePuncher(Path path) throws IOException {
        Linker linker = Linker.nativeLinker();
        SymbolLookup libc = linker.defaultLookup();
        Linker.Option errno = Linker.Option.captureCallState("errno");
        MethodHandle open = linker.downcallHandle(libc.findOrThrow("open"),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT), errno,
                Linker.Option.firstVariadicArg(2));
        close = linker.downcallHandle(libc.findOrThrow("close"),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        fallocate = linker.downcallHandle(libc.findOrThrow("fallocate"),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG),
                errno);
        this.path = path;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            descriptor = (int) open.invokeExact(state, arena.allocateFrom(path.toString()), O_RDWR | O_CLOEXEC);
            if (descriptor < 0) {
                throw new IOException("open: error " + (int) ERRNO.get(state, 0L));
            }
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether this system and the way the program was started allow it. */
    static boolean available() {
        return System.getProperty("os.name").toLowerCase(Locale.ROOT).equals("linux")
                && HolePuncher.class.getModule().isNativeAccessEnabled();
    }

    static HolePuncher open(Path path) throws IOException {
        return new HolePuncher(path);
    }

    /** Gives the storage of a range back; it reads as zeroes. False if this file system or device cannot do that. */
    boolean punch(long position, long length) throws IOException {
        return call(PUNCH_HOLE | KEEP_SIZE, position, length);
    }

    /** Sets storage aside for a range, growing the file if need be. False if this file system cannot do that. */
    boolean reserve(long position, long length) throws IOException {
        return call(0, position, length);
    }

    private boolean call(int mode, long position, long length) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            while ((int) fallocate.invokeExact(state, descriptor, mode, position, length) != 0) {
                int error = (int) ERRNO.get(state, 0L);
                switch (error) {
                case EINTR -> Thread.onSpinWait();
                case EOPNOTSUPP, ENOSYS, ENODEV -> {
                    return false;
                }
                default -> throw new IOException("fallocate: error " + error);
                }
            }
            return true;
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            if ((int) close.invokeExact(descriptor) != 0) {
                throw new IOException("close of " + path + " failed");
            }
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
