package io.pdata.core.device;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A descriptor of a file, for what Java's file channels cannot do on Linux: read and write without being closed by an
 * interrupt, and without objects and locks of their own for each call; give a range's storage back and set storage aside
 * ({@code fallocate}), discard blocks ({@code BLKDISCARD}), empty its page cache ({@code posix_fadvise}), tell holes
 * from data ({@code SEEK_DATA}), lock the file for this opener rather than for the process ({@code F_OFD_SETLK}: the
 * lock ends with this descriptor, not with whichever of the process's descriptors of that file is closed first), and
 * claim a block device from the kernel ({@code O_EXCL}: refused while it is mounted or mapped, and they are while it is
 * held).
 *
 * <p>Thread-safe. The descriptor is closed when the last call has returned: its number may be another file's at once.
 *
 * <p>Optional: there is one only on 64-bit Linux, and if the program was started with
 * {@code --enable-native-access=io.pdata.core} (or {@code ALL-UNNAMED} on the class path).
 */
@SuppressWarnings("restricted") // the caller has allowed it: see available()
final class NativeFile implements AutoCloseable {
    private static final int O_RDWR = 2;
    private static final int O_EXCL = 0200;
    private static final int O_CLOEXEC = 02000000;
    private static final int KEEP_SIZE = 1;
    private static final int PUNCH_HOLE = 2;
    private static final int NO_FILE = -1;
    private static final int F_GETFD = 1;
    private static final int F_OFD_SETLK = 37;
    private static final short F_RDLCK = 0;
    private static final short F_WRLCK = 1;
    private static final short F_UNLCK = 2;
    private static final int SEEK_DATA = 3;
    private static final int BLKDISCARD = 0x1277;
    private static final int POSIX_FADV_DONTNEED = 4;
    private static final int EINTR = 4;
    private static final int ENXIO = 6;
    private static final int EAGAIN = 11;
    private static final int EACCES = 13;
    private static final int EBUSY = 16;
    private static final int ENODEV = 19;
    private static final int EINVAL = 22;
    private static final int ENOTTY = 25;
    private static final int ENOSPC = 28;
    private static final int ENOSYS = 38;
    private static final int EOPNOTSUPP = 95;
    private static final int EDQUOT = 122;

    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final long ERRNO = STATE.byteOffset(MemoryLayout.PathElement.groupElement("errno"));
    /** {@code struct flock}: short l_type, short l_whence, long l_start, long l_len, int l_pid; a length of 0 is all. */
    private static final long FLOCK_SIZE = 32;

    /** Added to the number of users by whoever closes the file. */
    private static final int CLOSED = Integer.MIN_VALUE;
    private static final long CLOSING_STEP_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

    private static final ThreadLocal<MemorySegment> STATES = ThreadLocal
            .withInitial(() -> Arena.ofAuto().allocate(STATE));

    private final Path path;
    private final int descriptor;
    private boolean locked;
    /** The calls under way; negative once closed. */
    private final AtomicInteger users = new AtomicInteger();

    /**
     * The C library's functions, called with one signature: to link a signature is what takes long, and a tool that looks at
     * a small file would spend a third of its time on four of them. In all of Linux's 64-bit calling conventions integers
     * and pointers go into 64-bit places one after another, variadic or not, and a function does not look at arguments
     * that it does not have. The second place is a pointer, so that memory that is read into or written from cannot be
     * freed meanwhile.
     */
    private static final class Libc {
        private static final MethodHandle CALL = Linker.nativeLinker().downcallHandle(
                FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS,
                        ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG),
                Linker.Option.captureCallState("errno"), Linker.Option.firstVariadicArg(2));

        static final MemorySegment OPEN = find("open");
        static final MemorySegment FCNTL = find("fcntl");
        static final MemorySegment FALLOCATE = find("fallocate");
        static final MemorySegment LSEEK = find("lseek");
        static final MemorySegment IOCTL = find("ioctl");
        static final MemorySegment FADVISE = find("posix_fadvise");
        static final MemorySegment PREAD = find("pread");
        static final MemorySegment PWRITE = find("pwrite");
        static final MemorySegment FDATASYNC = find("fdatasync");
        static final MemorySegment CLOSE = find("close");

        private static MemorySegment find(String name) {
            return Linker.nativeLinker().defaultLookup().findOrThrow(name);
        }

        /**
         * Calls a function; a pointer among the arguments is an address in an arena that is open meanwhile.
         *
         * @return what it returns; of a function that returns an int only the lower half means anything
         */
        static long call(MemorySegment function, MemorySegment state, long a, long b, long c, long d) {
            return call(function, state, a, MemorySegment.ofAddress(b), c, d);
        }

        /** The same with memory that stays what it is until the call has returned. */
        static long call(MemorySegment function, MemorySegment state, long a, MemorySegment b, long c, long d) {
            try {
                return (long) CALL.invokeExact(function, state, a, b, c, d);
            } catch (Throwable e) {
                throw unexpected(e);
            }
        }
    }

    /** The C library's words for its errors; looked up at the first error. */
    private static final class Errors {
        static final MethodHandle STRERROR = Linker.nativeLinker().downcallHandle(Libc.find("strerror"),
                FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
    }

    private NativeFile(Path path, int descriptor) {
        this.path = path;
        this.descriptor = descriptor;
    }

    /** Whether this system and the way the program was started allow it. */
    static boolean available() {
        return System.getProperty("os.name").toLowerCase(Locale.ROOT).equals("linux")
                && ValueLayout.ADDRESS.byteSize() == Long.BYTES && NativeFile.class.getModule().isNativeAccessEnabled();
    }

    /** Links the C library's functions, which takes long, before they are needed. */
    static void link() {
        Libc.call(Libc.FCNTL, STATES.get(), NO_FILE, F_GETFD, 0, 0);
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
            int descriptor = (int) Libc.call(Libc.OPEN, state, name.address(), flags, 0, 0);
            int error = state.get(ValueLayout.JAVA_INT, ERRNO);
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
        locked = setLock(shared ? F_RDLCK : F_WRLCK);
        return locked;
    }

    /** Returns false if another opener's lock forbids that. */
    private boolean setLock(short type) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            MemorySegment lock = arena.allocate(FLOCK_SIZE, Long.BYTES);
            lock.set(ValueLayout.JAVA_SHORT, 0, type);
            while ((int) Libc.call(Libc.FCNTL, state, descriptor, F_OFD_SETLK, lock.address(), 0) != 0) {
                int error = state.get(ValueLayout.JAVA_INT, ERRNO);
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

    /** Fills memory that is not on the heap; what lies behind the end of the file is an error. */
    void read(long position, MemorySegment target) throws IOException {
        enter();
        try {
            for (long done = 0; done < target.byteSize();) {
                long bytes = transfer("read", Libc.PREAD, position + done, done == 0 ? target : target.asSlice(done));
                if (bytes == 0) {
                    throw new IOException("the file has become shorter");
                }
                done += bytes;
            }
        } finally {
            leave();
        }
    }

    /** Writes memory that is not on the heap. */
    void write(long position, MemorySegment source) throws IOException {
        enter();
        try {
            for (long done = 0; done < source.byteSize();) {
                done += transfer("write", Libc.PWRITE, position + done, done == 0 ? source : source.asSlice(done));
            }
        } finally {
            leave();
        }
    }

    private long transfer(String name, MemorySegment function, long position, MemorySegment memory)
            throws IOException {
        MemorySegment state = STATES.get();
        while (true) {
            long bytes = Libc.call(function, state, descriptor, memory, memory.byteSize(), position);
            if (bytes >= 0) {
                return bytes;
            }
            failUnlessInterrupted(name, state);
        }
    }

    private void failUnlessInterrupted(String call, MemorySegment state) throws IOException {
        int error = state.get(ValueLayout.JAVA_INT, ERRNO);
        if (error != EINTR) {
            throw failed(call, error);
        }
    }

    /** Returns when everything written is durable. */
    void flush() throws IOException {
        enter();
        try {
            MemorySegment state = STATES.get();
            while ((int) Libc.call(Libc.FDATASYNC, state, descriptor, 0, 0, 0) != 0) {
                failUnlessInterrupted("fdatasync", state);
            }
        } finally {
            leave();
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
        enter();
        try {
            MemorySegment state = STATES.get();
            long found = Libc.call(Libc.LSEEK, state, descriptor, position, SEEK_DATA, 0);
            if (found >= 0) {
                return Math.min(found, size);
            }
            int error = state.get(ValueLayout.JAVA_INT, ERRNO);
            return switch (error) {
            case ENXIO -> size;
            case EINVAL, EOPNOTSUPP -> position; // a block device, or a file system that does not know
            default -> throw failed("lseek", error);
            };
        } finally {
            leave();
        }
    }

    /** Discards a range of a block device: what it holds is undefined then. False if this device cannot do that. */
    boolean discardBlocks(long position, long length) throws IOException {
        enter();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            long range = arena.allocateFrom(ValueLayout.JAVA_LONG, position, length).address();
            while ((int) Libc.call(Libc.IOCTL, state, descriptor, BLKDISCARD, range, 0) != 0) {
                int error = state.get(ValueLayout.JAVA_INT, ERRNO);
                switch (error) {
                case EINTR -> Thread.onSpinWait();
                case EOPNOTSUPP, ENOTTY -> {
                    return false;
                }
                default -> throw failed("BLKDISCARD", error);
                }
            }
            return true;
        } finally {
            leave();
        }
    }

    /** Has everything read from the medium again, but for what has been written and is not there yet. */
    void forgetCached() throws IOException {
        enter();
        try {
            int error = (int) Libc.call(Libc.FADVISE, STATES.get(), descriptor, 0, 0, POSIX_FADV_DONTNEED);
            if (error != 0) {
                throw failed("posix_fadvise", error);
            }
        } finally {
            leave();
        }
    }

    /**
     * Has the driver do something ({@code ioctl}).
     *
     * @param argument memory that is not on the heap
     * @return 0; or {@code ENXIO}, which many mean to say that there is no such thing
     */
    int control(int request, MemorySegment argument) throws IOException {
        enter();
        try {
            MemorySegment state = STATES.get();
            while ((int) Libc.call(Libc.IOCTL, state, descriptor, Integer.toUnsignedLong(request), argument.address(),
                    0) != 0) {
                int error = state.get(ValueLayout.JAVA_INT, ERRNO);
                switch (error) {
                case EINTR -> Thread.onSpinWait();
                case ENXIO -> {
                    return ENXIO;
                }
                default -> throw failed("ioctl", error);
                }
            }
            return 0;
        } finally {
            leave();
        }
    }

    private boolean fallocate(int mode, long position, long length) throws IOException {
        enter();
        try {
            MemorySegment state = STATES.get();
            while ((int) Libc.call(Libc.FALLOCATE, state, descriptor, mode, position, length) != 0) {
                int error = state.get(ValueLayout.JAVA_INT, ERRNO);
                switch (error) {
                case EINTR -> Thread.onSpinWait();
                case EOPNOTSUPP, ENOSYS, ENODEV -> {
                    return false;
                }
                default -> throw failed("fallocate", error);
                }
            }
            return true;
        } finally {
            leave();
        }
    }

    private void enter() throws IOException {
        if (users.getAndIncrement() < 0) {
            leave();
            throw new IOException("the file has been closed");
        }
    }

    private void leave() {
        users.decrementAndGet();
    }

    private static IOException failed(String call, int error) {
        return new IOException(call + ": " + text(error));
    }

    /** In the words of the C library, as channels have it. */
    private static String text(int error) {
        MemorySegment text;
        try {
            text = (MemorySegment) Errors.STRERROR.invokeExact(error);
        } catch (Throwable e) {
            throw unexpected(e);
        }
        return text.reinterpret(Long.MAX_VALUE).getString(0);
    }

    /** Whether a file system had no room, or the user's share of it is used up. Channels only tell in words. */
    static boolean isNoSpace(IOException e) {
        String message = String.valueOf(e.getMessage());
        return available()
                ? message.endsWith(text(ENOSPC)) || message.endsWith(text(EDQUOT))
                : message.endsWith("No space left on device");
    }

    /** C functions throw nothing: what a method handle declares can only be an error of the linking itself. */
    private static IllegalStateException unexpected(Throwable e) {
        switch (e) {
        case RuntimeException thrown -> throw thrown;
        case Error thrown -> throw thrown;
        default -> throw new IllegalStateException(e);
        }
    }

    /**
     * Waits for the calls under way. To be closed once. The lock is given back by itself: a process that another thread is
     * starting has the descriptor, and so the lock, until it begins its program.
     */
    @Override
    public void close() throws IOException {
        for (users.getAndAdd(CLOSED); users.get() != CLOSED;) {
            LockSupport.parkNanos(CLOSING_STEP_NANOS);
        }
        try {
            if (locked) {
                setLock(F_UNLCK);
            }
        } finally {
            closeDescriptor();
        }
    }

    private void closeDescriptor() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            if ((int) Libc.call(Libc.CLOSE, state, descriptor, 0, 0, 0) != 0) {
                throw new IOException("close of " + path + " failed");
            }
        }
    }
}
