package io.pdata.core.device;

import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * A file or a block special file.
 *
 * <p>Exclusion between openers, of any process, is by advisory lock: any number of {@link Access#READ_ONLY} ones, or one
 * {@link Access#READ_WRITE} one. {@link Access#READ_ONLY_UNLOCKED} takes no lock, for looking at a device that somebody
 * else is changing. A block device is, on Linux and with native access enabled, also claimed from the kernel: while it is
 * mounted or mapped, for example as the metadata of an active pool, it opens unlocked only. However
 * it is opened, what the page cache had of it before is not used.
 *
 * <p>Without native access, as {@code java} runs by default, the system's lock belongs to the process, and is lost when the
 * process closes any descriptor of the file. This class opens and closes all of its own so that this does not happen,
 * whatever name the file is opened by. A program that opens the file by other means - {@code Files.readAllBytes}, a file
 * channel, another library - and closes it ends the lock: other processes may then write. With native access
 * ({@code --enable-native-access=io.pdata.core}) the lock is this object's alone.
 *
 * <p>With native access each call is made by its caller, without a lock or an object of its own. Otherwise, and for
 * memory on the heap, it is channel I/O: an interrupt during that closes the channel, so only threads of the library's
 * own do it; other callers hand their request over and wait.
 */
public final class FileDevice implements Device {

    /** How a file is opened. */
    public enum Access {
        /** For reading; fails if somebody has it open for writing. */
        READ_ONLY,
        /** For reading, whoever else writes: what is read may be torn. */
        READ_ONLY_UNLOCKED,
        /** For reading and writing; fails if anybody else has it open with a lock. */
        READ_WRITE
    }

    private static final int IO_THREADS = 4;
    private static final FileAttribute<?> OWNER_ONLY = PosixFilePermissions
            .asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final int ZERO_CHUNK = 1 << 20;
    /** The type in the mode of a file, as Unix has it. */
    private static final int TYPE = 0170000;
    private static final int REGULAR_FILE = 0100000;
    private static final int BLOCK_DEVICE = 0060000;

    private final Path path;
    private final boolean readOnly;
    private final boolean regularFile;
    private final FileChannel channel;
    private final FileClaim claim;
    /** The same file without a channel; null if there is no native access. */
    private final NativeFile file;
    private final ExecutorService io;
    private volatile long size;
    private volatile boolean closed;

    private FileDevice(Path path, boolean readOnly, FileChannel channel, FileClaim claim) throws IOException {
        this.path = path;
        this.readOnly = readOnly;
        this.regularFile = Files.isRegularFile(path);
        this.channel = channel;
        this.claim = claim;
        this.file = claim.file();
        this.size = channel.size();
        ThreadPoolExecutor pool = new ThreadPoolExecutor(IO_THREADS, IO_THREADS, 2, TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(), EngineThread.factory("io"));
        pool.allowCoreThreadTimeOut(true);
        this.io = pool;
    }

    /**
     * Has a thread of its own make ready what opening a file will need, and returns at once: for a program that has
     * something else to do before. It is not needed, but on a machine with several processors the first file opens earlier.
     */
    public static void prepare() {
        if (NativeFile.available()) {
            EngineThread.factory("prepare").newThread(NativeFile::link).start();
        }
    }

    /**
     * Opens an existing file or block device.
     *
     * @throws DeviceBusyException if another opener excludes us
     * @throws DeviceException if it does not exist, is neither a file nor a block device, or may not be opened
     */
    public static FileDevice open(Path path, Access access) {
        return open(path, access, Set.of());
    }

    /**
     * Opens an existing file, but not through a symbolic link: for a file whose name is ours, where a link would lead to what
     * somebody else has chosen.
     *
     * @throws DeviceException also if it is a link
     */
    public static FileDevice openUnlinked(Path path, Access access) {
        requireNoLink(path);
        FileDevice device = open(path, access, Set.of(LinkOption.NOFOLLOW_LINKS));
        try {
            requireNoLink(path);
            return device;
        } catch (DeviceException e) {
            try (device) {
                throw e;
            }
        }
    }

    private static void requireNoLink(Path path) {
        if (Files.isSymbolicLink(path)) {
            throw new DeviceException(path + ": is a symbolic link, and must be a file");
        }
    }

    /**
     * Makes a new file of the given size and opens it for reading and writing.
     *
     * @throws DeviceException if the file exists already, or cannot be made
     */
    public static FileDevice create(Path path, long size) {
        return createWith(path, size);
    }

    /** As {@link #create}, a file that only this user can read and write, where the file system can tell users apart. */
    public static FileDevice createPrivate(Path path, long size) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? createWith(path, size, OWNER_ONLY)
                : createWith(path, size);
    }

    private static FileDevice createWith(Path path, long size, FileAttribute<?>... attributes) {
        FileDevice device = open(path, Access.READ_WRITE, Set.of(StandardOpenOption.CREATE_NEW), attributes);
        try {
            device.resize(size, false);
            return device;
        } catch (RuntimeException e) {
            afterFailure(e, device::close, () -> Files.delete(path));
            throw e;
        }
    }

    private static FileDevice open(Path path, Access access, Set<OpenOption> extra, FileAttribute<?>... attributes) {
        if (!extra.contains(StandardOpenOption.CREATE_NEW)) {
            requireFileOrBlockDevice(path);
        }
        try {
            return open(path, access, extra, FileClaim.begin(path, access, extra.isEmpty()), attributes);
        } catch (IOException | RuntimeException e) {
            throw e instanceof DeviceException d ? d : new DeviceException(reason(path, e), e);
        }
    }

    private static FileDevice open(Path path, Access access, Set<OpenOption> extra, FileClaim claim,
            FileAttribute<?>... attributes) throws IOException {
        FileChannel channel = null;
        try {
            channel = FileChannel.open(path, options(access, extra), attributes);
            claim.complete(channel);
            return new FileDevice(path, access != Access.READ_WRITE, channel, claim);
        } catch (IOException | RuntimeException e) {
            try {
                claim.close(channel);
            } catch (IOException suppressed) {
                e.addSuppressed(suppressed);
            }
            throw e;
        }
    }

    private static Set<OpenOption> options(Access access, Set<OpenOption> extra) {
        Set<OpenOption> options = new HashSet<>(extra);
        options.add(StandardOpenOption.READ);
        if (access == Access.READ_WRITE) {
            options.add(StandardOpenOption.WRITE);
        }
        return options;
    }

    /** Of anything else to open it is not safe: a named pipe waits for a writer, a device may do anything. */
    private static void requireFileOrBlockDevice(Path path) {
        try {
            int type = (Integer) Files.getAttribute(path, "unix:mode") & TYPE;
            if (type != REGULAR_FILE && type != BLOCK_DEVICE) {
                throw new DeviceException(path + ": not a block device or regular file");
            }
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
            return; // it does not exist, or there is no such notion here: opening it says what is wrong, if anything
        }
    }

    private static String reason(Path path, Exception e) {
        return switch (e) {
        case NoSuchFileException _ -> path + ": no such file";
        case FileAlreadyExistsException _ -> path + ": exists already";
        case AccessDeniedException _ -> path + ": permission denied";
        default -> path + ": cannot be opened: " + e.getMessage();
        };
    }

    private static void afterFailure(RuntimeException failure, Closeable... steps) {
        for (Closeable step : steps) {
            try {
                step.close();
            } catch (IOException | RuntimeException e) {
                failure.addSuppressed(e);
            }
        }
    }

    @Override
    public String name() {
        return path.toString();
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public boolean readOnly() {
        return readOnly;
    }

    @Override
    public void read(long position, MemorySegment target) {
        Objects.checkFromIndexSize(position, target.byteSize(), size);
        if (file == null || !target.isNative()) {
            readChannel(position, target.asByteBuffer());
            return;
        }
        try {
            file.read(position, target);
        } catch (IOException e) {
            throw failed("read", position, e);
        }
    }

    private void readChannel(long position, ByteBuffer buffer) {
        onEngineThread("read", position, () -> {
            for (long at = position; buffer.hasRemaining();) {
                int n = channel.read(buffer, at);
                if (n < 0) {
                    throw new IOException("the file has become shorter than " + size + " bytes");
                }
                at += n;
            }
        });
    }

    @Override
    public void write(long position, MemorySegment source) {
        checkWritable();
        Objects.checkFromIndexSize(position, source.byteSize(), size);
        if (file == null || !source.isNative()) {
            writeChannel(position, source.asByteBuffer());
            return;
        }
        try {
            file.write(position, source);
        } catch (IOException e) {
            throw failed("write", position, e);
        }
    }

    private void writeChannel(long position, ByteBuffer buffer) {
        onEngineThread("write", position, () -> writeFully(position, buffer));
    }

    @Override
    public void flush() {
        if (readOnly) {
            return;
        }
        if (file == null) {
            onEngineThread("flush", 0, () -> channel.force(false));
            return;
        }
        try {
            file.flush();
        } catch (IOException e) {
            throw failed("flush", 0, e);
        }
    }

    /** Gives storage back if that can be done; otherwise does nothing. */
    @Override
    public void discard(long position, long length) {
        tryDiscard(position, length);
    }

    /**
     * As {@link #discard}: punches a hole into a file, discards blocks of a block device.
     *
     * @return whether that could be done: if {@link NativeFile} is to be had, and the medium supports it
     */
    public boolean tryDiscard(long position, long length) {
        checkWritable();
        Objects.checkFromIndexSize(position, length, size);
        boolean[] done = new boolean[1];
        onEngineThread("discard", position, () -> done[0] = regularFile
                ? punch(position, length)
                : length == 0 || file != null && file.discardBlocks(position, length));
        return done[0];
    }

    /**
     * Whether {@link #discard} gives storage back, as far as can be told without doing it: whether the file system can make
     * holes in files. A block device is believed to be able to.
     */
    public boolean canDiscard() {
        if (!regularFile || readOnly) {
            return file != null && !readOnly;
        }
        boolean[] can = new boolean[1];
        onEngineThread("discard", size, () -> can[0] = punch(size, ZERO_CHUNK)); // beyond the end: there is nothing to lose
        return can[0];
    }

    @Override
    public void zero(long position, long length) {
        checkWritable();
        Objects.checkFromIndexSize(position, length, size);
        onEngineThread("zero", position, () -> {
            if (!punch(position, length)) {
                writeZeroes(position, length);
            }
        });
    }

    /**
     * As {@link #zero}, unless zeroes would have to be written: makes a hole in a file, leaves it to a block device that can
     * do it by itself.
     *
     * @return whether that could be done
     */
    public boolean tryZero(long position, long length) {
        checkWritable();
        Objects.checkFromIndexSize(position, length, size);
        boolean[] done = new boolean[1];
        onEngineThread("zero", position, () -> done[0] = punch(position, length));
        return done[0];
    }

    @Override
    public void resize(long newSize, boolean reserve) {
        checkWritable();
        if (!regularFile) {
            throw new DeviceException(path + ": the size of a block device cannot be changed");
        }
        onEngineThread("resize", newSize, () -> {
            if (newSize < size) {
                channel.truncate(newSize);
            } else if (newSize > size) {
                grow(newSize, reserve);
            }
        });
        size = newSize;
    }

    /** What has grown by a part only shrinks again, so that a full file system has the room back. */
    private void grow(long newSize, boolean reserve) throws IOException {
        try {
            if (!reserve) {
                writeFully(newSize - 1, ByteBuffer.allocate(1));
            } else if (file == null || !file.reserve(size, newSize - size)) {
                writeZeroes(size, newSize - size);
            }
        } catch (IOException e) {
            try {
                channel.truncate(size);
            } catch (IOException suppressed) {
                e.addSuppressed(suppressed);
            }
            throw e;
        }
    }

    @Override
    public long nextData(long position) {
        Objects.checkIndex(position, size + 1);
        if (file == null || position == size) {
            return position;
        }
        try {
            return file.nextData(position, size);
        } catch (IOException e) {
            throw failed("looking for data", position, e);
        }
    }

    @Override
    public long storageLeft() {
        if (!regularFile) {
            return Long.MAX_VALUE;
        }
        try {
            return Files.getFileStore(path).getUsableSpace();
        } catch (IOException e) {
            throw failed("looking for room", 0, e);
        }
    }

    private boolean punch(long position, long length) throws IOException {
        return length == 0 || file != null && file.punch(position, length);
    }

    @Override
    public long refresh() {
        onEngineThread("size", 0, () -> size = channel.size());
        return size;
    }

    @Override
    public void perform(Runnable work) {
        if (file == null) {
            onEngineThread("use", 0, work::run);
        } else {
            work.run();
        }
    }

    @Override
    public void close() {
        if (!io.isShutdown()) {
            io.close(); // waits for what is under way
        }
        closed = true;
        try {
            claim.close(channel);
        } catch (IOException e) {
            throw new DeviceException(path + ": close failed: " + e.getMessage(), e);
        }
    }

    private void checkWritable() {
        if (readOnly) {
            throw new ReadOnlyException(path + " is open for reading only");
        }
    }

    private void writeFully(long position, ByteBuffer buffer) throws IOException {
        for (long at = position; buffer.hasRemaining();) {
            at += channel.write(buffer, at);
        }
    }

    private void writeZeroes(long position, long length) throws IOException {
        ByteBuffer zeroes = ByteBuffer.allocateDirect((int) Math.min(ZERO_CHUNK, Math.max(length, 1)));
        for (long done = 0; done < length; done += zeroes.limit()) {
            zeroes.clear().limit((int) Math.min(zeroes.capacity(), length - done));
            writeFully(position + done, zeroes);
        }
    }

    private interface Io {
        void run() throws IOException;
    }

    private void onEngineThread(String operation, long position, Io work) {
        try {
            if (closed) {
                throw new DeviceException(path + " is closed");
            }
            if (Thread.currentThread() instanceof EngineThread) {
                work.run();
            } else {
                await(io.submit(() -> {
                    work.run();
                    return null;
                }));
            }
        } catch (RejectedExecutionException e) {
            throw new DeviceException(path + " is closed", e);
        } catch (IOException e) {
            throw failed(operation, position, e);
        }
    }

    private DeviceException failed(String operation, long position, IOException e) {
        String message = path + ": " + operation + " at byte " + position + " failed: " + e.getMessage();
        return NativeFile.isNoSpace(e) ? new DeviceFullException(message, e) : new DeviceException(message, e);
    }

    /** Waits without giving way to interrupts: giving up would leave the caller's buffer in use by the I/O thread. */
    private static void await(Future<?> future) throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    future.get();
                    return;
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    switch (e.getCause()) {
                    case IOException failed -> throw failed;
                    case RuntimeException failed -> throw failed;
                    case Throwable failed -> throw new IllegalStateException(failed);
                    }
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
