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
 * A descriptor of a file, for what Java's file channels cannot do on Linux: give a range's storage back and set storage
 * aside ({@code fallocate}), tell holes from data ({@code SEEK_DATA}), lock the file for this opener rather than for the process ({@code F_OFD_SETLK}: the lock ends
 * with this descriptor, not with whichever of the process's descriptors of that file is closed first), and claim a block
 * device from the kernel ({@code O_EXCL}: refused while it is mounted or mapped, and they are while it is held).
 *
 * <p>Optional: there is one only on Linux, and if the program was started with
 * {@code --enable-native-access=io.pdata.core} (or {@code ALL-UNNAMED} on the class path).
 */
@SuppressWarnings("restricted") // the caller has allowed it: see available()
final class NativeFile implements AutoCloseable {
    private static final int O_RDWR = 2;
    private static final int O_EXCL = 0200;
    private static final int O_CLOEXEC = 02000000;
    private static final int KEEP_SIZE = 1;
    private static final int PUNCH_HOLE = 2;
    private static final int F_OFD_SETLK = 37;
    private static final short F_RDLCK = 0;
    private static final short F_WRLCK = 1;
    private static final int SEEK_DATA = 3;
    private static final int EINTR = 4;
    private static final int ENXIO = 6;
    private static final int EAGAIN = 11;
    private static final int EACCES = 13;
    private static final int EBUSY = 16;
    private static final int ENODEV = 19;
    private static final int EINVAL = 22;
    private static final int ENOSYS = 38;
    private static final int EOPNOTSUPP = 95;

    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    /** {@code struct flock}: short l_type, short l_whence, long l_start, long l_len, int l_pid; a length of 0 is all. */
    private static final long FLOCK_SIZE = 32;

    private final Path path;
    private final int descriptor;

    /** The C library's functions; looked up when the first file is opened. */
    private static final class Libc {
        static final MethodHandle OPEN = variadic("open", 2, ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
        static final MethodHandle FCNTL = variadic("fcntl", 2, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS);
        static final MethodHandle FALLOCATE = variadic("fallocate", 4, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT,
                ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG);
        static final MethodHandle LSEEK = Linker.nativeLinker().downcallHandle(
                Linker.nativeLinker().defaultLookup().findOrThrow("lseek"),
                FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_INT),
                Linker.Option.captureCallState("errno"));
        static final MethodHandle CLOSE = variadic("close", 1, ValueLayout.JAVA_INT);
        static final MethodHandle STRERROR = Linker.nativeLinker().downcallHandle(
                Linker.nativeLinker().defaultLookup().findOrThrow("strerror"),
                FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_INT));

        private static MethodHandle variadic(String name, int fixed, MemoryLayout... arguments) {
            Linker linker = Linker.nativeLinker();
            SymbolLookup libc = linker.defaultLookup();
            return linker.downcallHandle(libc.findOrThrow(name),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments), Linker.Option.captureCallState("errno"),
                    Linker.Option.firstVariadicArg(fixed));
        }
    }

    private NativeFile(Path path, int descriptor) {
        this.path = path;
        this.descriptor = descriptor;
    }

    /** Whether this system and the way the program was started allow it. */
    static boolean available() {
        return System.getProperty("os.name").toLowerCase(Locale.ROOT).equals("linux")
                && NativeFile.class.getModule().isNativeAccessEnabled();
    }

    /**
     * Opens a file that exists.
     *
     * @param claim whether it is a block device that nobody else, the kernel included, may use as long as it is open here
     * @throws DeviceBusyException if somebody has claimed it already
     */
    static NativeFile open(Path path, boolean writable, boolean claim) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            int flags = O_CLOEXEC | (writable ? O_RDWR : 0) | (claim ? O_EXCL : 0);
            MemorySegment name = arena.allocateFrom(path.toString());
            int descriptor = invoke(() -> (int) Libc.OPEN.invokeExact(state, name, flags));
            int error = (int) ERRNO.get(state, 0L);
            if (descriptor < 0 && error == EBUSY) {
                throw new DeviceBusyException(
                        path + ": in use: it is mounted or mapped, or another process has claimed it");
            }
            if (descriptor < 0) {
                throw failed("open", error);
            }
            return new NativeFile(path, descriptor);
        }
    }

    /** Locks the whole file until this is closed; returns false if another opener's lock forbids that. */
    boolean tryLock(boolean shared) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            MemorySegment lock = arena.allocate(FLOCK_SIZE, Long.BYTES);
            lock.set(ValueLayout.JAVA_SHORT, 0, shared ? F_RDLCK : F_WRLCK);
            while (invoke(() -> (int) Libc.FCNTL.invokeExact(state, descriptor, F_OFD_SETLK, lock)) != 0) {
                int error = (int) ERRNO.get(state, 0L);
                switch (error) {
                case EINTR -> Thread.onSpinWait();
                case EAGAIN, EACCES -> {
                    return false;
                }
                default -> throw failed("fcntl", error);
                }
            }
            return true;
        }
    }

    /** Gives the storage of a range back; it reads as zeroes. False if this file system or device cannot do that. */
    boolean punch(long position, long length) throws IOException {
        return fallocate(PUNCH_HOLE | KEEP_SIZE, position, length);
    }

    /** Sets storage aside for a range, growing the file if need be. False if this file system cannot do that. */
    boolean reserve(long position, long length) throws IOException {
        return fallocate(0, position, length);
    }

    /** Where the first data from a position on are: {@code size} if there are none, the position if that is not known. */
    long nextData(long position, long size) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            long found = invoke(() -> (long) Libc.LSEEK.invokeExact(state, descriptor, position, SEEK_DATA));
            if (found >= 0) {
                return Math.min(found, size);
            }
            int error = (int) ERRNO.get(state, 0L);
            return switch (error) {
            case ENXIO -> size;
            case EINVAL, EOPNOTSUPP -> position; // a block device, or a file system that does not know
            default -> throw failed("lseek", error);
            };
        }
    }

    private boolean fallocate(int mode, long position, long length) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            while (invoke(() -> (int) Libc.FALLOCATE.invokeExact(state, descriptor, mode, position, length)) != 0) {
                int error = (int) ERRNO.get(state, 0L);
                switch (error) {
                case EINTR -> Thread.onSpinWait();
                case EOPNOTSUPP, ENOSYS, ENODEV -> {
                    return false;
                }
                default -> throw failed("fallocate", error);
                }
            }
            return true;
        }
    }

    /** In the words of the C library, as channels have it. */
    private static IOException failed(String call, int error) {
        MemorySegment text = invoke(() -> (MemorySegment) Libc.STRERROR.invokeExact(error));
        return new IOException(call + ": " + text.reinterpret(Long.MAX_VALUE).getString(0));
    }

    private interface Call<T> {
        T run() throws Throwable;
    }

    /** C functions throw nothing: what a method handle declares can only be an error of the linking itself. */
    private static <T> T invoke(Call<T> call) {
        try {
            return call.run();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            if (invoke(() -> (int) Libc.CLOSE.invokeExact(state, descriptor)) != 0) {
                throw new IOException("close of " + path + " failed");
            }
        }
    }
}
